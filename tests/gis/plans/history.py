"""What is stored of a village, and what map, lists and exports say of it on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.plans.tables import Plan
from gis.viewer import Viewer, key
from layers import figures
from layers.catalogue import CASES, COVERAGE, GRIDS
from layers.query import Asked, rows
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans import scene
from tests.gis.plans.scene import Enter


def owner(session: Session) -> None:
    """Go back to who owns the database, to see what is really there."""
    session.execute(text("RESET ROLE"))
    session.expire_all()


def outlines(session: Session, village: fabrics.Village) -> list[Any]:
    """Return every outline row of the village with all that is stored in it, and the place it is stored at."""
    table = GridOutline.__table__
    own = table.c.territory.between(key(village.code), key(village.code) + 999)
    found = select(text("grid_outlines.ctid::text"), *table.c).where(own).order_by(table.c.id)
    return [tuple(str(value) for value in row) for row in session.execute(found)]


def current(session: Session, village: fabrics.Village, day: date) -> dict[str, Any]:
    """Return code → outline of the village on a day."""
    shape = func.st_asbinary(GridOutline.outline)
    own = GridOutline.territory.between(key(village.code), key(village.code) + 999)
    found = session.execute(select(GridOutline.code, shape).where(own, GridOutline.valid.contains(day)))
    return {code: shapely.from_wkb(bytes(wkb)) for code, wkb in found}


def figured(
    session: Session, viewer: Viewer, area: str, day: date, now: datetime, but: tuple[str, ...] = ()
) -> list[Any]:
    """Return all that map, lists and exports say of a village on a day, but for some fields."""
    asked, said = Asked(day, now, area=area), []
    for layer in (GRIDS, COVERAGE, CASES):
        names = tuple(field.name for field in layer.fields if field.name not in but)
        said.append(sorted(map(told, session.execute(rows(layer, viewer, asked, fields=names)))))
    return [*said, figures.totals(session, viewer, asked)]


def told(row: Any) -> str:
    """Return a row as text that is the same for the same values."""
    return repr([value.desc if isinstance(value, WKBElement) else value for value in row])


def pushed(session: Session, enter: Enter, found: scene.Scene, now: datetime = NOW) -> Plan:
    """Begin a plan that takes three buildings of the third grid into the fourth."""
    plan = scene.begun(session, enter, found.village, now)
    number = scene.numbers(session, enter("planner"), plan)
    scene.push(session, enter("planner"), plan, found.village.cells[14, :3], number[found.village.grids[3]], now)
    return plan
