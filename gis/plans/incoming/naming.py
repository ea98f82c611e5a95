"""Which grid each drawn outline is: by its code, by its name, else by the ground that it shares with one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.plans.draft import Draft
from gis.plans.incoming.mended import Drawn
from gis.plans.incoming.proposal import Remark, refused
from gis.plans.labels import labels
from gis.plans.suggested import free_names, taken_over
from gis.words import N_

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Named:
    """Label, name and village of each grid, the grid of each cell, how lists call each outline, and what to say."""

    names: list[tuple[str, str, str]]
    to: NDArray[np.int32]
    told: list[str]
    remarks: list[Remark]


def named(draft: Draft, drawn: Drawn, to: NDArray[np.int32]) -> Named:
    """Return the grids that outlines are; an outline that reaches into another village is a grid of its own there.

    A grid of the plan takes the name that the file has for it. A village without any cell in `to` stays as it is.
    """
    pairs, at = np.unique(np.stack([to, draft.ground.village], axis=1)[to >= 0], axis=0, return_inverse=True)
    found: Pairs = [(outline, village) for outline, village in pairs.tolist()]
    placed = np.where(np.isin(draft.ground.village, pairs[:, 1]), -1, -2).astype(np.int32)
    placed[to >= 0] = at.ravel()
    known = _known(draft, drawn, found, placed)
    codes = labels(draft)
    names = _names(draft, drawn, found, known, codes)
    said = zip(drawn.labels, drawn.names, drawn.rows, strict=True)
    told = [name or label or f"{row + 1}" for label, name, row in said]
    for number, (outline, _village) in enumerate(found):
        if number in known or not drawn.labels[outline]:
            told[outline] = names[number][0 if number in known else 1]
    remarks = [*_refused(draft, drawn, found, names), *_matched(drawn), *_staying(draft, placed)]
    stays = {village for at, village in enumerate(draft.ground.villages) if at not in pairs[:, 1]}
    names += [(code, grid.name, grid.village_code) for code, grid in zip(codes, draft.grids, strict=True)
              if grid.village_code in stays]  # fmt: skip
    return Named(names, placed, told, remarks)


def _known(draft: Draft, drawn: Drawn, found: Pairs, placed: NDArray[np.int32]) -> dict[int, int]:
    """Return which grid of the plan (its place) each outline in a village is, none for a new one."""
    own: dict[tuple[str, str], int] = {}
    for at, (label, grid) in enumerate(zip(labels(draft), draft.grids, strict=True)):
        own[grid.village_code, label] = own[grid.village_code, grid.name] = at
    said: dict[int, int] = {}
    for number, (outline, at) in enumerate(found):
        village = draft.ground.villages[at]
        place = own.get((village, drawn.labels[outline]), own.get((village, drawn.names[outline])))
        if place is not None:
            said[number] = place
    bare = [number for number, (outline, _village) in enumerate(found) if not drawn.labels[outline]]
    return taken_over(draft, np.where(np.isin(placed, bare), placed, -1), said)


def _names(
    draft: Draft, drawn: Drawn, found: Pairs, known: dict[int, int], codes: list[str]
) -> list[tuple[str, str, str]]:
    free, names = free_names(draft), []
    for number, (outline, at) in enumerate(found):
        village, label, name = draft.ground.villages[at], drawn.labels[outline], drawn.names[outline]
        if number in known:
            grid = known[number]
            names.append((codes[grid], name or draft.grids[grid].name, village))
        elif label:
            names.append((f"{village}/{label}", name or label, village))
        else:
            new = next(each for each in free[village] if each not in drawn.names)
            names.append((f"{village}:{drawn.rows[outline]}", new, village))
    return names


def _refused(draft: Draft, drawn: Drawn, found: Pairs, names: list[tuple[str, str, str]]) -> list[Remark]:
    """Return a remark for each outline with a name that no grid can have, and that none in the plan has."""
    there = {grid.name for grid in draft.grids}
    new = {outline: name for (outline, _village), (_label, name, _code) in zip(found, names, strict=True)
           if name not in there}  # fmt: skip
    return [remark for outline, name in new.items() for remark in refused(name, drawn.rows[outline] + 1)]


def _matched(drawn: Drawn) -> list[Remark]:
    bare = sum(not label for label in drawn.labels)
    message = N_("%(n)s outlines have neither code nor name; each is the grid that it shares most homes with.")
    remedy = N_("Look at the map. A column “grid” or “name” in the file says which grid is which.")
    return [Remark("note", message, remedy, params={"n": bare})] if bare else []


def _staying(draft: Draft, placed: NDArray[np.int32]) -> list[Remark]:
    left = len(np.unique(draft.ground.village[placed == -2]))
    message = N_("%(n)s villages have no outline in the file; they stay as they are.")
    return [Remark("note", message, params={"n": left})] if 0 < left < len(draft.ground.villages) else []
