"""The public notice of a grid: what everyone may read of it, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import Date, func, literal, select, update
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases import Case, facts
from gis.database import admit
from gis.errors import NotAllowed, NotFound
from gis.notices import Notice, notice, passer_by, surroundings
from gis.premises import Building, Household
from gis.staffing import Staff
from layers.poster import poster, round_length
from tests.conftest import DAY

CODE = "999901100001001"
VILLAGE = CODE[:12]


def read(session: Session, code: str = CODE) -> Notice:
    anyone = passer_by(code, DAY)
    admit(session, anyone)
    return notice(session, anyone, code)


def test_it_says_where_who_and_whom_to_call(session: Session) -> None:
    found = read(session)
    assert [area.name for area in found.areas] == ["澜湾区", "望潮镇", "海棠苑社区"]
    assert found.people[0].role == "grid_leader"
    assert {row.role for row in found.people} <= {"grid_leader", "grid_worker", "micro_grid_head", "legal_adviser"}
    assert all(row.work_phone for row in found.people)
    assert found.village_phone
    assert found.town_phone
    assert found.village_phone != found.town_phone
    assert any(point.kind == "service_centre" for point in found.points)
    assert found.retired is None


def test_whoever_passes_by_sees_one_village_and_no_building_household_or_case(session: Session) -> None:
    admit(session, passer_by(CODE, DAY))
    seen = set(session.scalars(select(Grid.village_code)))
    assert seen == {VILLAGE}
    for table in (Building, Household, Case):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert session.scalar(select(func.count(facts.c.title))) == 0
    assert session.scalar(select(func.count()).select_from(Staff)) > 0


def test_a_passer_by_may_do_nothing_else(session: Session) -> None:
    with pytest.raises(NotAllowed):
        passer_by(CODE, DAY).require("map.view")


NO_GRIDS = ("", "1", "9" * 15, VILLAGE, VILLAGE + "000", "99990110000100x", CODE[:-1] + "１", CODE + "1")


@pytest.mark.parametrize("code", NO_GRIDS)
def test_what_is_no_grid_is_not_found(session: Session, code: str) -> None:
    with pytest.raises(NotFound):
        read(session, code)


def test_a_redrawn_grid_leads_to_what_took_its_place(session: Session) -> None:
    """The sign on the wall keeps its code; who scans it is told where to look."""
    own = session.scalars(select(GridOutline).where(GridOutline.code == CODE)).one()
    ended = func.daterange(func.lower(GridOutline.valid), literal(DAY, Date), "[)", type_=DATERANGE)
    session.execute(update(GridOutline).where(GridOutline.id == own.id).values(valid=ended))
    heir = Grid(village_code=VILLAGE, code=VILLAGE + "900", name="新网格", territory=int(VILLAGE + "900"))
    session.add(heir)
    session.flush()
    outline = GridOutline(
        grid_id=heir.id, code=heir.code, name=heir.name, territory=heir.territory, outline=own.outline,
        area_m2=own.area_m2, valid=func.daterange(literal(DAY, Date), None, "[)"),
    )  # fmt: skip
    session.add(outline)
    session.flush()
    old, new = read(session), read(session, heir.code)
    assert (old.retired, old.successors) == (DAY, [(heir.code, "新网格")])
    assert old.people == [], "those who worked in a grid that is gone are not called for it"
    assert (new.retired, new.since) == (None, DAY)


def test_every_drawing_has_the_same_format_and_a_round_bar(session: Session) -> None:
    found = read(session)
    drawn = poster(found)
    assert drawn.height == pytest.approx(1000 / 1.3, rel=0.01)
    assert surroundings(found.outline).covers(found.outline)
    assert drawn.own.startswith("M")
    assert {label.text for label in drawn.names} <= {"第二网格", "第三网格", "第四网格", "第五网格"}
    assert str(drawn.bar_m)[0] in "125"
    assert 0 < drawn.bar <= 250


@pytest.mark.parametrize(("longest", "bar"), [(1, 1), (3, 2), (99, 50), (100, 100), (1999, 1000)])
def test_bar_lengths_are_round(longest: float, bar: int) -> None:
    assert round_length(longest) == bar
