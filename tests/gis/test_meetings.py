"""A meeting on the screens of two people: the second is told, nothing is lost; and one that is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from gis import meetings
from gis.database import admit, transaction
from gis.errors import Conflict, Invalid
from gis.meetings import Meeting
from gis.party import PARTY_CADRE, ReceptionDay
from gis.scope import Scope, moment_of
from gis.users import User, viewer_of
from gis.viewer import Viewer
from tests.conftest import DAY, NOW
from tests.leftovers import swept

AHEAD = DAY + timedelta(days=9)
WAIT_S = 20


@pytest.fixture
def manager(engine: Engine) -> Iterator[Viewer]:
    """Who keeps the calendar; what is committed meanwhile is gone afterwards."""
    with swept(engine):
        with transaction(engine) as session:
            number = session.scalars(select(User.id).where(User.name == "village_manager")).one()
            viewer = viewer_of(session, number, DAY)
        yield viewer


def given(viewer: Viewer, **words: Any) -> Meeting:
    home = viewer.territory.home or ""
    return replace(Meeting("reception", home[:12], AHEAD, "党群服务中心"), **words)


def test_the_same_meeting_is_in_the_calendar_once(app_engine: Engine, manager: Viewer) -> None:
    with Session(app_engine) as session:
        admit(session, manager)
        number = meetings.put(session, manager, given(manager), DAY)
        with pytest.raises(Conflict, match="in the calendar already"):
            meetings.put(session, manager, given(manager), DAY)
        meetings.cancel(session, manager, number, 1, "场地检修")
        assert meetings.put(session, manager, given(manager), DAY) != number, "a cancelled one is not held"


def test_the_second_of_two_is_told_and_the_words_of_the_first_stay(
    manager: Viewer, engine: Engine, app_engine: Engine
) -> None:
    with transaction(app_engine) as session:
        admit(session, manager)
        number = meetings.put(session, manager, given(manager), DAY)
    both_have_looked = Barrier(2)

    def act(site: str) -> Any:
        try:
            with transaction(app_engine) as session:
                admit(session, manager)
                seen = session.get_one(ReceptionDay, number // 2).revision
                both_have_looked.wait(WAIT_S)
                if site == "cancel":
                    return meetings.cancel(session, manager, number, seen, "与培训同日")
                return meetings.put(session, manager, given(manager, about=site), DAY, number, seen)
        except Conflict as told:
            return told

    for sites in (("东门岗亭", "西门岗亭"), ("南门岗亭", "cancel")):
        with ThreadPoolExecutor(2) as pool:
            got = dict(zip(sites, pool.map(act, sites, timeout=WAIT_S), strict=True))
        (second,) = [site for site, answer in got.items() if isinstance(answer, Conflict)]
        (first,) = set(sites) - {second}
        with Session(engine) as session:
            row = session.get_one(ReceptionDay, number // 2)
            assert first in ((row.site, "cancel") if row.cancelled else (row.site,))


@pytest.fixture
def reader(session: Session, viewer_as: Callable[[str], Viewer]) -> Viewer:
    viewer = viewer_as("village_manager")
    admit(session, viewer)
    return viewer


def shown(session: Session, viewer: Viewer, number: int) -> Any:
    return meetings.one(session, viewer, Scope(DAY, moment_of(DAY, NOW), viewer.territory.spans), number)


def test_who_receives_is_chosen(session: Session, reader: Viewer) -> None:
    number = meetings.put(session, reader, given(reader), DAY)
    assert shown(session, reader, number).host == PARTY_CADRE
    meetings.put(session, reader, given(reader, host="legal_adviser"), DAY, number, 1)
    assert shown(session, reader, number).host == "legal_adviser"
    with pytest.raises(Invalid):
        meetings.put(session, reader, given(reader, host="nobody"), DAY, number, 2)


def test_a_cancelled_meeting_stays_readable_and_leaves_the_map(session: Session, reader: Viewer) -> None:
    number = meetings.put(session, reader, given(reader, kind="council", about="加装电梯"), DAY)
    scope = Scope(DAY, moment_of(DAY, NOW), reader.territory.spans)
    assert number in {row.id for row in session.execute(meetings.rows(scope))}
    with pytest.raises(Conflict):
        meetings.cancel(session, reader, number, 7, "与培训同日")
    meetings.cancel(session, reader, number, 1, "与培训同日")
    assert number not in {row.id for row in session.execute(meetings.rows(scope))}
    assert shown(session, reader, number).cancelled == "与培训同日"
    assert number in {row.id for row in meetings.listed(session, reader, scope, AHEAD, AHEAD)}
    with pytest.raises(Conflict):
        meetings.put(session, reader, given(reader, kind="council", about="另一议题"), DAY, number, 2)


def test_a_meeting_that_took_place_is_not_cancelled(session: Session, reader: Viewer) -> None:
    held = meetings.put(session, reader, given(reader, held_on=DAY, received=3), DAY)
    decided = meetings.put(session, reader, given(reader, kind="council", about="停车", outcome="同意"), DAY)
    for number in (held, decided):
        with pytest.raises(Conflict):
            meetings.cancel(session, reader, number, 1, "与培训同日")


def test_what_a_test_commits_at_a_reception_day_is_swept_with_its_case(engine: Engine) -> None:
    with engine.connect() as connection:
        before = connection.scalar(text("SELECT count(*) FROM reception_cases"))
    with swept(engine), transaction(engine) as session:
        day = session.scalar(text(
            "INSERT INTO reception_days (area_code, territory, site, host_role, held_on, point) SELECT area_code, "
            "territory, site, host_role, held_on, point FROM reception_days LIMIT 1 RETURNING id"))  # fmt: skip
        session.execute(
            text("INSERT INTO reception_cases (case_id, reception_id) SELECT min(id), :day FROM cases"), {"day": day}
        )
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM reception_cases")) == before
