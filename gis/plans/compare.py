"""Two drafts side by side, or a draft and what is in force: which cells differ, and what each grid adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gis.errors import Invalid
from gis.plans import standing
from gis.plans.draft import Draft, Totals, draft, positions, totals
from gis.plans.labels import NEW, labels
from gis.plans.tables import PlanGrid
from gis.viewer import Viewer
from gis.words import N_

Key = tuple[int, str, str, int]


@dataclass(frozen=True)
class Pair:
    """A grid on both sides, by its name on the second, else on the first; None where it is not there.

    `code` is that in force, new-1 and so on for a grid that the plan began, "new" for one that does not keep its code.
    """

    code: str
    name: str
    grid_id: int | None
    before: Totals | None
    after: Totals | None

    @property
    def differs(self) -> bool:
        """Whether the grid is on one side only, or adds up to something else."""
        if self.before is None or self.after is None:
            return True
        return replace(self.before, grid=0, workers=0) != replace(self.after, grid=0, workers=0)


@dataclass(frozen=True)
class Comparison:
    """What differs: cell ids with their pair before and after (places in `pairs`, -1 for no grid), and the sums moved.

    A cell that only one side has is not compared.
    """

    cells: list[int]
    before: list[int]
    after: list[int]
    pairs: list[Pair]
    households: int
    residents: int
    buildings: int


def in_force(session: Session, viewer: Viewer, like: Draft) -> Draft:
    """Return what is in force on the viewer's day over the cells of a draft; its grids bear the ids of `grids`.

    Of a plan that was published it is what was in force on the day before where it redrew lines, and its own elsewhere.
    """
    viewer.require("plan.view")
    past, day, ground = like.plan.eve is not None, like.plan.eve or viewer.day, like.ground
    alone = sorted(set(ground.villages) - like.plan.redrawn) if past else []
    redrawn = [each for each in ground.villages if each not in alone]
    sides = standing.grids(redrawn, day), standing.grids(alone, like.plan.first_day or day)
    rows = sorted(chain.from_iterable(map(session.execute, sides)), key=lambda row: row.id)
    grids = [
        PlanGrid(id=row.id, grid_id=row.id, village_code=row.village_code, name=row.name, kind=row.kind, locked=False,
                 retired=False)
        for row in rows
    ]  # fmt: skip
    held = standing.of_cells(session, ground, day, past=past)
    own = np.array([*(grid.grid_id or -1 for grid in like.grids), -1])[like.of]
    held = np.where(np.isin(np.array(ground.villages)[ground.village], alone), own, held)
    of = positions([row.id for row in rows], held)
    codes = {row.id: row.code for row in rows}
    none = np.zeros(0, np.int32)
    return replace(like, grids=grids, of=of, locked=np.zeros(len(of), bool), codes=codes, fresh=none, gone=[])


def against_force(session: Session, viewer: Viewer, plan_id: int) -> Comparison:
    """Compare what is in force, or was until a plan was published (before), with the plan (after)."""
    drawn = draft(session, viewer, plan_id)
    return compare(in_force(session, viewer, drawn), drawn)


def between(session: Session, viewer: Viewer, plan_id: int, other_id: int) -> Comparison:
    """Compare a plan (before) with another one (after); raises Invalid when they have no village in common."""
    one, two = draft(session, viewer, plan_id), draft(session, viewer, other_id)
    if not one.plan.fabrics.keys() & two.plan.fabrics.keys():
        raise Invalid(N_("The two plans have no village in common; there is nothing to compare."))
    return compare(one, two)


def compare(one: Draft, two: Draft) -> Comparison:
    """Return where two drafts differ; a grid is the same when it stays the one in force, else by village and name."""
    keys = dict.fromkeys([*_keys(one), *_keys(two)])
    place = {key: at for at, key in enumerate(keys)}
    ids, at_one, at_two = np.intersect1d(one.ground.ids, two.ground.ids, return_indices=True)
    before, after = _labels(one, place)[one.of[at_one]], _labels(two, place)[two.of[at_two]]
    moved = np.flatnonzero(before != after)
    ground, cells = two.ground, at_two[moved]
    sums = (ground.households, ground.residents, ground.buildings)
    return Comparison(
        ids[moved].tolist(), before[moved].tolist(), after[moved].tolist(), _pairs(one, two, place),
        *(int(values[cells].sum()) for values in sums),
    )  # fmt: skip


def _keys(side: Draft) -> Iterator[Key]:
    """Yield what a grid is told by on both sides; new ones of the same name are told apart by their order."""
    seen: Counter[tuple[str, str]] = Counter()
    stays = side.draws.keeps | ~side.draws.drawn
    for grid, stay in zip(side.grids, stays, strict=True):
        number = grid.published_id or (grid.grid_id if stay else None)
        if number is not None:
            yield number, "", "", 0
        else:
            seen[grid.village_code, grid.name] += 1
            yield -1, grid.village_code, grid.name, seen[grid.village_code, grid.name]


def _labels(side: Draft, place: dict[Key, int]) -> NDArray[np.int64]:
    return np.array([*(place[key] for key in _keys(side)), -1], np.int64)


def _pairs(one: Draft, two: Draft, place: dict[Key, int]) -> list[Pair]:
    sums = [dict(zip(_keys(side), totals(side), strict=True)) for side in (one, two)]
    named = {
        key: (label if key[0] >= 0 or label.startswith(NEW) else NEW.rstrip("-"), grid.name)
        for side in (one, two)
        for key, label, grid in zip(_keys(side), labels(side), side.grids, strict=True)
    }
    return [Pair(*named[key], None if key[0] < 0 else key[0], sums[0].get(key), sums[1].get(key)) for key in place]
