"""What a row that is added stands for lies in the territory that the row names: the second lock alone says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from gis.database import admit
from gis.viewer import Viewer

Enter = Callable[[str], Viewer]
OWN, OTHER = 999901100001001, 999901100201001
"""A grid of the village manager's, and one of another village."""

ROWS = {
    "an assignment": (
        "village_manager",
        "INSERT INTO assignments (role, grid_id, staff_id, territory, valid) "
        "VALUES ('grid_worker', {grid}, {staff}, :own, '[2026-11-18,)')",
    ),
    "a meeting": (
        "village_manager",
        "INSERT INTO council_meetings (area_code, held_on, topic, territory) "
        "VALUES (left(:code, 12), '2026-11-18', '议事', :own / 1000 * 1000)",
    ),
    "a reception day": (
        "village_manager",
        "INSERT INTO reception_days (area_code, held_on, site, host_role, territory, point) VALUES (left(:code, 12), "
        "'2026-11-18', '接待室', 'link_cadre', :own / 1000 * 1000, ST_SetSRID(ST_Point(121.5, 28.7), 4490))",
    ),
    "an enrolment": (
        "village_manager",
        "INSERT INTO care.enrolments (consent_ref, tier, grid_id, household_id, staff_id, enrolled_on, next_due, "
        "territory) VALUES ('QN-2026-900009', 'weekly', {grid}, {home}, {staff}, '2026-11-18', '2026-11-25', :own)",
    ),
}  # fmt: skip


def known(session: Session, code: str) -> dict[str, int]:
    """The grid, a household in it that is not enrolled, and a worker of the own village, as the owner sees them."""
    home = ("SELECT min(h.id) FROM households h WHERE h.territory = :key AND NOT EXISTS "
            "(SELECT FROM care.enrolments e WHERE e.household_id = h.id)")  # fmt: skip
    staff = "SELECT min(staff_id) FROM assignments WHERE territory = :own AND role = 'grid_worker'"
    wanted = {"grid": "SELECT id FROM grids WHERE code = :code", "home": home, "staff": staff}
    values = {"code": code, "key": int(code), "own": OWN}
    return {name: session.scalar(text(query), values) for name, query in wanted.items()}


@pytest.mark.parametrize("what", ROWS)
def test_what_a_row_stands_for_lies_where_the_row_does(what: str, session: Session, viewer_as: Enter) -> None:
    role, statement = ROWS[what]
    places = {place: known(session, str(place)) for place in (OWN, OTHER)}
    admit(session, viewer_as(role))
    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        session.execute(text(statement.format(**places[OTHER])), {"code": str(OTHER), "own": OWN})
    added = session.execute(text(statement.format(**places[OWN])), {"code": str(OWN), "own": OWN})
    assert added.rowcount == 1  # type: ignore[attr-defined]


def test_what_reporters_answered_is_for_who_may_count_it(session: Session, viewer_as: Enter) -> None:
    count = text("SELECT count(*) FROM case_answers")
    viewers = [viewer_as(name) for name in ("district_manager", "auditor", "sys_admin", "intake")]
    told = []
    for viewer in viewers:
        admit(session, viewer)
        told.append(session.scalar(count))
    assert told[0] > 0
    assert told[1:] == [0, 0, 0]
