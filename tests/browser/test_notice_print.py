"""The notice board on its A3 sheet: one page, and nothing on it is cut, however many people and points there are."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete, func, select

from gis.boundaries import GridOutline
from gis.database import transaction
from gis.resources import ServicePoint
from tests.browser.conftest import OPEN
from tests.conftest import DAY

CODE = "999901100001001"
SHEET = {"width": 1481, "height": 1016}
"""An A3 sheet between its margins, in pixels."""


@pytest.fixture
def points(request: pytest.FixtureRequest, engine: Engine) -> Iterator[int]:
    """Service points of the grid besides those that it has, each with all that can be said of one."""
    with transaction(engine) as session:
        own = select(GridOutline).where(GridOutline.code == CODE, GridOutline.valid.contains(DAY))
        outline = session.scalars(own).one()
        spot = session.scalar(select(func.st_astext(func.st_pointonsurface(outline.outline))))
        for number in range(request.param):
            session.add(ServicePoint(
                territory=outline.territory, grid_id=outline.grid_id, area_code=CODE[:12], kind="station",
                name=f"第{number + 1}便民服务驿站", opening_hours="周一至周日 8:30-20:00", contact_phone="000-5051",
                items=["代办服务", "法律咨询", "议事协商", "老年助餐"], point=f"SRID=4490;{spot}"))  # fmt: skip
    yield request.param
    with transaction(engine) as session:
        session.execute(delete(ServicePoint).where(ServicePoint.name.like("第%便民服务驿站")))


@pytest.mark.parametrize(("points", "language"), [(1, "en"), (4, "zh"), (10, "en")], indirect=["points"])
def test_nothing_of_the_notice_is_cut_on_paper(visit: OPEN, points: int, language: str) -> None:
    page = visit(f"/notice/{CODE}", None, SHEET)
    if language == "en":
        page.get_by_role("button", name="English").click()
    page.emulate_media(media="print")
    ends = "document.querySelector('.board-side').lastElementChild.lastElementChild.getBoundingClientRect().bottom"
    foot = page.evaluate("document.querySelector('.board-foot').getBoundingClientRect().top")
    assert page.locator(".points li").count() >= points
    assert page.evaluate(ends) <= foot, "the last point stands above the foot"
    wide = page.evaluate("document.querySelector('.board-side').getBoundingClientRect().right")
    assert page.evaluate("Math.max(...[...document.querySelectorAll('.board-side *')]"
                         ".map(each => each.getBoundingClientRect().right))") <= wide + 1  # fmt: skip
    body = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", body)) == 1
