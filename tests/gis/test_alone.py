"""An entry of the duty list and a limit of a stage stand alone in their place, whoever puts one at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gis import duties, stages
from gis.database import admit
from gis.duties import DutyItem, Entry
from gis.errors import Conflict
from gis.stages import Limit, StageLimit
from gis.viewer import Viewer
from tests.conftest import DAY
from tests.leftovers import swept
from tests.racing import told

ENTRY = Entry("suggestion", "grid", "两人同时", 3, "working_day", "urgent")
LIMIT = Limit("accept", 3, "working_hour", "urgent")


@pytest.mark.parametrize(
    ("put", "model", "mine"),
    [
        (lambda session, viewer: duties.put(session, viewer, ENTRY, DAY), DutyItem, DutyItem.lead_body == "两人同时"),
        (lambda session, viewer: stages.put(session, viewer, LIMIT, DAY), StageLimit,
         (StageLimit.stage == "accept") & (StageLimit.urgency == "urgent")),
    ],
)  # fmt: skip
def test_of_two_who_put_the_same_entry_at_once_the_second_is_told(
    put: Callable[[Session, Viewer], Any], model: Any, mine: Any, app_engine: Engine, engine: Engine,
    viewer_as: Callable[[str], Viewer],
) -> None:  # fmt: skip
    viewer = viewer_as("district_manager")
    with swept(engine), Session(app_engine) as first, Session(app_engine) as second:
        admit(first, viewer)
        admit(second, viewer)
        second.execute(select(func.count()).select_from(model))
        put(first, viewer)

        said = told(first, lambda: (put(second, viewer), second.commit()))
        assert [type(each) for each in said] == [Conflict]
        second.rollback()
        with Session(engine) as session:
            held = func.count().filter(func.upper_inf(model.valid), ~func.isempty(model.valid))
            assert session.scalar(select(held).where(mine)) == 1
