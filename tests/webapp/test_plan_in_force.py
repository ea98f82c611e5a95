"""A plan from its first stroke to the wall: live figures stand still until it is published, then everything follows."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.plans.tables import Plan
from gis.settings import Settings
from gis.viewer import key
from layers.themes import THEMES
from tests import fabrics
from tests.conftest import DAY
from tests.webapp.desk import Desk, opened


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


def outline(notice: str) -> str:
    """How the own grid is drawn on a notice."""
    found = re.search(r'<path class="own" d="([^"]+)"', notice)
    assert found is not None
    return found[1]


def published(desk: Desk, plan: int) -> None:
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 302
    reviewer = desk.client("district_manager")
    assert reviewer.post(f"/plans/{plan}/approve", data={"effective": DAY.isoformat()}).status_code == 302
    assert reviewer.post(f"/plans/{plan}/publish").status_code == 302
    desk.session.expire_all()
    assert desk.session.get_one(Plan, plan).status == "published"


LIVE = (
    "areas", "grids", "grid_outlines", "buildings", "households", "cases", "organisations", "organisation_grids",
    "staff", "assignments", "visits", "volunteer_teams", "service_points", "gaps", "honours", "user_territories",
)  # fmt: skip
"""Tables that a draft has nothing to write to."""


def rows(desk: Desk) -> dict[str, str]:
    """A hash of all rows of each live table, as the owner sees them."""
    desk.session.connection().exec_driver_sql("RESET ROLE")
    told = "SELECT md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), '')) FROM {} t"
    return {name: str(desk.session.scalar(text(told.format(name)))) for name in LIVE}


def seen(desk: Desk) -> dict[str, bytes]:
    """Every figure of every theme, the line on top, two cards and the list of the village."""
    client, code = desk.client("town_manager"), desk.village.code
    asked = [(theme.name, measure.name) for theme in THEMES for measure in theme.measures]
    addresses = [f"/map/figures?theme={theme}&measure={measure}" for theme, measure in asked]
    addresses += [f"/map/card/{code}{number}" for number in ("001", "002")] + [f"/map/territory?area={code}"]
    answers = {address: client.get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {address: answer.get_data() for address, answer in answers.items()}


def test_a_day_that_is_far_ahead_is_refused_in_a_clear_sentence(desk: Desk) -> None:
    plan, _cells = drawn(desk)
    desk.client().post(f"/plans/{plan}/submit")
    reviewer = desk.client("district_manager")
    for day in ("9999-12-31", "2027-11-20"):
        refused = reviewer.post(f"/plans/{plan}/approve", data={"effective": day})
        assert refused.status_code == 400
        assert f"{day} 太远：方案最多提前 366 天批准。" in refused.text
    assert 'max="2027-11-19"' in reviewer.get(f"/plans/{plan}").text
    assert reviewer.post(f"/plans/{plan}/approve", data={"effective": "2027-11-19"}).status_code == 302


def test_a_draft_touches_no_live_figure_and_no_live_row(desk: Desk) -> None:
    figures, there = seen(desk), rows(desk)
    assert len(figures) > 8
    plan, _cells = drawn(desk)
    assert rows(desk) == there
    assert seen(desk) == figures
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 302
    reviewer = desk.client("district_manager")
    assert reviewer.post(f"/plans/{plan}/approve", data={"effective": DAY.isoformat()}).status_code == 302
    assert rows(desk) == there, "approved is not in force"
    assert seen(desk) == figures
    assert reviewer.post(f"/plans/{plan}/publish").status_code == 302
    assert rows(desk) != there, "what is in force is seen"
    card = f"/map/card/{desk.village.code}002"
    assert desk.client("town_manager").get(card).get_data() != figures[card]


def test_the_notice_board_follows_what_is_published(desk: Desk) -> None:
    first, second = (f"{desk.village.code}{number:03}" for number in (1, 2))
    grown = wall(desk, second)
    line, last = outline(grown), outline(wall(desk, f"{desk.village.code}005"))
    plan, _cells = drawn(desk)
    assert wall(desk, second) == grown, "a draft is on no wall"
    published(desk, plan)
    told = wall(desk, first)
    assert "清河02网格" in told
    assert f"/notice/{second}" in told, "the sign on the wall leads to what took the ground"
    assert outline(wall(desk, second)) != line, "the drawing has the new line"
    assert outline(wall(desk, f"{desk.village.code}005")) == last, "no other grid is drawn anew"


def test_the_notice_of_a_closed_grid_leads_on_and_calls_nobody_missing(desk: Desk) -> None:
    first, second = (f"{desk.village.code}{number:03}" for number in (1, 2))
    plan, _cells = drawn(desk)
    published(desk, plan)
    told = wall(desk, first)
    assert "该网格已于 2026-11-18 停用。 其范围现属于" in re.sub(r"\s+", " ", told)
    assert f'<a href="/notice/{second}">清河02网格</a>' in told
    assert "请找您家现在所属的网格" in told
    assert "暂无责任人" not in told
    assert "网格范围自" not in told, "nothing of it is in force"
    assert "暂无责任人" not in wall(desk, second)


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


def test_before_it_is_published_the_page_of_a_plan_tells_the_codes_of_its_impact(desk: Desk) -> None:
    plan = desk.plan()
    most = [int(cell) for cell in desk.village.of(7)][:-9]
    grid = {"id": -1, "name": "清河新网格", "village": desk.village.code}
    assert desk.send(plan, kind="split", cells=most, after=[-1] * len(most), grids=[grid]).status_code == 200
    code = rf"\b{desk.village.code}\d{{3}}\b"
    page, table = (desk.client().get(f"/plans/{plan}{what}").text for what in ("", "/impact.csv?part=grids"))
    assert {f"{desk.village.code}010", f"{desk.village.code}011"} <= set(re.findall(code, page))
    assert set(re.findall(code, page)) == set(re.findall(code, table))
    assert "新编号" in page


def workers(desk: Desk, plan: int) -> dict[str, int]:
    """How many grid workers the page of a plan tells for each grid."""
    page = desk.client().get(f"/plans/{plan}").text.split("plans-grids")[1].split("</table>")[0]
    rows = [re.findall(r"<td.*?</td>", row, re.S) for row in page.split("<tr>")[2:]]
    cells = [[re.sub(r"<[^>]+>", " ", cell).split() for cell in row] for row in rows]
    return {row[0][0]: int(row[5][0]) for row in cells}


def test_a_published_plan_tells_the_workers_of_grids_that_got_another_code(desk: Desk) -> None:
    plan = desk.plan()
    cells = [int(cell) for cell in desk.village.cells[8:12, 15:].ravel()]
    answer = desk.send(plan, kind="split", cells=cells, after=[-1] * len(cells),
                       grids=[{"id": -1, "name": "清河新网格", "village": desk.village.code}])  # fmt: skip
    assert answer.status_code == 200, answer.text
    before = workers(desk, plan)
    assert (len(before), set(before.values())) == (10, {1})
    published(desk, plan)
    assert workers(desk, plan) == before, "07 and the new one are retired and new, and 07's worker has both"


def test_a_plan_that_was_superseded_tells_the_workers_of_its_time(desk: Desk) -> None:
    one, _cells = drawn(desk)
    published(desk, one)
    before = workers(desk, one)
    assert set(before.values()) == {1}
    desk.tomorrow()
    assert desk.client().post(f"/plans/{one}/roll-back").status_code == 302
    newest = desk.session.scalars(select(Plan.id).order_by(Plan.id.desc())).first()
    assert newest is not None
    assert desk.client().post(f"/plans/{newest}/submit").status_code == 302
    reviewer = desk.client("district_manager")
    day = desk.now.date().isoformat()
    assert reviewer.post(f"/plans/{newest}/approve", data={"effective": day}).status_code == 302
    assert reviewer.post(f"/plans/{newest}/publish").status_code == 302
    desk.session.expire_all()
    assert desk.session.get_one(Plan, one).status == "superseded"
    assert workers(desk, one) == before


def test_a_town_plan_goes_on_where_another_came_into_force(
    connection: Connection, session: Session, settings: Settings
) -> None:
    town, (one, two) = fabrics.lay_town(session, np.zeros((2, 3), int), np.ones((2, 3), int))
    desk, other = opened(connection, session, settings, one), Desk(session, two, lambda name: desk.client(name))
    plan = int(desk.client().post("/plans/", data={"area": town, "name": "全镇"}).location.split("/")[2])
    for village, name in ((desk, "甲网格"), (other, "乙网格")):
        (grid,) = village.draft(plan)["grids"]
        village.send(plan, kind="change", key=name, grids=[{"id": grid["id"], "name": name}])
    published(desk, desk.changed("清河"))
    page = desk.client().get(f"/plans/{plan}").text
    assert "“清河”在“全镇”起草之后发布，清河社区的边界已变" in page
    assert f"/plans/{plan}/follow" in page
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 409
    assert desk.client().post(f"/plans/{plan}/follow").status_code == 302
    page = desk.client().get(f"/plans/{plan}").text
    assert f"/plans/{plan}/follow" not in page
    assert ("清河新名" in page, "甲网格" in page, "乙网格" in page) == (True, False, True)


def test_the_dashboard_names_the_grids_that_the_last_plan_ended(desk: Desk) -> None:
    desk.session.execute(text("UPDATE grid_outlines SET households = 480 WHERE name = '清河01网格'"))
    plan, cells = drawn(desk)
    published(desk, plan)
    here = np.isin(desk.village.cells, cells)
    households, buildings = int(desk.village.households[here].sum()), int((desk.village.buildings[here] > 0).sum())
    part = desk.client("town_manager").get("/figures/").text.split('id="figure-plan"')[1].split("</section>")[0]
    assert households == 480
    assert f"480 户、{buildings} 栋调整了所属网格" in part
    assert "撤销：清河01网格（480 户）" in part
