"""Suggestions as the editor's scripts read them: what would change, with its figures, and its price."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gis.checks import foreseen
from gis.errors import Invalid
from gis.plans import advice
from gis.plans.advice import Advice, Unfit
from gis.plans.draft import Draft
from gis.words import N_
from webapp.language import gettext, ngettext


@dataclass(frozen=True)
class Wanted:
    """The grid that is to be split or merged, if any, and the seed."""

    grid: int | None
    seed: int


def answer(found: Draft, village: str, kind: str, wanted: Wanted) -> dict[str, Any]:
    """Return the suggestions of a kind, the best first."""
    if kind not in KINDS:
        raise Invalid(N_("There is no suggestion of the kind “%(kind)s”."), kind=kind)
    left = advice.left_out(found, village, wanted.grid if kind in GRID_KINDS else None)
    return {**KINDS[kind](found, village, wanted), "left": {"cells": left.cells, "told": left.told(gettext)}}


def new(found: Draft, village: str, wanted: Wanted) -> dict[str, Any]:
    """Return new plans of a village."""
    return listed(found, advice.new_plan(found, village, seed=wanted.seed))


def rebalance(found: Draft, village: str, wanted: Wanted) -> dict[str, Any]:
    """Return the least change, beside the price of a new plan."""
    least, naive = advice.least_change(found, village, seed=wanted.seed)
    cells = int(advice.within(found, village).sum())
    price = {"moved": naive, "of": cells} if naive else None
    made = {**told(found, least), "title": gettext(N_("Least change"))}
    return {"suggestions": [made] if least.cells else [], "infeasible": unfit(least.unfit), "naive": price,
            "misfits": [asdict(each) for each in least.misfits]}  # fmt: skip


def split(found: Draft, _village: str, wanted: Wanted) -> dict[str, Any]:
    """Return ways to split a grid."""
    return listed(found, advice.split(found, chosen(wanted), seed=wanted.seed))


def merge(found: Draft, _village: str, wanted: Wanted) -> dict[str, Any]:
    """Return the neighbours that a grid can be merged with."""
    names = {grid.id: grid.name for grid in found.grids}
    made = advice.merge(found, chosen(wanted))
    return {"suggestions": [{**told(found, each), "title": names[each.with_grid or 0]} for each in made]}


def chosen(wanted: Wanted) -> int:
    """Return the grid that was named."""
    if wanted.grid is None:
        raise Invalid(N_("Choose a grid first."))
    return wanted.grid


def listed(found: Draft, made: list[Advice]) -> dict[str, Any]:
    """Return suggestions, with what the best of them leaves out of range."""
    return {"suggestions": [told(found, each) for each in made], "infeasible": unfit(made[0].unfit) if made else []}


def told(found: Draft, made: Advice) -> dict[str, Any]:
    """Return one suggestion: the cells that change, the grids it begins and ends, and its figures."""
    moved = found.ground.index(made.cells)
    return {
        "cells": list(made.cells),
        "after": list(made.after),
        "grids": [dict(each) for each in made.grids],
        "households": int(found.ground.households[moved].sum()),
        "count": made.count,
        "in_range": made.in_range,
        "along": None if made.along_barriers is None else round(made.along_barriers, 3),
        "compactness": None if made.compactness is None else round(made.compactness, 3),
        "note": noted(found, made),
    }


def noted(found: Draft, made: Advice) -> str:
    """Return what a suggestion does to compounds, empty where it is nothing."""
    divided, whole = foreseen.compounds(found, made)
    told = ngettext("▲ divides %(num)s compound", "▲ divides %(num)s compounds", divided) if divided else ""
    mended = ngettext("makes %(num)s compound whole", "makes %(num)s compounds whole", whole) if whole else ""
    return " · ".join(filter(None, (told, mended)))


def unfit(found: list[Unfit]) -> list[dict[str, Any]]:
    """Return what no division brings into the targets, and why."""
    return [{"cells": each.cells, "households": each.households, "reason": gettext(each.reason)} for each in found]


GRID_KINDS = ("split", "merge")
KINDS = {"new": new, "rebalance": rebalance, "split": split, "merge": merge}
