"""The small maps in forms: a project's outline is drawn corner by corner, a team is put where the pin stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, delete, func, select, update

from gis.database import transaction
from gis.premises import Project
from gis.resources import VolunteerTeam
from tests.browser.conftest import OPEN, PHONE


@pytest.fixture(autouse=True)
def forgotten(engine: Engine) -> Iterator[None]:
    """Leave the district as it was."""
    with transaction(engine) as session:
        last = session.scalar(select(func.max(Project.id))) or 0
    yield
    with transaction(engine) as session:
        session.execute(delete(Project).where(Project.id > last))


def click(page: Page, across: float, down: float) -> None:
    frame = page.locator(".small-map").bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + frame["width"] * across, frame["y"] + frame["height"] * down)
    page.wait_for_timeout(300)  # a second click within a moment would be a double click


def test_an_outline_is_drawn_and_a_project_begins_over_it(visit: OPEN, engine: Engine) -> None:
    page = visit("/projects/", "town_manager")
    page.fill("#p-name", "绘制的项目")
    page.fill("#p-lead", "住建部门")
    page.click("#draw summary")
    page.locator("#draw-clear").scroll_into_view_if_needed()
    back = page.locator("#draw-back")
    for corner in ((0.48, 0.45), (0.52, 0.45), (0.52, 0.55), (0.9, 0.9)):
        click(page, *corner)
    back.click()
    drawn = json.loads(page.input_value("[name=drawn]"))
    assert len(drawn["coordinates"][0][0]) == 4, "three corners and the first one again"
    page.locator("form:has(#p-name) .button-primary").click()
    expect(page.locator("h1")).to_have_text("绘制的项目")
    with transaction(engine) as session:
        outline = select(func.st_asgeojson(Project.outline, 7)).where(Project.name == "绘制的项目")
        stored = shapely.from_geojson(session.scalar(outline))
        assert stored.equals_exact(shapely.from_geojson(json.dumps(drawn)), 1e-6)


INKED = """() => {
  const names = document.querySelector(".small-map .wangge-overlay");
  if (!names?.width) return false;
  return names.getContext("2d").getImageData(0, 0, names.width, names.height).data.some(Boolean);
}"""


@pytest.mark.parametrize("size", [None, PHONE])
def test_the_ground_under_a_drawing_has_names_and_a_scale(size: dict[str, int] | None, visit: OPEN) -> None:
    page = visit("/projects/", "town_manager", *([size] if size else []))
    page.click("#draw summary")
    page.locator(".small-map").scroll_into_view_if_needed()
    expect(page.locator(".small-map .leaflet-control-scale-line")).to_contain_text("m")
    page.wait_for_function(INKED)


@pytest.mark.parametrize("size", [None, PHONE])
def test_a_team_moves_to_where_the_pin_stands(size: dict[str, int] | None, visit: OPEN, engine: Engine) -> None:
    with transaction(engine) as session:
        team, name, was = session.execute(
            select(VolunteerTeam.id, VolunteerTeam.name, VolunteerTeam.point)
            .where(VolunteerTeam.grid_id.is_not(None)).order_by(VolunteerTeam.id).limit(1)).one()  # fmt: skip
    page = visit(f"/volunteers/teams/{team}/edit", "district_manager", *([size] if size else []))
    page.wait_for_function("() => window.wangge.pin")
    before = page.input_value("[name=lon]"), page.input_value("[name=lat]")
    page.locator(".small-map").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("window.wangge.pin.setZoom(18, { animate: false })")
    assert (page.input_value("[name=lon]"), page.input_value("[name=lat]")) == before, "looking closer moves nothing"
    click(page, 0.55, 0.5)
    after = page.input_value("[name=lon]"), page.input_value("[name=lat]")
    assert float(after[0]) > float(before[0])
    page.locator("form:has([name=lon]) .button-primary").click()
    expect(page.locator(".message-success")).to_contain_text(name)
    try:
        with transaction(engine) as session:
            lon = session.scalar(select(func.st_x(VolunteerTeam.point)).where(VolunteerTeam.id == team))
            assert lon == pytest.approx(float(after[0]), abs=1e-6)
    finally:
        with transaction(engine) as session:
            session.execute(update(VolunteerTeam).where(VolunteerTeam.id == team).values(point=was))


def test_a_file_of_projects_is_shown_before_it_is_taken(visit: OPEN, engine: Engine, tmp_path: Path) -> None:
    with transaction(engine) as session:
        before = session.scalar(select(func.count()).select_from(Project))
        outline = session.scalar(select(func.st_asgeojson(Project.outline)).order_by(Project.id).limit(1))
    told = {"name": "导入的项目", "lead_body": "住建部门"}
    feature = {"type": "Feature", "properties": told, "geometry": json.loads(outline or "")}
    file = tmp_path / "projects.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    page = visit("/projects/bring", "district_manager")
    page.set_input_files("#b-file", file)
    page.locator("button[name=try]").click()
    expect(page.locator("#result")).to_contain_text("将导入 1 个项目")
    expect(page.locator("#result .project")).to_have_count(1)
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Project)) == before, "shown and not taken"
    page.locator("#bring .button-primary").click()
    expect(page.locator(".message-success")).to_contain_text("已导入 1 个项目")
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Project)) == (before or 0) + 1
