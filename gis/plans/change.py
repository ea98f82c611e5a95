"""What a plan would change, worked out before anything is written: grids, outlines, codes and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.errors import Refused
from gis.fabric import ground as fabric_ground
from gis.geometry import Shapes
from gis.plans import standing
from gis.plans.codes import numbered
from gis.plans.held import find
from gis.plans.land import Land, held_before, land
from gis.plans.succession import Succession, carried, succession
from gis.plans.tables import PlanGrid
from gis.viewer import Viewer


@dataclass(frozen=True)
class Former:
    """A grid and its last outline: in force until the plan is, or `revived` by a plan that goes back to it."""

    id: int
    code: str
    name: str
    kind: str
    village: str
    since: date
    counts: tuple[int, int, int]
    area_m2: float
    shape: Any
    outline_id: int


@dataclass(frozen=True, eq=False)
class Change:
    """A plan beside what is in force: `former` by grid id, and one row per grid of the plan for everything else.

    `codes` are those that the plan's grids have once it is in force, None for a grid without ground; `counts` are
    households, residents and buildings; `changed` tells for which grids a new outline begins.
    """

    land: Land
    before: NDArray[np.int64]
    former: dict[int, Former]
    revived: dict[int, Former]
    draws: Succession
    codes: list[str | None]
    counts: NDArray[np.int64]

    @property
    def grids(self) -> list[PlanGrid]:
        """The grids of the plan."""
        return self.land.grids

    @property
    def shapes(self) -> Shapes:
        """The outline of each grid of the plan, None for one without ground."""
        return self.land.outlines

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Which grids of the plan get a new outline: the ground, name or kind, or the grid itself is another."""
        return np.array([self._is_new(at) for at in range(len(self.grids))], bool)

    def _is_new(self, at: int) -> bool:
        if not self.draws.drawn[at] or self.grids[at].village_code in self.idle:
            return False
        if not self.draws.keeps[at]:
            return True
        grid, before = self.grids[at], self.former[self.grids[at].grid_id or -1]
        told = (before.name, before.kind) == (grid.name, grid.kind)
        return not (told and shapely.equals(before.shape, self.shapes[at]))

    @cached_property
    def idle(self) -> set[str]:
        """The villages in which nothing would change but how lines fit to whole cells: they are left alone."""
        draws, former = self.draws, np.append(self.draws.former, -1)
        busy = {self.grids[at].village_code for at in draws.opened}
        busy |= {self.former[int(former[number])].village for number in draws.retired}
        for at in np.flatnonzero(draws.drawn & draws.keeps).tolist():
            grid, before = self.grids[at], self.former[int(former[draws.bound[at]])]
            if (grid.name, grid.kind) != (before.name, before.kind):
                busy.add(grid.village_code)
        moved = np.append(former[draws.bound], -1)[self.land.of] != self.before
        busy |= {self.grids[at].village_code for at in np.unique(self.land.of[moved]) if at >= 0}
        return set(self.land.villages) - busy

    @property
    def is_nothing(self) -> bool:
        """Whether all would stay as it is, but for lines that are fitted to whole cells."""
        return self.idle.issuperset(self.land.villages) and bool((self.land.of >= 0).all())

    def rests(self, at: int) -> Former | None:
        """Return the grid in force that a grid of an idle village is and stays in everything, None elsewhere."""
        return self.stays(at) if self.draws.drawn[at] and self.grids[at].village_code in self.idle else None

    def stays(self, at: int) -> Former | None:
        """Return the grid that a grid of the plan is once it is in force, None for a new one."""
        own = self.grids[at].grid_id or -1
        return self.former[own] if self.draws.keeps[at] else self.revived.get(own)

    def source(self, at: int) -> Former | None:
        """Return the grid in force that most of the households of a grid of the plan come from."""
        number = int(self.draws.source[at])
        return None if number < 0 else self.former[int(self.draws.former[number])]


def change(session: Session, viewer: Viewer, plan_id: int) -> Change:
    """Return what a plan would change on the viewer's day."""
    viewer.require("plan.view")
    return over(session, viewer, land(session, find(session, viewer, plan_id)))


def over(session: Session, viewer: Viewer, ground: Land) -> Change:
    """Return what the plan of a ground would change on the viewer's day."""
    former = {each.id: each for each in in_force(session, ground.villages, viewer.day)}
    held = held_before(ground, list(former), np.array([each.shape for each in former.values()], object))
    before = _settled(session, viewer, ground, held)
    sums = (ground.households, ground.residents, ground.built, ground.area_m2)
    draws = succession([grid.grid_id for grid in ground.grids], ground.of, sums, list(former), before)
    revived = _revived(session, ground, former)
    counts = carried(draws, {grid: each.counts for grid, each in former.items()})
    made = Change(ground, before, former, revived, draws, [], counts)
    made.codes.extend(_codes(session, made))
    return made


def _settled(session: Session, viewer: Viewer, ground: Land, before: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the grids in force of cells as a draft begins with them: stray water is with the grid around it.

    It is worked out where nothing but open ground differs from the plan: elsewhere the village changes anyhow.
    """
    own = np.array([*(grid.grid_id or -1 for grid in ground.grids), -1], np.int64)[ground.of]
    village = np.array([*(grid.village_code for grid in ground.grids), ""])[ground.of]
    differs, built = own != before, ground.building_ids >= 0
    maybe = set(village[differs & ~built].tolist()) - {*village[differs & built].tolist(), ""}
    if not maybe:
        return before
    land_ = fabric_ground.ground(session, viewer, sorted(maybe))
    at = np.searchsorted(ground.ids, land_.ids)
    settled = before.copy()
    settled[at] = standing.settled(land_, before[at])
    return settled


def codes_to_come(session: Session, viewer: Viewer, plan_id: int) -> dict[int, str | None]:
    """Return the code that each grid of a plan would have if it were published now, by its number in the plan.

    There is none where the numbers of the village are used up.
    """
    try:
        made = change(session, viewer, plan_id)
    except Refused:
        return {}
    return {grid.id: code for grid, code in zip(made.grids, made.codes, strict=True)}


def in_force(session: Session, villages: Sequence[str], day: date) -> list[Former]:
    """Return the grids of villages in force on a day, with their outlines."""
    return _formers(session, select(Grid.id).where(Grid.village_code.in_(villages)), GridOutline.valid.contains(day))


def _formers(session: Session, grids: Select[Any], condition: Any) -> list[Former]:
    columns = (Grid.id, GridOutline.code, GridOutline.name, GridOutline.kind, Grid.village_code)
    counts = (GridOutline.households, GridOutline.residents, GridOutline.buildings)
    rows = session.execute(
        select(
            *columns,
            func.lower(GridOutline.valid),
            *counts,
            GridOutline.area_m2,
            func.st_asbinary(GridOutline.outline),
            GridOutline.id,
        )
        .join_from(Grid, GridOutline, GridOutline.grid_id == Grid.id)
        .where(Grid.id.in_(grids), condition)
        .order_by(Grid.id, func.lower(GridOutline.valid))
    )
    return [
        Former(
            id_, code, name, kind, village, since, (homes, heads, built), area, shapely.from_wkb(bytes(shape)), outline
        )
        for id_, code, name, kind, village, since, homes, heads, built, area, shape, outline in rows
    ]


def _revived(session: Session, ground: Land, former: dict[int, Former]) -> dict[int, Former]:
    """Return the ended grids that the plan goes back to: more than half of their last ground is theirs again."""
    shapes = ground.outlines
    bound = {grid.grid_id: at for at, grid in enumerate(ground.grids) if grid.grid_id and shapes[at] is not None}
    gone = [number for number in bound if number not in former]
    if not gone:
        return {}
    last = {each.id: each for each in _formers(session, select(Grid.id).where(Grid.id.in_(gone)), True)}
    return {
        number: each
        for number, each in last.items()
        if shapely.area(shapely.intersection(each.shape, shapes[bound[number]])) > each.shape.area / 2
    }


def _codes(session: Session, made: Change) -> list[str | None]:
    """Return the code of each grid of the plan: its own, that of the grid it stays, or a new one."""
    codes: list[str | None] = [None] * len(made.grids)
    fresh: dict[str, list[int]] = {}
    for at in np.flatnonzero(made.draws.drawn).tolist():
        own = made.stays(at)
        if own is None:
            fresh.setdefault(made.grids[at].village_code, []).append(at)
        else:
            codes[at] = own.code
    if fresh:
        used = _used(session, list(fresh))
        for village, new in fresh.items():
            middles = [(point.x, point.y) for point in shapely.centroid(made.shapes[new])]
            given = numbered(village, used, [made.grids[at].kind for at in new], middles)
            for at, code in zip(new, given, strict=True):
                codes[at] = code
    return codes


def _used(session: Session, villages: Sequence[str]) -> set[str]:
    """Return every code that a grid of the villages has or had."""
    now = select(Grid.code).where(Grid.village_code.in_(villages))
    ever = select(GridOutline.code).join(Grid, Grid.id == GridOutline.grid_id).where(Grid.village_code.in_(villages))
    return set(session.scalars(now.union(ever)))
