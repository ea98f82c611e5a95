"""What a plan does, on a desk, a telephone and paper: maps that say what moves, and nothing that is cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, update

from gis.database import transaction
from gis.plans.tables import Plan, PlanGrid
from tests import fabrics
from tests.browser.conftest import OPEN, PHONE
from tests.browser.drawing import begin, give, standing
from tests.conftest import NOW
from tests.gis.plans import scene

A4 = {"width": 703, "height": 1010}
"""What a sheet has between its margins, in CSS pixels."""
BEYOND = """() => [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80))"""
ASTRAY = """(svg) => {
  const lands = [...svg.querySelectorAll("path.shape")], texts = [...svg.querySelectorAll("text")];
  const boxes = texts.map((text) => text.getBBox());
  const inside = (land, { x, y, width, height }) => [[x, y], [x + width, y], [x, y + height], [x + width, y + height]]
    .every(([left, top]) => land.isPointInFill(new DOMPoint(left, top)));
  const over = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  const wrong = texts.filter((_, i) => !lands.some((land) => inside(land, boxes[i])));
  const stacked = texts.filter((_, i) => boxes.some((box, j) => i !== j && over(boxes[i], box)));
  return [...wrong, ...stacked].map((text) => text.textContent);
}"""
"""The names on a map that leave their grid or lie over another one."""


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=981) as found:
        with transaction(engine) as session:
            scene.counts(session, found)
        yield found


@pytest.fixture(scope="module")
def plans() -> dict[str, int]:
    """The number of the plan, once it was drawn."""
    return {}


@pytest.fixture
def pushed(visit: OPEN, village: fabrics.Village, plans: dict[str, int], engine: Engine) -> int:
    """A plan in which the third grid gives three buildings to the fourth; one has a long name. It was given back."""
    if not plans:
        page = visit("/plans/", "planner")
        plans["drawn"] = begin(page, village.code, "春季调整：新楼交付后第二次修订草案")
        give(page, village)
        with transaction(engine) as session:
            session.get_one(Plan, plans["drawn"]).reviewed_at = NOW  # given back: the longest of the words for a plan
            name = update(PlanGrid).where(PlanGrid.plan_id == plans["drawn"], PlanGrid.name == "清河09网格")
            session.execute(name.values(name="清河社区滨江花园南区及邻近商铺综合治理试点第九网格（含沿河步道与码头）"))
    return plans["drawn"]


def english(page: Page) -> None:
    page.get_by_role("button", name="English").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_maps_mark_the_ground_that_moves_and_say_how(pushed: int, visit: OPEN) -> None:
    page = visit(f"/plans/{pushed}/impact", "planner")
    for when in (0, 1):
        expect(page.locator(".pair figure").nth(when).locator(".shape-moved")).to_have_count(1)
    expect(page.locator(".pair figure").nth(1).locator(".shape-before")).to_have_count(9)
    for sign in ("shape-after", "shape-before", "shape-moved"):
        expect(page.locator(f".pair .keys span:has(.{sign}) svg")).to_be_visible()
    fill = page.locator(".hatch-ground").first.evaluate("(one) => getComputedStyle(one).fill")
    assert fill not in ("none", "rgb(0, 0, 0)"), "the hatched ground has a colour"


@pytest.mark.parametrize("path", ["impact", "compare"])
def test_a_name_stays_in_its_grid_and_off_the_others(path: str, pushed: int, visit: OPEN) -> None:
    page = visit(f"/plans/{pushed}/{path}", "planner")
    for svg in page.locator("svg:has(text)").all():
        assert svg.locator("text").count() > 0
        assert svg.evaluate(ASTRAY) == []
    drawn = page.locator("svg:has(text)").last
    assert "009" in drawn.locator("text").all_text_contents(), "where a name has no room its code's end has"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_fit_a4_without_buttons_and_folds(language: str, pushed: int, visit: OPEN) -> None:
    page = visit(f"/plans/{pushed}/impact", "planner")
    if language == "en":
        english(page)
    folds = page.locator("details.folded")
    assert folds.count() > 1
    page.evaluate("""() => addEventListener("beforeprint", () => {
      window.unfolded = document.querySelectorAll("details.folded[open]").length;
    })""")
    page.pdf(prefer_css_page_size=True)
    assert page.evaluate("window.unfolded") == 0, "what does not change is a line on paper, too"
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4["width"], "height": A4["height"]})
    for path in ("impact", "compare", ""):
        page.goto(f"/plans/{pushed}/{path}".rstrip("/"))
        assert page.evaluate(BEYOND) == [], path
        assert not [one for one in page.locator(".button, .top").all() if one.is_visible()]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_the_pages_stand_still_and_their_buttons_are_whole(language: str, pushed: int, visit: OPEN) -> None:
    page = visit("/plans/", "planner", PHONE)
    if language == "en":
        english(page)
    for path in ("/plans/", f"/plans/{pushed}/impact", f"/plans/{pushed}/compare", f"/plans/{pushed}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    page.goto("/plans/")
    scroller = page.locator(".table-scroll").first
    assert scroller.evaluate("(one) => one.scrollWidth <= one.clientWidth"), "nothing of the list is cut off"
    box = page.locator(".plans-acts .button").first.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= PHONE["width"]
