"""What the grids of a plan are called in files, and one number that tells whether two assignments are the same."""

from __future__ import annotations

import hashlib

from gis.plans.draft import Draft

NEW = "new-"
"""A grid that is not in force yet is called new-1, new-2 … in files, in the order in which the plan made them."""


def labels(draft: Draft) -> list[str]:
    """Return a label for each grid of a draft: its code in force, or new-1 and so on."""
    fresh = [grid.id for grid in draft.grids if grid.id not in draft.codes]
    return [draft.codes.get(grid.id) or f"{NEW}{fresh.index(grid.id) + 1}" for grid in draft.grids]


def digest(draft: Draft) -> str:
    """Return the hash of an assignment: equal for two drafts that give every cell to the same grid.

    New grids have no code yet, so they count by the first of their cells, whatever their names and numbers.
    """
    order = sorted(range(len(draft.of)), key=lambda at: _cell(draft, at))
    fresh: dict[int, int] = {}
    lines = []
    for at in order:
        number = int(draft.of[at])
        if number < 0:
            label = ""
        else:
            label = draft.codes.get(draft.grids[number].id) or f"+{fresh.setdefault(number, len(fresh) + 1)}"
        lines.append("\t".join((*_cell(draft, at), label)))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _cell(draft: Draft, at: int) -> tuple[str, str]:
    ground = draft.ground
    return ground.villages[int(ground.village[at])], ground.codes[at]
