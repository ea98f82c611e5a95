"""The months say what can be counted by hand from the visits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from gis.coverage import Visit
from gis.viewer import Viewer
from layers import reach
from layers.query import Asked
from tests.conftest import DAY, NOW

BY_HAND = """
SELECT count(DISTINCT v.household_id) FROM visits v JOIN households h ON h.id = v.household_id
 WHERE v.result <> 'not_in' AND v.visited_on BETWEEN DATE :day - 182 AND DATE :day AND v.territory::text LIKE :code
"""


@pytest.mark.parametrize(("name", "area"), [("district_manager", None), ("town_manager", "999901100001"),
                                            ("grid_worker", None)])  # fmt: skip
def test_every_month_is_what_can_be_counted_by_hand(
    name: str, area: str | None, session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    first = session.scalars(select(Visit).where(Visit.household_id.is_not(None)).order_by(Visit.id)).first()
    for back, result in ((0, "met"), (0, "met"), (60, "not_in"), (182, "met"), (183, "revisit"), (184, "met")):
        session.add(Visit(household_id=first.household_id, building_id=first.building_id, grid_id=first.grid_id,
                          territory=first.territory, visited_on=DAY - timedelta(days=back), purpose="routine",
                          result=result))  # fmt: skip
    session.flush()
    viewer = viewer_as(name)
    months = reach.by_month(session, viewer, Asked(DAY, NOW, area=area))
    assert [len(months), months[0].day, months[1].day] == [12, DAY, date(2026, 10, 31)]
    code = (area or viewer.territory.codes[0]).rstrip("0") + "%"
    for month in months:
        by_hand = text(BY_HAND.replace(":day", f"'{month.day}'"))
        assert month.reach.visited == session.scalar(by_hand, {"code": code})
        assert month.visits == sum(month.results.values())
    assert sum(month.visits for month in months) > 0


def test_the_months_read_the_visits_once(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    viewer, statements = viewer_as("district_manager"), []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    reach.by_month(session, viewer, Asked(DAY, NOW))
    event.remove(session.get_bind(), "before_cursor_execute", note)
    assert sum("visits" in statement for statement in statements) == 2, "the reach of all months, and what was made"
