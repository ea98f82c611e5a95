"""The impact report as a page and as tables: coverage and indicators before and after, in the reader's language."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.settings import Settings
from tests.conftest import DAY
from tests.gis.plans import scene
from tests.webapp.desk import Desk, opened

PARTS = ("areas", "grids", "buildings", "cases", "load", "organisations")


@pytest.fixture
def desk(connection: Connection, session: Session, settings: Settings) -> Desk:
    """清河社区 with homes that were visited, a volunteer team and a service point in its third grid."""
    return opened(connection, session, settings, scene.furnish(session, DAY).village)


@pytest.fixture
def plan(desk: Desk) -> int:
    """A draft in which the third grid gives three buildings to the fourth."""
    made = desk.plan()
    cells = [int(cell) for cell in desk.village.cells[14, :3]]
    desk.send(made, cells=cells, after=[desk.draft(made)["grids"][3]["id"]] * 3)
    return made


def shown(page: str, section: str) -> list[list[str]]:
    """Return the rows of a section as a reader sees them, folded ones without their heads."""
    part = page.split(f'id="{section}"')[1].split("</section>")[0]
    heads, bodies = part.split("</thead>")[0], re.findall(r"<tbody>.*?</tbody>", part, re.S)
    rows = re.findall(r"<tr.*?</tr>", heads + "".join(bodies), re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in row] for row in cells]


def listed(desk: Desk, plan: int, part: str) -> list[dict[str, str]]:
    """Return a table of the report by its heads."""
    text = desk.client("town_manager").get(f"/plans/{plan}/impact.csv?part={part}").text.removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_coverage_and_indicators_stand_before_after_and_as_a_difference(desk: Desk, plan: int) -> None:
    page = desk.client("town_manager").get(f"/plans/{plan}/impact").text
    heads, sides, village, *grids = shown(page, "indicators")
    assert heads[1:] == ["走访覆盖率（％）", "千户在办案件", "每千人活跃志愿者", "专职网格员人均户数"]
    assert sides == ["调整前", "调整后", "变化"] * 4
    assert village[0].startswith("清河社区")
    assert village[3] == "0", "the village as a whole is visited as before"
    fourth = next(row for row in grids if row[0].startswith("清河04网格"))
    assert fourth[2] == "12.5", "53 of 423 households"
    assert float(fourth[2]) - float(fourth[1]) == pytest.approx(float(fourth[3].replace("−", "-")), abs=1e-9)
    assert fourth[7:10] == ["0.0", "5.5", "+5.5"], "7 volunteers for 1,269 residents"


def test_the_page_says_what_the_table_says(desk: Desk, plan: int) -> None:
    page = desk.client("town_manager").get(f"/plans/{plan}/impact").text
    _heads, _sides, _village, *grids = shown(page, "indicators")
    rows = listed(desk, plan, "grids")
    assert len(rows) == len(grids) == 9
    for row in rows:
        (on_page,) = (each for each in grids if each[0].startswith(row["网格"]))
        in_table = [row[f"走访覆盖率（％）（{when}）"] for when in ("调整前", "调整后")]
        assert on_page[1:3] == in_table


def test_what_does_not_change_is_folded_away(desk: Desk, plan: int) -> None:
    page = desk.client("town_manager").get(f"/plans/{plan}/impact").text
    shown, folded = page.split("<h2>网格</h2>")[1].split("</section>")[0].split("<details")
    assert re.findall(r"清河(\d\d)网格", shown) == ["03", "04"]
    assert "7 个网格没有变化" in folded
    assert re.findall(r"清河(\d\d)网格", folded) == ["01", "02", "05", "06", "07", "08", "09"]


def test_a_territory_is_the_sum_of_its_grids(desk: Desk, plan: int) -> None:
    whole, grids = listed(desk, plan, "areas")[0], listed(desk, plan, "grids")
    assert whole["区划代码"] == desk.village.code
    for head in ("户数", "应访户数", "已访户数", "在办案件", "活跃志愿者", "专职网格员"):
        for when in ("调整前", "调整后"):
            assert int(whole[f"{head}（{when}）"]) == sum(int(row[f"{head}（{when}）"]) for row in grids), head


def test_people_that_two_grids_share_after_a_split_count_once_in_the_territory(desk: Desk) -> None:
    made = desk.plan()
    cells = [int(cell) for cell in desk.village.cells[8:12, 15:].ravel()]
    desk.send(made, kind="split", cells=cells, after=[-1] * len(cells),
              grids=[{"id": -1, "name": "清河新网格", "village": desk.village.code}])  # fmt: skip
    whole = listed(desk, made, "areas")[0]
    assert whole["专职网格员（调整前）"] == whole["专职网格员（调整后）"]


@pytest.mark.parametrize("part", PARTS)
def test_the_tables_speak_the_readers_language(desk: Desk, plan: int, part: str) -> None:
    client = desk.client("town_manager")
    heads = client.get(f"/plans/{plan}/impact.csv?part={part}").text.splitlines()[0]
    assert not re.search(r"[a-z]", heads), heads
    client.post("/language/en")
    heads, *rows = client.get(f"/plans/{plan}/impact.csv?part={part}").text.splitlines()
    assert not re.search(r"[\u4e00-\u9fff_]", heads), heads
    if part == "grids":
        assert "is redrawn" in "".join(rows)
