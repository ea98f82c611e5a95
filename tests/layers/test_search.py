"""The search box: what bears the words, in an order that stays, and said when there is more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.cases import Case
from gis.database import transaction
from gis.premises import Building, Household
from layers import find
from tests import builders


@pytest.fixture
def search(client_as: Callable[[str], FlaskClient]) -> Callable[[str], dict[str, Any]]:
    client = client_as("town_manager")
    return lambda words: client.get("/map/search", query_string={"q": words}).get_json()


def labels(found: dict[str, Any], kind: str) -> list[str]:
    return [hit["label"] for hit in found["hits"] if hit["kind"] == kind]


def test_more_is_said_and_the_order_stays(search: Callable[[str], dict[str, Any]]) -> None:
    found = search("999901100201")
    assert found["more"] is True
    assert len(labels(found, "building")) == find.MOST_HITS
    assert search("999901100201") == found
    assert [hit["code"] for hit in found["hits"] if hit["kind"] == "grid"] == sorted(
        hit["code"] for hit in found["hits"] if hit["kind"] == "grid"
    )
    assert search("999901100201003999")["more"] is False


def test_short_names_come_first(search: Callable[[str], dict[str, Any]]) -> None:
    found = labels(search("小区"), "building") or labels(search("苑"), "building") or labels(search("村"), "building")
    assert found == sorted(found, key=lambda name: (len(name), name.encode()))


def test_one_sign_is_too_little(search: Callable[[str], dict[str, Any]]) -> None:
    for words in ("海", " 海 "):
        found = search(words)
        assert (found["hits"], found["more"]) == ([], False)
        assert found["said"], "an empty list would say that there is nothing"
    assert search("海棠")["said"] is None


def test_a_case_is_found_by_the_end_of_its_number(search: Callable[[str], dict[str, Any]], engine: Engine) -> None:
    with transaction(engine) as session:
        inside = Case.territory == 999901100001001
        case = session.scalars(select(Case).where(inside, Case.closed_at.is_(None)).limit(1)).one()
    with builders.changed(engine, case, case_no="9999012026087654"):
        for words in ("7654", "087654", "９９９９０１２０２６０８", "9999012026087654"):
            assert "9999012026087654" in str(search(words)["hits"]), words
        assert "9999012026087654" not in str(search("654")["hits"])


def test_grids_are_listed_as_they_are_numbered(search: Callable[[str], dict[str, Any]]) -> None:
    found = [hit["code"] for hit in search("网格")["hits"] if hit["kind"] == "grid"]
    assert len(found) > 3
    assert found == sorted(found)


def test_letters_are_found_in_either_case(search: Callable[[str], dict[str, Any]], engine: Engine) -> None:
    with transaction(engine) as session:
        building = session.scalars(select(Building).order_by(Building.id).limit(1)).one()
    with builders.changed(engine, building, name="Tower ABC%座"):
        for words in ("tower abc", "TOWER", "ABC%座"):
            assert "Tower ABC%座" in labels(search(words), "building")
        assert labels(search("ABC_座"), "building") == []


def test_few_digits_are_a_number_on_a_house_and_many_a_code(
    search: Callable[[str], dict[str, Any]], engine: Engine
) -> None:
    with transaction(engine) as session:
        building = session.scalars(select(Building).where(Building.code.is_not(None)).limit(1)).one()
        case = session.scalars(select(Case).where(Case.closed_at.is_(None)).limit(1)).one()
    with builders.changed(engine, building, address="海棠路98765号", name="门房98765"):
        assert "门房98765" in labels(search("98765"), "building")
        assert "门房98765" in labels(search(str(building.code)), "building")
    assert any(case.case_no in str(hit) for hit in search(case.case_no)["hits"])


@pytest.mark.parametrize(("words", "tables"), [("999901100201", 4), ("海棠", 6)])
def test_only_what_can_bear_the_words_is_asked(
    words: str, tables: int, app_engine: Engine, search: Callable[[str], dict[str, Any]]
) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    search(words)
    event.listen(app_engine, "before_cursor_execute", note)
    search(words)
    event.remove(app_engine, "before_cursor_execute", note)
    assert sum("lon_" in statement for statement in statements) == tables


def looks(engine: Engine) -> list[AuditEntry]:
    with Session(engine) as session:
        query = select(AuditEntry).where(AuditEntry.action == "household.look")
        return list(session.scalars(query.order_by(AuditEntry.id)))


def test_a_look_at_households_is_written_down(engine: Engine, client_as: Callable[[str], FlaskClient]) -> None:
    with transaction(engine) as session:
        inside = Household.territory == 999901100001001
        home = session.scalars(select(Household).where(inside).order_by(Household.id).limit(1)).one()
        spot = select(Household.outline.ST_PointOnSurface().ST_X(), Household.outline.ST_PointOnSurface().ST_Y())
        lon, lat = session.execute(spot.where(Household.id == home.id)).one()
    client, before = client_as("grid_leader"), len(looks(engine))
    address = f"/map/identify?lng={lon}&lat={lat}&z=18&layers="
    client.get(address + "buildings,grids")
    assert len(looks(engine)) == before, "no household was shown"
    shown = [hit for hit in client.get(address + "households").get_json()["hits"] if hit["layer"] == "households"]
    assert shown
    entry = looks(engine)[-1]
    assert len(looks(engine)) == before + 1
    assert (entry.user_name, entry.subject, entry.detail) == ("grid_leader", "999901100001001", {"count": len(shown)})
    client_as("town_manager").get(address + "households")
    assert len(looks(engine)) == before + 1, "who may not see them does not look at them"
