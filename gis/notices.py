"""The public notice of a grid (公示牌): where it lies, who works in it and whom to call, for everyone to read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import Row, and_, false, func, or_, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.barriers import Barrier
from gis.boundaries import GridOutline
from gis.errors import NotFound
from gis.geometry import degrees, metres, plane
from gis.party import Organisation
from gis.resources import ServicePoint, stands
from gis.staffing import ROLES, Assignment, Staff
from gis.viewer import Territory, Viewer, ancestors, level
from gis.words import N_

SHOWN = ("grid_leader", "grid_worker", "micro_grid_head")
"""The roles whose holders a notice names; of the legal forces it names the adviser of the village as well."""
CODE = re.compile(r"[0-9]{15}")
AIR = 0.12
"""How much of the grid's longer side is shown around it, on each side at least."""
FORMAT = 1.3
"""How many times wider than high the surroundings are."""


@dataclass(frozen=True)
class Line:
    """A road, water, rail or wall near the grid, cut to what is drawn."""

    kind: str
    rank: str
    shape: Any


@dataclass(frozen=True)
class Notice:
    """A grid as the public may know it on a day; shapes in degrees. `areas` runs from the district to the village.

    `retired` is the day on which a grid was closed; `successors` are then the grids on its ground.
    """

    code: str
    name: str
    areas: list[Area]
    since: date
    retired: date | None
    outline: Any
    surroundings: Any
    neighbours: list[tuple[str, Any]]
    lines: list[Line]
    people: list[Row[Any]]
    points: list[ServicePoint]
    village_phone: str | None
    town_phone: str | None
    successors: list[tuple[str, str]]

    @property
    def last(self) -> date | None:
        """The last day on which a closed grid was in force."""
        return self.retired and self.retired - timedelta(days=1)


def passer_by(code: str, day: date) -> Viewer:
    """Return the viewer that anyone is who reads a notice: may read the notices of one village, and nothing else."""
    if not CODE.fullmatch(code) or level(code) != "grid":
        raise NotFound(N_("There is no grid %(number)s."), number=code[:20])
    return Viewer(None, "public", "public", Territory((code[:12],)), day, permissions=frozenset({"notice.view"}))


def notice(session: Session, viewer: Viewer, code: str) -> Notice:
    """Return the notice of a grid on the viewer's day; of a retired one the last, and what took its place."""
    viewer.require("notice.view")
    day = viewer.day
    last = select(GridOutline).where(GridOutline.code == code, func.lower(GridOutline.valid) <= day)
    own = session.scalar(last.order_by(func.lower(GridOutline.valid).desc()).limit(1))
    if own is None:
        raise NotFound(N_("There is no grid %(number)s."), number=code)
    ended = own.valid.upper if own.valid.upper and own.valid.upper <= day else None
    shape = to_shape(own.outline)
    around = surroundings(shape)
    others = _others(session, own, day)
    phones = _phones(session, code, day)
    return Notice(
        code, own.name, _areas(session, code), own.valid.lower or day, ended, shape, around,
        [(name, outline) for _, name, outline in others], _lines(session, around),
        [] if ended else _people(session, own.grid_id, code, day),
        _points(session, own.grid_id, code, viewer.day), phones.get(code[:12]), phones.get(ancestors(code)[1]),
        [(other, name) for other, name, outline in others if _shares(outline, shape)] if ended else [],
    )  # fmt: skip


def surroundings(shape: Any) -> Any:
    """Return the box, in degrees, that a grid is drawn in: of one format, so that every notice looks alike."""
    west, south, east, north = shape.bounds
    on = plane((west + east) / 2, (south + north) / 2)
    left, low, right, high = metres(shape, on).bounds
    air = 2 * AIR * max(right - left, high - low)
    wide = max(right - left + air, (high - low + air) * FORMAT)
    half, tall = wide / 2, wide / FORMAT / 2
    return degrees(shapely.box(-half, -tall, half, tall), on)


def _areas(session: Session, code: str) -> list[Area]:
    """Return the district, the town and the village of a grid."""
    return list(session.scalars(select(Area).where(Area.code.in_(ancestors(code))).order_by(Area.code)))


def _others(session: Session, own: GridOutline, day: date) -> list[tuple[str, str, Any]]:
    """Return code, name and outline of the other grids of the village in force."""
    found = select(GridOutline).where(GridOutline.valid.contains(day), GridOutline.grid_id != own.grid_id)
    rows = session.scalars(found.order_by(GridOutline.code))
    return [(row.code, row.name, to_shape(row.outline)) for row in rows]


def _shares(outline: Any, shape: Any) -> bool:
    """Tell whether two outlines share ground, and not just a border."""
    return bool(shapely.intersection(outline, shape).area > 0.01 * min(outline.area, shape.area))


def _lines(session: Session, box: Any) -> list[Line]:
    """Return the barriers in and around a grid, cut to the box that is drawn."""
    near = func.st_makeenvelope(*box.bounds, 4490)
    found = session.scalars(select(Barrier).where(func.st_intersects(Barrier.line, near)).order_by(Barrier.id))
    return [Line(each.kind, each.rank, shapely.intersection(to_shape(each.line), box)) for each in found]


def _people(session: Session, grid_id: int, code: str, day: date) -> list[Row[Any]]:
    """Return role, name and work phone of those whom the grid's residents may call, the leader first."""
    duty = (
        select(Assignment.role, Staff.name, Staff.work_phone)
        .join(Staff, Staff.id == Assignment.staff_id)
        .where(
            Assignment.valid.contains(day),
            or_(
                and_(Assignment.grid_id == grid_id, Assignment.role.in_(SHOWN)),
                and_(Assignment.area_code == code[:12], Assignment.role == "legal_adviser"),
            ),
        )
    )
    order = list(ROLES)
    return sorted(session.execute(duty), key=lambda row: (order.index(row.role), row.name))


def _points(session: Session, grid_id: int, code: str, day: date) -> list[ServicePoint]:
    """Return the service points in the grid, then the service centres of its village."""
    here = ServicePoint.grid_id == grid_id
    centre = and_(ServicePoint.area_code == code[:12], ServicePoint.kind == "service_centre")
    found = select(ServicePoint).where(or_(here, centre), stands(ServicePoint, day))
    return list(session.scalars(found.order_by(func.coalesce(here, false()).desc(), ServicePoint.name)))


def _phones(session: Session, code: str, day: date) -> dict[str, str]:
    """Return the phones of the Party organisations of the village and the town, by the code of the area."""
    found = select(Organisation.area_code, Organisation.contact_phone).where(
        Organisation.area_code.in_(ancestors(code)[1:]), Organisation.tier.in_((1, 2)),
        Organisation.valid.contains(day), Organisation.contact_phone.is_not(None),
    )  # fmt: skip
    return {code: phone for code, phone in session.execute(found.order_by(Organisation.id.desc())) if code and phone}
