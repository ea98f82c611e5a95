"""The pages of visits: recorded and taken back by script, and one number on page, map, table and in the rows."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.coverage import Visit
from gis.premises import Household
from gis.users import User
from tests.conftest import DAY
from tests.webapp.desk import Enter

VILLAGE, GRID, OTHER = "999901100001", "999901100001002", "999901100001001"


def owner(session: Session) -> Session:
    """Give the session its owner's rights back, which a request over the same connection took."""
    session.execute(text("RESET ROLE"))
    return session


def newest(session: Session) -> int:
    """Return the number of the newest audit row."""
    return owner(session).scalar(select(func.max(AuditEntry.id))) or 0


def told(session: Session, account: str, **more: object) -> dict[str, object]:
    owner(session)
    user = session.scalar(select(User.id).where(User.name == account))
    home = session.scalar(select(func.min(Household.id)).where(Household.territory == int(GRID)))
    return {"user": user, "key": "page-0001", "household": home, "result": "met", "purpose": "routine",
            "day": DAY.isoformat(), **more}  # fmt: skip


def lines(client: FlaskClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_a_visit_is_recorded_once_seen_today_and_taken_back(enter: Enter, session: Session) -> None:
    client, before = enter("grid_worker"), newest(session)
    body = told(session, "grid_worker")
    answers = [client.post("/visits/record", json=body).get_json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert 'data-key="page-0001"' in client.get("/visits/?show=today").text
    undo = {"user": body["user"], "of": "page-0001"}
    assert client.post("/visits/undo", json=undo).get_json() == {"undone": True}
    assert client.post("/visits/undo", json=undo).get_json() == {"undone": False}
    assert 'data-key="page-0001"' not in client.get("/visits/?show=today").text
    actions = owner(session).scalars(select(AuditEntry.action).where(AuditEntry.id > before)).all()
    assert sorted(actions) == ["visit.record", "visit.undo"], "twice sent is written once"


@pytest.mark.parametrize(
    ("more", "status"),
    [({"user": 1_000_000}, 400), ({"household": "x"}, 400), ({"household": 10**7}, 404), ({"day": "yesterday"}, 400),
     ({"day": "2030-01-01"}, 400), ({"result": "dead"}, 400), ({"key": ""}, 400)],
)  # fmt: skip
def test_what_cannot_be_is_said_and_not_stored(more: dict, status: int, enter: Enter, session: Session) -> None:
    answer = enter("grid_worker").post("/visits/record", json=told(session, "grid_worker", **more))
    assert answer.status_code == status
    assert answer.get_json()["error"]
    assert owner(session).scalar(select(func.count()).where(Visit.recorded_by.is_not(None))) == 0


def test_a_device_that_another_user_took_over_keeps_what_is_not_its(enter: Enter, session: Session) -> None:
    body = told(session, "grid_leader")
    assert enter("grid_worker").post("/visits/record", json=body).status_code == 400
    assert enter("grid_worker").get("/visits/token").get_json()["user"] != body["user"]


def test_nothing_but_codes_is_taken(enter: Enter, session: Session) -> None:
    body = told(session, "grid_worker", note="张小明 13812345678", name="张小明")
    assert enter("grid_worker").post("/visits/record", json=body).status_code == 200
    stored = owner(session).scalars(select(Visit).where(Visit.recorded_by.is_not(None))).one()
    assert "张" not in str(vars(stored))


def test_a_visit_takes_its_household_from_list_figure_and_table(enter: Enter, session: Session) -> None:
    client, manager = enter("grid_worker"), enter("village_manager")
    page = client.get("/visits/").text
    home = int(re.findall(r'data-place="household:(\d+)"', page)[0])
    assert f'data-household="{home}"' in manager.get(f"/visits/unvisited?area={GRID}").text
    before = {row[0]: row for row in lines(manager, f"/visits/coverage.csv?area={VILLAGE}")}
    answer = client.post("/visits/record", json=told(session, "grid_worker", household=home))
    assert answer.status_code == 200, answer.text
    after = {row[0]: row for row in lines(manager, f"/visits/coverage.csv?area={VILLAGE}")}
    assert [int(after[GRID][at]) - int(before[GRID][at]) for at in (2, 3, 5)] == [1, 0, -1]
    assert after[OTHER] == before[OTHER]
    assert f'data-household="{home}"' not in manager.get(f"/visits/unvisited?area={GRID}").text
    assert f'data-place="household:{home}"' not in client.get("/visits/").text


@pytest.mark.parametrize(("name", "area"), [("district_manager", "999901000000"), ("town_manager", "999901100000"),
                                            ("village_manager", VILLAGE)])  # fmt: skip
def test_page_table_map_and_rows_say_the_same(name: str, area: str, enter: Enter) -> None:
    client = enter(name)
    table = lines(client, f"/visits/coverage.csv?area={area}")
    whole = table[-1]
    header = client.get(f"/map/figures?theme=coverage&measure=visits&area={area}").get_json()["header"]
    shown = next(each for each in header if each["name"] == "visits")
    assert (shown["value"], shown["n"]) == (whole[4], f"{int(whole[2]):,} / {int(whole[3]):,} 在册")
    assert sum(int(row[2]) for row in table[1:-1]) == int(whole[2])
    page = client.get(f"/visits/coverage?area={area}").text
    assert f"<strong>{int(whole[2]):,}</strong>" in page
    for code, _name, visited, listed, share, unvisited in table[1:-1]:
        row = re.search(rf'data-code="{code}".*?</tr>', page, re.S)
        assert row is not None
        assert [f"{int(n):,}" in row.group() for n in (visited, listed, unvisited)] == [True] * 3
        assert share in row.group()
    months = lines(client, f"/visits/coverage.csv?area={area}&table=months")
    assert len(months) == 13
    assert months[1][2:6] == whole[2:6], "this month stands where the page stands"
    for month in months[1:]:
        assert f'data-month="{month[0]}"' in page


def test_the_map_has_the_figure_of_each_grid(enter: Enter) -> None:
    client = enter("village_manager")
    table = {row[0]: row for row in lines(client, f"/visits/coverage.csv?area={VILLAGE}")[1:-1]}
    answer = client.get(f"/map/figures?theme=coverage&measure=visits&area={VILLAGE}").get_json()
    figures = {code: (n, d) for _value, n, d, code in answer["values"].values()}
    assert {code: (int(row[2]), int(row[3])) for code, row in table.items()} == {
        code: (n or 0, d or 0) for code, (n, d) in figures.items()
    }


def test_the_layer_is_as_long_as_the_figure(client_as: Enter) -> None:
    client = client_as("village_manager")
    rows = lines(client, f"/layers/unvisited.csv?purpose=test&area={VILLAGE}")
    assert len(rows) - 1 == int(lines(client, f"/visits/coverage.csv?area={VILLAGE}")[-1][5])


@pytest.mark.parametrize("name", ["town_manager", "district_manager", "planner"])
def test_who_sees_no_households_sees_counts_and_no_list(name: str, enter: Enter) -> None:
    client = enter(name)
    assert client.get("/visits/").location.endswith("/visits/coverage")
    assert client.get("/visits/coverage").status_code == 200
    assert "/visits/unvisited" not in client.get("/visits/coverage").text
    assert client.get("/visits/unvisited").status_code == 403
    assert client.get("/layers/unvisited.csv?purpose=x").status_code == 403


def test_the_list_behind_the_figure_is_that_of_the_day(enter: Enter) -> None:
    client, day = enter("village_manager"), "2026-08-31"
    page = client.get(f"/visits/unvisited?area={GRID}&date={day}").text
    assert day in page
    assert page.count("data-household") != client.get(f"/visits/unvisited?area={GRID}").text.count("data-household")
    assert client.get("/visits/unvisited?date=tomorrow").status_code == 400


def test_a_past_day_and_a_strange_one(enter: Enter) -> None:
    client = enter("town_manager")
    table = lines(client, "/visits/coverage.csv?date=2026-06-30")
    assert table != lines(client, "/visits/coverage.csv")
    assert client.get("/visits/coverage?date=tomorrow").status_code == 400
    assert client.get("/visits/coverage?area=999902000000").status_code == 404
    assert client.get("/visits/coverage.csv?table=persons").status_code == 404
