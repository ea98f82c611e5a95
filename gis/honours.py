"""Honours of buildings and compounds: given for a year, ended on a day, never deleted; nobody bears one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Select, func, literal, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.boundaries import Grid, hold_still
from gis.database import SRID
from gis.errors import Conflict, Invalid, NotFound
from gis.premises import HONOUR_KINDS, Building, Honour, held_on
from gis.scope import Scope, inside
from gis.viewer import Viewer
from gis.words import N_

FIRST_YEAR = 1990
SPOT = func.st_pointonsurface(Building.outline)
STATES = {"held": N_("Held now"), "ended": N_("Not held any more")}


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for; `building` is a code, `text` a part of its name, address or compound."""

    kind: str = ""
    year: int | None = None
    state: str = "held"
    text: str = ""
    building: str = ""


def every(scope: Scope) -> Select[Any]:
    """Select the honours of the scope, ended ones too, with their building and its place."""
    village, spot = Area.__table__.alias("village"), type_coerce(SPOT, Geometry("POINT", SRID))
    return (
        select(
            Honour.id, Honour.territory, spot.label("geom"), Building.centre_tile.label("tile"), Honour.kind,
            Honour.year, Honour.ended_on, Building.code, Building.name, Building.compound, Building.address,
            Grid.code.label("grid_code"), Grid.name.label("grid"), village.c.name.label("village"),
        )
        .join(Building, Building.id == Honour.building_id)
        .outerjoin(Grid, Grid.id == Building.grid_id)
        .outerjoin(village, village.c.territory == Honour.territory - Honour.territory % 1000)
        .where(scope.holds(Honour.territory))
    )  # fmt: skip


def rows(scope: Scope) -> Select[Any]:
    """Select the honours of the scope that are held on the day, each at its building."""
    return every(scope).where(held_on(scope.day))


def listed(session: Session, viewer: Viewer, scope: Scope, wanted: Wanted) -> list[Any]:
    """Return the honours that are asked for with longitude and latitude, the newest first."""
    viewer.require("building.view")
    held = held_on(scope.day)
    found = every(scope).where(held if wanted.state == "held" else ~held)
    if wanted.kind:
        found = found.where(Honour.kind == wanted.kind)
    if wanted.year is not None:
        found = found.where(Honour.year == wanted.year)
    if wanted.building:
        found = found.where(Building.code == wanted.building)
    if wanted.text:
        words = (Building.name, Building.address, Building.compound)
        found = found.where(or_(*(each.icontains(wanted.text, autoescape=True) for each in words)))
    found = found.add_columns(func.st_x(SPOT).label("lon"), func.st_y(SPOT).label("lat"))
    return list(session.execute(found.order_by(Honour.year.desc(), Honour.territory, Honour.id)))


def give(session: Session, viewer: Viewer, code: str, kind: str, year: int, day: date) -> int:
    """Give a building an honour for a year and return its number; raises Conflict when it bears it already."""
    viewer.require("honour.manage")
    if kind not in HONOUR_KINDS or not FIRST_YEAR <= year <= day.year:
        raise Invalid(N_("Choose an honour from the list, and a year from %(first)s to this one."), first=FIRST_YEAR)
    here = select(Building.id, Building.territory).where(Building.code == code, inside(viewer, Building.territory))
    found = session.execute(here).first()
    if found is None:
        raise NotFound(N_("There is no building %(code)s in your territory."), code=code)
    hold_still(session, [found.territory - found.territory % 1000])
    given = insert(Honour).from_select(
        ("building_id", "territory", "kind", "year"), here.add_columns(literal(kind), literal(year))
    )
    made = session.scalar(given.on_conflict_do_nothing().returning(Honour.id))
    if made is None:
        raise Conflict(N_("Building %(code)s bears this honour of %(year)s already."), code=code, year=year)
    audit.record(session, viewer, "honour.give", code, kind=kind, year=year)
    return int(made)


def end(session: Session, viewer: Viewer, honour_id: int, day: date) -> Honour:
    """Let an honour end today; raises Conflict when somebody else has ended it."""
    viewer.require("honour.manage")
    query = select(Honour).where(Honour.id == honour_id, inside(viewer, Honour.territory)).with_for_update()
    honour = session.scalar(query.execution_options(populate_existing=True))
    if honour is None:
        raise NotFound(N_("There is no such honour in your territory."))
    if honour.ended_on is not None:
        raise Conflict(N_("Somebody else has ended this honour meanwhile. Look at it again."))
    honour.ended_on = day
    session.flush()
    audit.record(session, viewer, "honour.end", str(honour_id), kind=honour.kind, year=honour.year)
    return honour
