"""The care page: the own list, the register of the lead, counts for the others; scenario 8 of the field."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.boundaries import Grid
from gis.care import Enrolment
from gis.coverage import CareTally
from gis.premises import Household
from gis.staffing import Assignment
from gis.users import User
from layers.catalogue import CATALOGUE
from tests.conftest import DAY
from tests.webapp.desk import Enter
from tests.webapp.test_visits import newest, owner

VILLAGE, GRID = "999901100001", "999901100001001"
PAPER = "QN-2026-900001"
MONTH = date(2026, 11, 1)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def body_of(session: Session, client: FlaskClient) -> dict[str, object]:
    user = owner(session).scalar(select(User.id).where(User.name == "grid_worker"))
    place = re.findall(r'data-place="care:(\d+)"', client.get("/care/").text)[0]
    return {"user": user, "key": "care-0001", "care": int(place), "result": "met", "day": DAY.isoformat()}


def test_the_worker_records_a_care_visit_once_and_takes_it_back(enter: Enter, session: Session) -> None:
    client, before = enter("grid_worker"), newest(session)
    body = body_of(session, client)
    assert (
        client.post("/care/visits/record", json=body).get_json()
        == client.post("/care/visits/record", json=body).get_json()
    )
    assert 'data-key="care-0001"' in client.get("/care/").text
    undo = {"user": body["user"], "of": "care-0001"}
    assert client.post("/care/visits/undo", json=undo).get_json() == {"undone": True}
    actions = owner(session).scalars(select(AuditEntry.action).where(AuditEntry.id > before)).all()
    assert sorted(actions) == ["care.undo", "care.visit"]


def test_scenario_8_overdue_care_and_teams_near_without_a_household(enter: Enter, session: Session) -> None:
    """Grid-level compliance, the town's 71 %, teams within 2 km, no household, small counts hidden, own visits only."""
    town = enter("town_manager")
    page = text_of(town.get("/care/").text)
    tallied = select(func.sum(CareTally.in_time), func.sum(CareTally.enrolled))
    in_time, enrolled = owner(session).execute(tallied.where(CareTally.month == MONTH)).one()
    assert round(in_time / enrolled, 2) == 0.71
    assert f"{in_time / enrolled:.1%}" in page
    header = town.get("/map/figures?theme=coverage&measure=care").get_json()["header"]
    assert next(each["n"] for each in header if each["name"] == "care") == f"{in_time} / {enrolled}"
    village = town.get(f"/care/?area={VILLAGE}").text
    assert "<5" in text_of(village).replace("&lt;", "<")
    grid = town.get(f"/care/?area={GRID}").text
    assert 'id="teams"' in grid
    metres = [int(each.replace(",", "")) for each in re.findall(r"([\d,]+) m</td>", grid)]
    assert metres == sorted(metres)
    assert all(each <= 2000 for each in metres)
    household = re.compile(r"household|单元|室<")
    for client in (town, enter("district_manager"), enter("planner")):
        assert not household.search(client.get(f"/care/?area={GRID}").text)
        assert 'data-place="care:' not in client.get("/care/").text
    mine = owner(session).scalar(select(User.staff_id).where(User.name == "grid_worker"))
    own = set(session.scalars(select(Enrolment.id).where(Enrolment.staff_id == mine)))
    shown = set(map(int, re.findall(r'data-place="care:(\d+)"', enter("grid_worker").get("/care/").text)))
    assert shown == own


def test_no_layer_tile_or_search_knows_an_enrolment(client_as: Enter, session: Session) -> None:
    papers = session.scalars(select(Enrolment.consent_ref)).all()
    assert all("care.enrolments" not in layer.tables and "care.visits" not in layer.tables for layer in CATALOGUE)
    worker = client_as("grid_worker")
    for layer in CATALOGUE:
        answer = worker.get(f"/layers/{layer.name}.csv?purpose=x")
        assert not any(paper in answer.text for paper in papers)
    assert worker.get(f"/map/search?q={papers[0]}").get_json()["hits"] == []


def test_the_lead_enrols_a_household_it_looked_for(enter: Enter, session: Session) -> None:
    lead, before = enter("village_manager"), newest(session)
    label = session.scalar(select(func.min(Household.label)).where(Household.territory == int(GRID)))
    page = lead.get(f"/care/?home={label}").text
    enrolled = select(Enrolment.household_id).where(Enrolment.ended_on.is_(None))
    taken = "|".join(map(str, owner(session).scalars(enrolled)))
    home = re.search(rf'<select class="input" id="c-home".*?<option value="(?!(?:{taken})")(\d+)"', page, re.S)
    staff = re.search(r'<select class="input" id="c-staff".*?<option value="(\d+)"', page, re.S)
    assert home is not None
    assert staff is not None
    form = {"home": home.group(1), "staff": staff.group(1), "tier": "monthly", "consent_ref": PAPER}
    assert PAPER in lead.post("/care/enrol", data=form, follow_redirects=True).text
    assert lead.post("/care/enrol", data=form).status_code == 409
    others = re.findall(r'<option value="(\d+)"', page[page.index("c-staff") :])
    other = next(each for each in others if each != form["staff"])
    given = {"consent_ref": PAPER, "staff": other, "seen": form["staff"]}
    assert lead.post("/care/hand-over", data=given).status_code == 302
    assert lead.post("/care/hand-over", data=given).status_code == 409, "the second is told"
    assert owner(session).scalar(select(Enrolment.staff_id).where(Enrolment.consent_ref == PAPER)) == int(other)
    assert f'name="seen" value="{other}"' in lead.get("/care/").text
    assert lead.post("/care/end", data={"consent_ref": PAPER, "seen": other}).status_code == 302
    assert lead.post("/care/end", data={"consent_ref": PAPER, "seen": other}).status_code == 404
    actions = owner(session).scalars(select(AuditEntry.action).where(AuditEntry.id > before)).all()
    assert sorted(actions) == ["care.end", "care.enrol", "care.hand_over"]


@pytest.mark.parametrize("wrong", [{"consent_ref": "王某某"}, {"tier": "hourly"}, {"home": ""}, {"staff": "x"}])
def test_a_wrong_enrolment_is_said(wrong: dict, enter: Enter, session: Session) -> None:
    home = session.scalar(select(func.min(Household.id)).where(Household.territory == int(GRID)))
    form = {"home": str(home), "staff": "1", "tier": "monthly", "consent_ref": PAPER, **wrong}
    assert enter("village_manager").post("/care/enrol", data=form).status_code == 400


def test_the_register_shows_no_household(enter: Enter, session: Session) -> None:
    page = enter("village_manager").get("/care/").text
    register = page[page.index('id="register"') :]
    assert "QN-" in register
    assert not re.search(r"单元|household", register)


def test_an_enrolment_of_somebody_who_left_the_grid_is_marked(enter: Enter, session: Session) -> None:
    lead, mark = enter("village_manager"), "已不在本网格"
    assert mark not in lead.get("/care/").text
    worker = owner(session).scalar(select(User.staff_id).where(User.name == "grid_worker"))
    session.execute(update(Assignment).where(Assignment.staff_id == worker).values(valid=Range(None, DAY)))
    assert "关爱登记仍归离任人员" in lead.get(f"/forces/{GRID}/grid_leader").text
    page = lead.get("/care/").text
    mine = select(func.count()).where(Enrolment.staff_id == worker, Enrolment.ended_on.is_(None))
    assert page.count(mark) == owner(session).scalar(mine) > 0


def test_a_count_that_stands_alone_is_told_nowhere(enter: Enter, session: Session) -> None:
    grids = session.scalars(select(Grid).where(Grid.village_code == VILLAGE).order_by(Grid.code).limit(3)).all()
    session.execute(delete(CareTally).where(CareTally.territory // 1000 == int(VILLAGE)))
    for grid, n in zip(grids, (3, 17, 23), strict=True):
        session.add(CareTally(grid_id=grid.id, territory=grid.territory, month=MONTH, tier="weekly",
                              enrolled=n, in_time=0))  # fmt: skip
    session.commit()
    client = enter("village_manager")
    table = client.get(f"/care/counts.csv?area={VILLAGE}").get_data().decode("utf-8-sig")
    rows = {line.split(",")[0]: line.split(",")[2:] for line in table.splitlines()[1:]}
    assert rows[grids[0].code] == ["<5"] * 3
    assert rows[grids[1].code] == ["—"] * 3
    assert rows[grids[2].code][0] == "23"
    assert rows[VILLAGE][0] == "43", "two are hidden, so their village may be told"
    values = client.get(f"/map/figures?theme=coverage&measure=care&area={VILLAGE}").get_json()["values"]
    told = {code: (n, d) for _value, n, d, code in values.values()}
    assert [told[grid.code] for grid in grids] == [(None, None), (None, None), (0, 23)]
    header = client.get(f"/map/figures?theme=coverage&measure=care&area={grids[1].code}").get_json()["header"]
    assert "care" not in {each["name"] for each in header}, "not even by asking for that grid alone"
