"""The lines of the account: grids, buildings, cases, loads and organisations, before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.plans.change import Change
from gis.plans.impact.account import (
    BuildingLine,
    CaseLine,
    GridLine,
    LoadLine,
    OrganisationLine,
)
from gis.plans.impact.figures import Figures
from gis.plans.impact.ground import Case, Holdings

LOADED = ("link_cadre", "grid_leader", "grid_worker")
"""Roles whose load is told."""


class Sides:
    """Every grid by two names: its code in force, and the code that the ground has afterwards.

    `visited` are the visited households that move: grid in force, the plan's grid, how many.
    """

    def __init__(
        self, made: Change, held: Holdings, moved: NDArray[np.bool_], visited: Iterable[Sequence[Any]]
    ) -> None:
        self.made, self.held, self.moved = made, held, moved
        self.at = {grid.id: at for at, grid in enumerate(made.grids)}
        fresh = set(made.draws.opened.tolist())
        origins = [made.source(at) if at in fresh else made.stays(at) for at in range(len(made.grids))]
        self.origin = [None if each is None else each.id for each in origins]
        self.open_before: dict[int | None, int] = defaultdict(int)
        self.open_after: dict[int, int] = defaultdict(int)
        for case in held.cases:
            self.open_before[case.grid_id] += 1
            if (to := self.goes(case)) is not None:
                self.open_after[to] += 1
        for at, own in enumerate(map(made.rests, range(len(made.grids)))):
            if own:
                self.open_after[at] = self.open_before[own.id]
        self.left: dict[int, int] = defaultdict(int)
        self.came: dict[int, int] = defaultdict(int)
        for grid, number, households in visited:
            self.left[grid] += households
            self.came[self.at[number]] += households

    def goes(self, row: Any) -> int | None:
        """Return the position of the plan's grid that a row goes to by its place, None where it stays as it is."""
        at = self.at.get(row.plan_grid_id)
        return None if at is None or self.made.rests(at) else at

    def code(self, grid_id: int | None) -> str | None:
        """Return the code of a grid in force."""
        return None if grid_id not in self.made.former else self.made.former[grid_id].code

    @cached_property
    def drawn(self) -> list[int]:
        """The positions of the plan's grids that have ground, by their code."""
        return sorted(np.flatnonzero(self.made.draws.drawn).tolist(), key=lambda at: self.made.codes[at] or "")

    def followers(self, grid_id: int | None) -> list[str]:
        """Return the codes that take over the duties of a grid in force."""
        return [self.made.codes[at] or "" for at in self.drawn if self.origin[at] == grid_id]


def grids(sides: Sides) -> list[GridLine]:
    """Return a line for each grid of the plan that has ground, and for each one that ends."""
    made = sides.made
    lines = [_drawn(sides, at) for at in sides.drawn]
    for number in made.draws.retired.tolist():
        former = made.former[int(made.draws.former[number])]
        figures = before(sides, former.id)
        lines.append(GridLine("retired", former.id, None, former.code, former.name, former.name, None, figures, None))
    return lines


def _stays(sides: Sides, at: int) -> str:
    """Return what becomes of a grid that stays: its ground may be another, or its name, or only how its line runs."""
    made, own = sides.made, sides.made.grids[at]
    if not made.changed[at]:
        return "same"
    if ((made.land.of == at) != (made.before == (own.grid_id or -1))).any():
        return "redrawn"
    before = made.former[own.grid_id or -1]
    if before.kind != own.kind:
        return "rededicated"
    return "renamed" if before.name != own.name else "fitted"


def _drawn(sides: Sides, at: int) -> GridLine:
    made, grid = sides.made, sides.made.grids[at]
    own, source = made.stays(at), made.source(at)
    kept = bool(made.draws.keeps[at])
    fate = _stays(sides, at) if kept else ("new" if own is None else "revived")
    return GridLine(
        fate, None if own is None else own.id, grid.id, made.codes[at] or "", grid.name,
        None if own is None else own.name,
        None if kept or source is None else source.code, before(sides, own.id) if kept and own else None,
        after(sides, at),
    )  # fmt: skip


def before(sides: Sides, grid_id: int) -> Figures:
    """Return what a grid in force has."""
    former, row = sides.made.former[grid_id], sides.held.before.get(grid_id)
    households, residents, built = former.counts
    return Figures(
        households, residents, built, area_m2=_round(former.area_m2),
        households_listed=(row and row.households_listed) or 0, visited=row.visited if row else 0,
        open_cases=sides.open_before[grid_id], volunteers=row.volunteers if row else 0,
        service_points=row.service_points if row else 0, **_posts(sides, grid_id),
    )  # fmt: skip


def after(sides: Sides, at: int) -> Figures:
    """Return what a grid of the plan will have."""
    made, held = sides.made, sides.held
    if rests := made.rests(at):
        return before(sides, rests.id)
    number, own = made.grids[at].id, made.stays(at) if made.draws.keeps[at] else None
    stay = 0 if own is None else before(sides, own.id).visited - sides.left[own.id]
    households, residents, built = made.counts[at].tolist()
    return Figures(
        households, residents, built, area_m2=_round(made.draws.area[:, at].sum()),
        households_listed=int(made.draws.households[:, at].sum()), visited=stay + sides.came[at],
        open_cases=sides.open_after[at], volunteers=held.volunteers.get(number, 0),
        service_points=held.points.get(number, 0), **_posts(sides, sides.origin[at]),
    )  # fmt: skip


def _posts(sides: Sides, grid_id: int | None) -> dict[str, int]:
    held = sides.held
    return {
        "full_time_workers": held.heads(grid_id, "grid_worker", "full_time"),
        "link_cadres": held.heads(grid_id, "link_cadre"),
        "branch_cover": held.cover(grid_id),
    }


def moved(made: Change) -> NDArray[np.bool_]:
    """Return which cells go to a grid that is another one than theirs in force."""
    stays = [made.stays(at) for at in range(len(made.grids))]
    identity = np.array([-1 - at if own is None else own.id for at, own in enumerate(stays)] + [-1], np.int64)
    gone: NDArray[np.bool_] = identity[made.land.of] != made.before
    return gone & (made.land.of >= 0)


def buildings(sides: Sides, rows: dict[int, Any]) -> list[BuildingLine]:
    """Return a line for each moved cell of a building; `rows` are code, address and units by cell."""
    made, land = sides.made, sides.made.land
    lines = []
    for at in np.flatnonzero(sides.moved & (land.building_ids >= 0)).tolist():
        row = rows[int(land.ids[at])]
        lines.append(
            BuildingLine(
                int(land.building_ids[at]), int(land.ids[at]), row.code, row.address or row.name, row.units,
                int(land.households[at]), int(land.residents[at]), sides.code(int(made.before[at])),
                made.codes[made.land.of[at]],
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line.from_code or "", line.to_code or "", line.code or ""))


def in_short(sides: Sides) -> dict[str, list[Any]]:
    """Return the moved cells of buildings as columns; `from` and `to` point into `codes`."""
    made, land = sides.made, sides.made.land
    gone = np.flatnonzero(sides.moved & (land.building_ids >= 0))
    codes = sorted({*(each.code for each in made.former.values()), *(code for code in made.codes if code)})
    at = {code: number for number, code in enumerate(codes)}
    old = [-1 if grid not in made.former else at[made.former[grid].code] for grid in made.before[gone].tolist()]
    new = [at[made.codes[grid] or ""] for grid in land.of[gone].tolist()]
    ids, cells = land.building_ids[gone].tolist(), land.ids[gone].tolist()
    return {"codes": codes, "cells": cells, "ids": ids, "from": old, "to": new}


def cases(sides: Sides) -> list[CaseLine]:
    """Return a line for each pair of grids that open cases go between."""
    made = sides.made
    pairs: dict[tuple[str | None, str | None], list[Case]] = defaultdict(list)
    for case in sides.held.cases:
        at = sides.goes(case)
        if at is None:
            continue
        own = made.stays(at)
        if own is None or own.id != case.grid_id:
            pairs[sides.code(case.grid_id), made.codes[at]].append(case)
    ordered = sorted(pairs.items(), key=lambda pair: (pair[0][0] or "", pair[0][1] or ""))
    return [CaseLine(*ends, len(found), sorted(c.number for c in found if c.number)) for ends, found in ordered]


def load(sides: Sides) -> list[LoadLine]:
    """Return a line for everyone on duty in the grids: a bare headcount is told by its grid."""
    made, held = sides.made, sides.held
    had: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    gets: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for grid, duties in held.duties.items():
        for duty in duties:
            if duty.role in LOADED and grid in made.former:
                alone = None if duty.staff_id or duty.team_id else grid
                who = (LOADED.index(duty.role), duty.holder or "", duty.staff_id, duty.team_id, alone)
                had[who].append(grid)
                gets[who] += [at for at in sides.drawn if sides.origin[at] == grid]
    lines = [_load(sides, who, sorted(set(had[who])), sorted(set(gets[who]))) for who in sorted(had, key=repr)]
    return sorted(lines, key=lambda line: (LOADED.index(line.role), line.grids_before))


def _load(sides: Sides, who: tuple[Any, ...], grids: list[int], drawn: list[int]) -> LoadLine:
    made = sides.made
    return LoadLine(
        LOADED[who[0]], who[1] or None,
        [made.former[grid].code for grid in grids], sorted(made.codes[at] or "" for at in drawn),
        sum(made.former[grid].counts[0] for grid in grids), int(made.counts[drawn, 0].sum()),
        sum(sides.open_before[grid] for grid in grids), sum(sides.open_after[at] for at in drawn),
    )  # fmt: skip


def organisations(sides: Sides) -> list[OrganisationLine]:
    """Return a line for each branch, group, contact household and squad whose grids change or are redrawn."""
    made, held = sides.made, sides.held
    covered: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for link in held.covers:
        covered[link.id, link.kind, link.name].append(link.grid_id)
    for grid, duties in held.duties.items():
        for duty in duties:
            if duty.team_id:
                covered[duty.team_id, "team", duty.holder].append(grid)
    redrawn = {made.grids[at].grid_id for at in np.flatnonzero(made.changed)}
    lines = []
    for (_number, kind, name), grids_ in covered.items():
        old = sorted({sides.code(grid) or "" for grid in grids_ if grid in made.former})
        new = sorted({code for grid in grids_ for code in sides.followers(grid)})
        if old and (old != new or redrawn.intersection(grids_)):
            lines.append(OrganisationLine(kind, name, old, new))
    for row in held.placed:
        at = sides.goes(row)
        to = None if at is None else made.codes[at]
        own = sides.code(row.grid_id)
        if own and to and own != to:
            lines.append(OrganisationLine(row.kind, row.name, [own], [to]))
    return lines


def _round(area: float) -> float:
    return round(float(area), 2)
