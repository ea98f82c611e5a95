"""Scenario 7: land in no grid is found by the planner, given to a grid, and gone once that is published."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.boundaries import Gap
from gis.viewer import key
from tests.conftest import DAY
from tests.webapp.desk import Enter


def holes(session: Session, village: str) -> dict[str, int]:
    """What the map shows as wrong in a village, by kind, as the owner of the database counts it."""
    session.connection().exec_driver_sql("RESET ROLE")
    low = key(village)
    counted = select(Gap.kind, func.count()).where(Gap.territory.between(low, low + 999)).group_by(Gap.kind)
    return dict(session.execute(counted).all())


def neighbour(client: FlaskClient, draft: dict[str, Any], loose: list[int]) -> int:
    """The grid that has the most borders with the loose cells."""
    land = json.loads(gzip.decompress(client.get(f"/fabrics/{draft['village']}").get_data()))
    pairs = [*zip(land["borders"]["a"], land["borders"]["b"], strict=True)]
    own = set(loose)
    across = [b if a in own else a for a, b in pairs if (a in own) != (b in own)]
    return Counter(draft["of"][cell] for cell in across).most_common(1)[0][0]


def test_land_in_no_grid_is_given_to_one_and_the_gap_is_gone(enter: Enter, session: Session) -> None:
    planted = session.scalar(select(Gap.territory).where(Gap.kind == "gap").order_by(Gap.area_m2.desc()).limit(1))
    village = str(planted)[:12]
    before = holes(session, village)
    assert before["gap"] >= 1
    client = enter("planner")
    told = client.post("/plans/", data={"area": village, "name": "补齐空白"})
    plan = int(told.location.split("/")[2])
    draft = client.get(f"/drafts/{plan}?village={village}").get_json()
    loose = [at for at, grid in enumerate(draft["of"]) if not grid]
    assert loose, "the editor shows them"
    assert any(each["code"] == "E1" for each in client.get(f"/drafts/{plan}/findings").get_json()["findings"])
    body = {"kind": "paint", "base": draft["revision"], "key": "fill", "cells": [draft["cells"][at] for at in loose],
            "after": [neighbour(client, draft, loose)] * len(loose)}  # fmt: skip
    assert client.post(f"/drafts/{plan}/edits", json=body).status_code == 200
    assert client.post(f"/plans/{plan}/submit").status_code == 302
    reviewer = enter("district_manager")
    assert reviewer.post(f"/plans/{plan}/approve", data={"effective": DAY.isoformat()}).status_code == 302
    assert reviewer.post(f"/plans/{plan}/publish").status_code == 302
    after = holes(session, village)
    assert after.get("gap", 0) == 0
    assert after.get("building", 0) == 0
