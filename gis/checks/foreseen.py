"""What a suggestion would do to compounds, told before it is taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gis.checks.cover import compound_parted
from gis.plans.advice import Advice
from gis.plans.draft import Draft
from gis.plans.tables import PlanGrid


def compounds(draft: Draft, made: Advice) -> tuple[int, int]:
    """Return how many compounds a suggestion would newly divide (W6), and how many it would make whole."""
    before, after = _divided(draft), _divided(previewed(draft, made))
    return len(after - before), len(before - after)


def previewed(draft: Draft, made: Advice) -> Draft:
    """Return a draft as it would be with a suggestion; the grids that this begins have their negative numbers."""
    begun = [
        PlanGrid(id=each["id"], village_code=each["village"], name="", kind="general", locked=False, retired=False)
        for each in made.grids if each["id"] < 0
    ]  # fmt: skip
    grids, of = [*draft.grids, *begun], draft.of.copy()
    place = {grid.id: at for at, grid in enumerate(grids)}
    of[draft.ground.index(np.array(made.cells, np.int64))] = [-1 if to is None else place[to] for to in made.after]
    return replace(draft, grids=grids, of=of)


def _divided(draft: Draft) -> set[tuple[int, str]]:
    """Return village and name of the compounds in several grids."""
    village, index = draft.ground.village, draft.ground.index
    return {(int(village[index(each.cells[0])]), each.params["name"]) for each in compound_parted(draft, None)}
