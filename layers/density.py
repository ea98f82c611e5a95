"""Need, volunteers and care by grid, village or town: the same rows that the map is painted by, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import GridOutline, in_force
from gis.database import join_by_hash
from gis.errors import Invalid
from gis.resources import VolunteerTeam, stands
from gis.viewer import SIGNIFICANT, Viewer
from gis.volunteers.reach import METRES, WIDEST
from gis.words import N_
from layers import care_counts
from layers.bivariate import quotient
from layers.catalogue import COVERAGE, GRIDS
from layers.query import Asked, rows
from layers.themes import NEED_AXES

LEVELS = {"town": N_("town"), "village": N_("village"), "grid": N_("grid")}
NEAR_M = 2000
"""Within this distance of a grid's middle a team counts as near."""
COUNTED = ("households", "residents", "open_cases", "teams", "volunteers")


@dataclass(frozen=True)
class Line:
    """An area with its counts; teams near are told of grids only, care counts only where they are not small."""

    code: str
    name: str
    households: int
    residents: int
    open_cases: int
    teams: int
    volunteers: int
    density: float | None
    need: float | None
    cell: int | None
    grids: int
    care_enrolled: int | None = None
    care_in_time: int | None = None
    care_hidden: str = ""
    teams_near: int | None = None
    free_near: int | None = None

    @property
    def care_late(self) -> int | None:
        """Enrolments whose visit is overdue; empty where the count is not shown."""
        if self.care_enrolled is None or self.care_in_time is None:
            return None
        return self.care_enrolled - self.care_in_time


def table(session: Session, viewer: Viewer, asked: Asked, level: str) -> list[Line]:
    """Return a line per area of a level in view, by code; raises Invalid for another level."""
    viewer.require("map.view")
    if level not in LEVELS:
        raise Invalid(N_("%(value)s is no value of a filter."), value=level)
    join_by_hash(session)
    grids = rows(GRIDS, viewer, asked, fields=("code", "name", *COUNTED), geometry=None).subquery("grids")
    of = grids.c.code if level == "grid" else func.rpad(func.left(grids.c.code, SIGNIFICANT[level]), 12, "0")
    sums = [cast(func.sum(grids.c[name]), BigInteger).label(name) for name in COUNTED]
    summed = select(of.label("code"), func.min(grids.c.name).label("grid"), func.count().label("grids"), *sums)
    found = summed.group_by(of).subquery("found")
    need, density = (quotient(axis, found) for axis in (NEED_AXES.need, NEED_AXES.resource))
    cell = NEED_AXES.cell(found)
    name = found.c.grid if level == "grid" else func.coalesce(Area.name, found.c.grid)
    lines = select(found, name.label("name"), need.label("need"), density.label("density"), cell.label("cell"))
    if level != "grid":
        lines = lines.join(Area, Area.code == found.c.code, isouter=True)
    listed = session.execute(lines.order_by(found.c.code)).all()
    care = care_of(session, viewer, asked, level, [row.code for row in listed])
    near = near_of(session, viewer, asked) if level == "grid" else {}
    return [line(row, care, near) for row in listed]


def line(row: Any, care: dict[str, Any], near: dict[str, Any]) -> Line:
    """Return one line of the table."""
    enrolled, in_time, hidden = care.get(row.code, (None, None, ""))
    teams, free = near.get(row.code, (None, None))
    kept = {name: getattr(row, name) for name in ("code", "name", "grids", *COUNTED, "density", "need", "cell")}
    return Line(
        **kept, care_enrolled=enrolled, care_in_time=in_time, care_hidden=hidden, teams_near=teams, free_near=free
    )


def care_of(session: Session, viewer: Viewer, asked: Asked, level: str, codes: Iterable[str]) -> dict[str, Any]:
    """Return enrolments, those visited in time and the mark of what is hidden by area, as the care page shows them."""
    if not viewer.may(COVERAGE.field("care_enrolled").permission or ""):
        return {}
    told = care_counts.newest(session, viewer, asked)
    served = {code: told.served(code[: SIGNIFICANT[level]], code, "") for code in codes}
    return {code: (each.enrolled, each.in_time, each.hidden) for code, each in served.items()}


def near_of(session: Session, viewer: Viewer, asked: Asked) -> dict[str, Any]:
    """Return how many teams stood within 2 km of each grid's middle, and how many are without an open call today."""
    viewer.require("map.view")
    scope = asked.scope(viewer)
    outline = in_force(scope.day).where(scope.holds(GridOutline.territory)).subquery("o")
    high = (NEAR_M + 500) / METRES
    box = func.st_expand(outline.c.centre, high * WIDEST, high)
    close = VolunteerTeam.point.op("&&")(box) & (
        func.st_distancespheroid(VolunteerTeam.point, outline.c.centre) <= NEAR_M
    )
    free = func.count().filter(VolunteerTeam.open_calls == 0)
    counted = select(outline.c.code, func.count(), free).join_from(outline, VolunteerTeam, close)
    counted = counted.where(VolunteerTeam.active_count > 0, stands(VolunteerTeam, scope.day)).group_by(outline.c.code)
    session.execute(select(func.set_config("enable_nestloop", "on", True)))
    return {code: (teams, idle if scope.live else None) for code, teams, idle in session.execute(counted)}
