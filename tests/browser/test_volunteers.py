"""The bivariate map and the calling of a team, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, select

from gis.boundaries import Grid, GridOutline
from gis.cases import Case
from gis.database import transaction
from gis.resources import VolunteerTeam
from tests import builders
from tests.browser.conftest import OPEN, PHONE
from tests.conftest import DAY

GRID, NUMBER = "999901100001001", "2026111877001"


@pytest.fixture
def case(engine: Engine) -> str:
    """A case with a team beside it, seen by the server; what the call wrote into the log stays, as a log does."""
    with transaction(engine) as session:
        known = session.scalar(select(Case).where(Case.case_no == NUMBER))
        if known is None:
            grid = session.scalars(select(Grid).where(Grid.code == GRID)).one()
            here = GridOutline.grid_id == grid.id, GridOutline.valid.contains(DAY)
            outline = session.scalars(select(GridOutline).where(*here)).one()
            session.add(builders.case(grid, outline, outline.centre, case_no=NUMBER, status="in_progress"))
            session.add(
                VolunteerTeam(
                    area_code=GRID[:12],
                    grid_id=grid.id,
                    territory=grid.territory,
                    name="浏览器保洁队",
                    skills=["environment"],
                    active_count=9,
                    registered_count=20,
                    availability="any_time",
                    radius_m=500,
                    point=outline.centre,
                )
            )
    return NUMBER


def test_need_and_resources_are_one_map_with_a_square_legend(visit: OPEN) -> None:
    page = visit("/map?theme=volunteers&measure=need")
    fields = page.locator("#legend .square td .swatch")
    expect(fields).to_have_count(9)
    counts = [int(each or 0) for each in page.locator("#legend .square td .legend-n").all_text_contents()]
    none = int(page.locator("#legend > ul .legend-n").first.text_content() or 0)
    values = page.evaluate("fetch('/map/figures?theme=volunteers&measure=need').then((r) => r.json())")["values"]
    assert sum(counts) + none == len(values)
    expect(page.locator("#legend .square caption")).to_contain_text("每千人活跃志愿者")
    expect(page.locator("#legend .square")).to_contain_text(">3")
    box = page.locator(".map-holder").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".tip")).to_contain_text("/")


@pytest.mark.parametrize("phone", [False, True])
def test_a_team_is_called_and_the_call_withdrawn(phone: bool, case: str, visit: OPEN) -> None:
    page = visit(f"/cases/{case}", "dispatcher", **({"size": PHONE} if phone else {}))
    row = page.locator("#teams li", has_text="浏览器保洁队").last
    row.get_by_role("button", name="调派").click()
    expect(page.locator("#teams")).to_contain_text("已通知")
    expect(page.locator(".timeline li").first).to_contain_text("调派志愿队")
    expect(page.locator("#teams li", has_text="浏览器保洁队").last).to_contain_text("出动中")
    page.get_by_role("button", name="撤回").click()
    expect(page.locator(".timeline li").first).to_contain_text("撤回调派")
    expect(page.locator("#teams li", has_text="浏览器保洁队").last.get_by_role("button", name="调派")).to_be_visible()


def test_scenario_8_leads_from_the_town_to_the_teams_near_a_grid(visit: OPEN) -> None:
    page = visit("/care/", "town_manager")
    expect(page.locator(".figures")).to_contain_text("70.8%")
    page.locator("[data-code='999901100001'] a").click()
    expect(page.locator("table").first).to_contain_text("<5")
    page.locator("[data-code='999901100001001'] a").click()
    expect(page.locator("#teams")).to_be_visible()
    assert page.locator("[data-place]").count() == 0
    page.get_by_role("link", name="在地图上看").click()
    page.wait_for_selector("html[data-painted=true]", state="attached")
    assert "volunteers" in page.url
