"""A plan from its first stroke to the wall: live figures stand still until it is published, then everything follows."""

from __future__ import annotations

import re

import pytest
import shapely
from sqlalchemy import func, select

from gis.boundaries import GridOutline
from gis.plans.tables import Plan
from gis.viewer import key
from tests.conftest import DAY
from tests.webapp.desk import Desk


def drawn(desk: Desk) -> tuple[int, list[int]]:
    """A draft in which the first grid goes into the second one."""
    plan = desk.plan()
    gone, stays = (grid["id"] for grid in desk.draft(plan)["grids"][:2])
    cells = [int(cell) for cell in desk.village.of(1)]
    answer = desk.send(plan, kind="merge", cells=cells, after=[stays] * len(cells),
                       grids=[{"id": gone, "retired": True}])  # fmt: skip
    assert answer.status_code == 200, answer.text
    return plan, cells


def wall(desk: Desk, code: str) -> str:
    """The notice of a grid, without what is new in every answer."""
    return re.sub(r'(nonce|value)="[^"]*"', "", desk.client("town_manager").get(f"/notice/{code}").text)


def published(desk: Desk, plan: int) -> None:
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 302
    reviewer = desk.client("district_manager")
    assert reviewer.post(f"/plans/{plan}/approve", data={"effective": DAY.isoformat()}).status_code == 302
    assert reviewer.post(f"/plans/{plan}/publish").status_code == 302
    desk.session.expire_all()
    assert desk.session.get_one(Plan, plan).status == "published"


def test_a_draft_touches_no_live_figure(desk: Desk) -> None:
    client, code = desk.client("town_manager"), f"{desk.village.code}001"
    measures = ("theme=cases&measure=open", "theme=grids&measure=size", "theme=coverage&measure=visits")
    addresses = [
        *(f"/map/figures?{measure}" for measure in measures),
        f"/map/card/{code}",
        f"/map/territory?area={code}",
    ]
    before = [client.get(address).get_data() for address in addresses]
    drawn(desk)
    assert [client.get(address).get_data() for address in addresses] == before


def test_the_notice_board_follows_what_is_published(desk: Desk) -> None:
    first, second = (f"{desk.village.code}{number:03}" for number in (1, 2))
    grown = wall(desk, second)
    plan, _cells = drawn(desk)
    assert wall(desk, second) == grown, "a draft is on no wall"
    published(desk, plan)
    told = wall(desk, first)
    assert "清河02网格" in told
    assert f"/notice/{second}" in told, "the sign on the wall leads to what took the ground"
    assert wall(desk, second) != grown


def test_what_is_published_tiles_the_village_and_hangs_together(desk: Desk) -> None:
    plan, _cells = drawn(desk)
    published(desk, plan)
    low = key(desk.village.code)
    desk.session.connection().exec_driver_sql("RESET ROLE")
    found = select(func.st_asbinary(GridOutline.outline)).where(
        GridOutline.territory.between(low, low + 999), GridOutline.valid.contains(DAY)
    )
    shapes = shapely.from_wkb([bytes(wkb) for wkb in desk.session.scalars(found)])
    assert len(shapes) == 8
    assert shapely.coverage_is_valid(shapes), "no overlap, no sliver"
    whole = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(whole), rel=1e-12), "no square metre twice"
    assert shapely.get_num_geometries(whole) == 1
    assert shapely.get_num_interior_rings(shapely.get_geometry(whole, 0)) == 0, "no gap"
    assert (shapely.get_num_geometries(shapes) == 1).all()


def test_the_page_of_a_published_plan_tells_the_codes_that_were_given_and_no_rule_of_today(desk: Desk) -> None:
    plan, _cells = drawn(desk)
    published(desk, plan)
    page = desk.client().get(f"/plans/{plan}").text
    for number in range(2, 10):
        assert f"{desk.village.code}{number:03}" in page
    assert "E10" not in page
