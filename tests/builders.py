"""One of each thing, in a neighbouring district that no demo account may see, with good defaults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.barriers import Barrier
from gis.boundaries import Gap, Grid, GridOutline
from gis.cases import Case
from gis.coverage import CareTally, Visit
from gis.database import Base, from_day, transaction
from gis.party import CouncilMeeting, Organisation, OrganisationGrid, ReceptionDay
from gis.premises import Building, Household, Project
from gis.resources import ServicePoint, VolunteerTeam
from gis.scope import ZONE
from gis.staffing import Assignment, Staff, Team
from gis.users import User
from gis.viewer import key

MARK = "邻岙"
"""Part of every name and text of the neighbouring district: seen anywhere, something leaks."""

DISTRICT, TOWN, VILLAGE, GRID = "999902000000", "999902001000", "999902001001", "999902001001001"
LONG_AGO = date(2023, 1, 1)
REPORTED = datetime(2026, 11, 16, 9, 0, tzinfo=ZONE)


def square(lon: float, lat: float, side: float = 0.001) -> str:
    """Return a square as EWKT of a multipolygon, by its south-west corner and its side in degrees."""
    east, north = lon + side, lat + side
    ring = f"{lon} {lat}, {east} {lat}, {east} {north}, {lon} {north}, {lon} {lat}"
    return f"SRID=4490;MULTIPOLYGON((({ring})))"


def spot(lon: float, lat: float) -> str:
    """Return a point as EWKT."""
    return f"SRID=4490;POINT({lon} {lat})"


def case(grid: Grid, outline: GridOutline | None, at: str, **given: Any) -> Case:
    """Return an open case in a grid."""
    made = Case(
        case_no="9999022026000001", category="environment", title=f"{MARK}垃圾堆放", address=f"{MARK}路1号",
        source="grid_patrol", status="dispatched", visibility="internal", grid_id=grid.id, territory=grid.territory,
        outline_id=outline and outline.id, lead_body="城管", reported_at=REPORTED, due_at=REPORTED + timedelta(days=9),
        point=at,
    )  # fmt: skip
    for name, value in given.items():
        setattr(made, name, value)
    return made


@dataclass
class Neighbour:
    """The neighbouring district: where its middle is, and which row of each layer is its."""

    lon: float
    lat: float
    ids: dict[str, list[int]] = field(default_factory=dict)


def settle(session: Session, lon: float, lat: float) -> Neighbour:
    """Store a district with one of everything that a layer shows, its south-west corner at a spot."""
    whole = square(lon, lat, 0.01)
    areas = [
        (DISTRICT, None, "district", "district"),
        (TOWN, DISTRICT, "town", "street"),
        (VILLAGE, TOWN, "village", "community"),
    ]
    for code, parent, level, kind in areas:
        session.add(Area(code=code, parent_code=parent, level=level, kind=kind, name=f"{MARK}{level}",
                         territory=key(code), outline=whole))  # fmt: skip
        session.flush()
    grid = Grid(code=GRID, village_code=VILLAGE, name=f"{MARK}一格", territory=key(GRID))
    session.add(grid)
    session.flush()
    own = {"territory": grid.territory, "grid_id": grid.id}
    outline = GridOutline(**own, code=GRID, name=grid.name, outline=whole, area_m2=1e6, households=300, residents=800,
                          buildings=1, valid=from_day(LONG_AGO))  # fmt: skip
    building = Building(**own, code="99990200100100001", name=f"{MARK}大楼", address=f"{MARK}路1号", kind="residential",
                        households=300, outline=square(lon + 0.004, lat + 0.004))  # fmt: skip
    staff = Staff(territory=grid.territory, name=f"{MARK}一号", work_phone="0000000")
    session.add_all([outline, building, staff])
    session.flush()
    middle = spot(lon + 0.005, lat + 0.005)
    made = [*_inside(own, building, lon, lat), *_people(own, staff, lon, lat), case(grid, outline, middle)]
    session.add_all(made)
    session.flush()
    organisation = next(each for each in made if isinstance(each, Organisation))
    session.add(OrganisationGrid(organisation_id=organisation.id, grid_id=grid.id))
    found = Neighbour(lon + 0.0045, lat + 0.0045, {"areas": [key(code) for code, *_ in areas]})
    road = Barrier(
        kind="road", name=f"{MARK}路", line=f"SRID=4490;MULTILINESTRING(({lon} {lat}, {lon + 0.01} {lat + 0.01}))"
    )
    session.add(road)
    session.flush()
    for row in (grid, building, road, *made):
        found.ids.setdefault(row.__tablename__, []).append(row.id)
    return found


def _inside(own: dict[str, Any], building: Building, lon: float, lat: float) -> list[Any]:
    home = Household(**own, building_id=building.id, label=f"{MARK}101", outline=square(lon + 0.004, lat + 0.004))
    gap = Gap(territory=own["territory"], kind="gap", area_m2=10.0, outline=square(lon + 0.004, lat + 0.004))
    care = CareTally(**own, month=date(2026, 11, 1), tier="weekly", enrolled=30, in_time=20)
    visit = Visit(**own, building_id=building.id, visited_on=date(2026, 11, 1), purpose="routine", result="met")
    return [home, gap, care, visit]


def _people(own: dict[str, Any], staff: Staff, lon: float, lat: float) -> list[Any]:
    at, phone = spot(lon + 0.0045, lat + 0.0045), "0000000"
    branch = Organisation(**own, tier=3, kind="grid_branch", form="branch", name=f"{MARK}支部", member_count=9,
                          contact_phone=phone, point=at, valid=from_day(LONG_AGO))  # fmt: skip
    team = VolunteerTeam(**own, area_code=VILLAGE, name=f"{MARK}志愿队", active_count=5, registered_count=9,
                         availability="any_time", contact_phone=phone, point=at)  # fmt: skip
    point = ServicePoint(**own, area_code=VILLAGE, kind="station", name=f"{MARK}驿站", point=at)
    duty = Assignment(**own, role="grid_leader", staff_id=staff.id, valid=from_day(LONG_AGO))
    corps = Team(territory=own["territory"], force="social", name=f"{MARK}编团", size=3, area_code=VILLAGE)
    met = {"territory": own["territory"], "area_code": VILLAGE, "held_on": date(2026, 11, 20)}
    reception = ReceptionDay(**met, site=f"{MARK}站", host_role="party_cadre", point=at)
    council = CouncilMeeting(**met, topic=f"{MARK}议题")
    project = Project(territory=own["territory"], area_code=VILLAGE, name=f"{MARK}改造", stage="planned", lead_body="x",
                      outline=square(lon + 0.004, lat + 0.004), valid=from_day(LONG_AGO))  # fmt: skip
    return [branch, team, point, duty, corps, reception, council, project]


def clear(session: Session) -> None:
    """Take the neighbouring district away again, and nothing else."""
    low, high = key(DISTRICT), key("999903000000") - 1
    grids = select(Grid.id).where(Grid.territory.between(low, high))
    session.execute(delete(OrganisationGrid).where(OrganisationGrid.grid_id.in_(grids)))
    session.execute(delete(Barrier).where(Barrier.name.startswith(MARK)))
    for table in reversed(Base.metadata.sorted_tables):
        if "territory" in table.columns and table.name != "kpi_snapshots":  # nobody deletes there, and none is made
            session.execute(delete(table).where(table.c.territory.between(low, high)))


@contextmanager
def neighbour(engine: Engine, lon: float, lat: float) -> Iterator[Neighbour]:
    """Hold a neighbouring district in the database for a while, seen by every connection."""
    with transaction(engine) as session:
        found = settle(session, lon, lat)
    try:
        yield found
    finally:
        with transaction(engine) as session:
            clear(session)


@contextmanager
def changed(engine: Engine, row: Any, **values: Any) -> Iterator[None]:
    """Hold other values in one stored row for a while, seen by every connection."""
    with transaction(engine) as session:
        stored = session.get_one(type(row), row.id)
        before = {name: getattr(stored, name) for name in values}
        for name, value in values.items():
            setattr(stored, name, value)
    try:
        yield
    finally:
        with transaction(engine) as session:
            stored = session.get_one(type(row), row.id)
            for name, value in before.items():
                setattr(stored, name, value)


def handler_of(session: Session, name: str) -> int:
    """Return the number of the member of staff that an account acts as."""
    found = session.scalar(select(User.staff_id).where(User.name == name))
    assert found is not None, f"{name} acts as nobody"
    return found
