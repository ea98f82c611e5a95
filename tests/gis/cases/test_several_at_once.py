"""Two requests at the very same moment over two real connections: each thing is done once, and nobody gets a fault."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from gis.cases import Case, CasePhoto, clusters, filing, photos, register, steps, together
from gis.cases.changes import Given
from gis.database import admit, transaction
from gis.errors import Conflict, Invalid, NotFound
from gis.viewer import Viewer
from tests.conftest import NOW
from tests.racing import at_once

Found = tuple[str, dict[str, Viewer]]
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def more(case: Found, app_engine: Engine) -> list[str]:
    """Four cases at one place."""
    worker = case[1]["grid_worker"]
    with transaction(app_engine) as session:
        admit(session, worker)
        place = register.found(session, worker, case[0]).point
        lon, lat = session.execute(select(func.st_x(place), func.st_y(place))).one()
        given = [filing.Report("environment", f"堆物{number}", lon, lat) for number in range(4)]
        return [filing.report(session, worker, each, NOW).case_no for each in given]


def test_a_report_that_is_sent_twice_at_once_is_stored_once(case: Found, app_engine: Engine, engine: Engine) -> None:
    worker = case[1]["grid_worker"]
    with transaction(app_engine) as session:
        admit(session, worker)
        place = register.found(session, worker, case[0]).point
        lon, lat = session.execute(select(func.st_x(place), func.st_y(place))).one()
    given = filing.Report("environment", "两次", lon, lat, key="u:same-key")
    got = at_once(app_engine, worker, [lambda session: filing.report(session, worker, given, NOW).case_no] * 2)
    assert got[0] == got[1]
    with Session(engine) as session:
        assert session.scalar(select(func.count()).where(Case.title == "两次")) == 1


def test_two_merges_across_each_other_end_with_an_answer(case: Found, more: list[str], app_engine: Engine) -> None:
    dispatcher, (first, second, third, fourth) = case[1]["dispatcher"], more
    merges = [(third, [first, fourth]), (fourth, [second, third])]

    def merge(parent: str, children: list[str]) -> Callable[[Session], int]:
        return lambda session: clusters.merge(session, dispatcher, parent, [(each, 1) for each in children], LATER)

    got = at_once(app_engine, dispatcher, [merge(*each) for each in merges])
    assert sorted(map(type, got), key=str) == [Conflict, int], got


def test_a_merge_and_a_choice_in_the_other_order_end_with_an_answer(
    case: Found, more: list[str], app_engine: Engine
) -> None:
    dispatcher, (first, second, third, _fourth) = case[1]["dispatcher"], more
    chosen = dict.fromkeys((first, second, third), 1)

    def urge(session: Session) -> int:
        return len(together.act(session, dispatcher, "urge", chosen, LATER, Given(reason="请尽快办理")))

    def merge(session: Session) -> int:
        return clusters.merge(session, dispatcher, third, [(second, 1), (first, 1)], LATER)

    got = at_once(app_engine, dispatcher, [urge, merge])
    assert sorted(map(type, got), key=str) == [Conflict, int], got


def test_a_case_has_no_picture_too_many(case: Found, app_engine: Engine, engine: Engine) -> None:
    number, worker, picture = case[0], case[1]["grid_worker"], io.BytesIO()
    Image.new("RGB", (10, 10)).save(picture, "JPEG")

    def add(session: Session) -> int:
        return photos.add(session, worker, number, picture.getvalue(), NOW).id

    with transaction(app_engine) as session:
        admit(session, worker)
        for _ in range(photos.MOST_PHOTOS - 1):
            add(session)
    got = at_once(app_engine, worker, [add, add])
    assert sorted(map(type, got), key=str) == [Invalid, int]
    with Session(engine) as session:
        held = select(func.count()).select_from(CasePhoto).join(Case, Case.id == CasePhoto.case_id)
        assert session.scalar(held.where(Case.case_no == number)) == photos.MOST_PHOTOS


def test_a_case_that_has_left_the_territory_meanwhile_is_not_found(
    case: Found, app_engine: Engine, engine: Engine
) -> None:
    number, worker = case[0], case[1]["grid_worker"]
    with transaction(app_engine) as session:
        admit(session, worker)
        seen = register.found(session, worker, number)
        with engine.begin() as connection:
            moved = text("UPDATE cases SET territory = territory + 1 WHERE id = :id")
            connection.execute(moved, {"id": seen.id})
        with pytest.raises(NotFound), session.begin_nested():
            steps.store(session, worker, seen, "accept", "accepted", LATER, None, {"accepted_at": LATER}, None)
