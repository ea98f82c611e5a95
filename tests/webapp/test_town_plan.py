"""The pages of a plan for a whole town: village by village, each of them to be found, and none that stays as it is."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.settings import Settings
from tests import fabrics
from tests.webapp.desk import Desk, opened


@pytest.fixture
def made(connection: Connection, session: Session, settings: Settings) -> tuple[Desk, int]:
    """A desk, and a plan of a town of three villages that changes two of them."""
    town, villages = fabrics.lay_town(session, np.zeros((2, 3), int), np.ones((2, 3), int), 3)
    desk = opened(connection, session, settings, villages[0])
    plan = int(desk.client().post("/plans/", data={"area": town, "name": "全镇"}).location.split("/")[2])
    for village in villages[:2]:
        desk.village = village
        grid = desk.draft(plan)["grids"][0]["id"]
        desk.send(plan, kind="change", grids=[{"id": grid, "name": f"新网格{grid}"}])
    return desk, plan


def test_its_impact_has_an_overview_and_a_pair_of_maps_for_each_village_that_changes(made: tuple[Desk, int]) -> None:
    desk, plan = made
    page = desk.client("district_manager").get(f"/plans/{plan}/impact").text
    overview, villages = page.split("逐村（社区）对照")
    assert re.findall(r"<summary>(.*?)</summary>", villages)[:2] == ["清河社区", "清湖社区"]
    assert "1 个村（社区）没有变化，图上不画。" in overview


def test_its_comparison_has_a_map_for_each_village_that_changes(made: tuple[Desk, int]) -> None:
    desk, plan = made
    page = desk.client("district_manager").get(f"/plans/{plan}/compare").text
    assert re.findall(r'aria-label="变动示意图: (.*?)"', page) == ["清河社区", "清湖社区"]
    assert "1 个村（社区）没有变化，图上不画。" in page


def test_its_page_leads_to_each_village_and_tells_what_its_grids_add_up_to(made: tuple[Desk, int]) -> None:
    desk, plan = made
    page = desk.client().get(f"/plans/{plan}").text
    leads = re.findall(r'<a href="#(village-\d{12})">(\S+)', page)
    assert [name for _, name in leads] == list(fabrics.NAMES)
    for target, name in leads:
        part = page.split(f'<tbody id="{target}">')[1].split("</tbody>")[0]
        assert name in part
        assert "1 个网格 · 6 户 · 1 个未达目标" in part


def test_a_finding_names_its_village_and_leads_there(made: tuple[Desk, int]) -> None:
    desk, plan = made
    desk.send(plan, cells=[int(desk.village.cells[0, 0])], after=[None])
    assert desk.village.code.endswith("991")
    page = desk.client().get(f"/plans/{plan}").text
    (line,) = [each for each in page.split("<li ") if ">E1<" in each]
    assert "<strong>清湖社区</strong>" in line
    assert f"/plans/{plan}/edit?village={desk.village.code}#cells=" in line


def test_an_undo_tells_of_a_village_that_is_not_on_the_map(made: tuple[Desk, int]) -> None:
    desk, plan = made
    base, client = desk.draft(plan)["revision"], desk.client()
    first = desk.village.code.replace("991", "990")
    body = {"base": base, "key": "back"}
    answer = client.post(f"/drafts/{plan}/undo?village={first}", json=body).get_json()
    assert answer["elsewhere"] == ["清湖社区"]
    body = {"base": answer["revision"], "key": "again"}
    assert client.post(f"/drafts/{plan}/redo?village={desk.village.code}", json=body).get_json()["elsewhere"] == []
