"""Every figure of the dashboard leads to the rows behind it, and where they are a list it has as many."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import Gap, GridOutline, in_force
from gis.staffing import Assignment
from tests.conftest import DAY
from tests.webapp.desk import Enter
from tests.webapp.test_cases import shown as counted
from tests.webapp.test_indicators import shown

FIGURE = re.compile(r'<figure class="sheet figure[^"]*" id="figure-(\w+)">.*?</figure>', re.S)
GAP = re.compile(r'data-gap="(\w+)">([\d,]+)<.*?</details>', re.S)


def links(part: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'href="([^"]+)"', part)]


def figures(client: FlaskClient, query: str = "") -> dict[str, str]:
    return {each[1]: each[0] for each in FIGURE.finditer(client.get(f"/figures/{query}").text)}


@pytest.mark.parametrize("query", ["", "?month=2026-10"])
def test_every_figure_leads_to_rows_and_not_to_the_map_alone(enter: Enter, query: str) -> None:
    client = enter("town_manager")
    found = figures(client, query)
    assert {"weeks", "rework", "chain", "functional", "reach", "sizes", "volunteers", "visits"} <= set(found)
    for name, figure in found.items():
        behind = [each for each in links(figure) if not each.startswith(("/map", "/figures/?"))]
        assert behind, f"{name} says where its rows are"
        for address in behind:
            assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("name", ["town_manager", "district_manager"])
def test_every_indicator_leads_to_rows_and_not_to_the_map_alone(enter: Enter, name: str) -> None:
    client = enter(name)
    found = re.findall(r'data-kpi="(\w+)">(.*?)</tr>', client.get("/figures/?month=2026-10").text, re.S)
    assert len(found) > 25
    pages = {code: [each for each in links(row) if not each.startswith("/map")] for code, row in found}
    assert [code for code, behind in pages.items() if not behind] == []
    for address in {each for behind in pages.values() for each in behind}:
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("query", ["", "?month=2026-10", "?area=999901100000"])
def test_what_a_share_falls_short_by_is_a_list_of_as_many(enter: Enter, session: Session, query: str) -> None:
    village = session.execute(select(Area.outline, Area.territory).where(Area.code == "999901100001")).one()
    for metres, kind in ((1200.4, "gap"), (800.4, "gap"), (500, "overlap")):
        session.add(Gap(kind=kind, area_m2=metres, territory=village.territory, outline=village.outline))
    session.commit()
    client = enter("village_manager" if not query else "district_manager")
    page = client.get(f"/figures/{query}").text
    short = re.findall(r'data-kpi="(\w+)">(?:(?!</tr>).)*?href="([^"]+)"[^>]*data-short="(\d+)"', page, re.S)
    expected = {"org_coverage", "functional_branch_coverage", "link_coverage", "legal_adviser_coverage",
                "staffing_rate", "grid_size_compliance", "spatial_coverage"}  # fmt: skip
    assert {code for code, _address, _number in short} >= expected
    for code, address, number in short:
        value = shown(page)[code]
        assert int(number) == int(value[2].replace(",", "")) - int(value[1].replace(",", "")), code
        body = client.get(unescape(address)).text
        if code in ("visit_coverage", "spatial_coverage"):
            assert f"{int(number):,}" in body, code
        else:
            assert len(re.findall("<tr>", body)) - bool(int(number)) == int(number), code


def test_grids_outside_the_range_are_told_with_by_how_much(enter: Enter, session: Session) -> None:
    grid = session.scalars(in_force(DAY).order_by(GridOutline.code)).first()
    assert grid is not None
    grid.households = 512
    session.commit()
    page = enter("district_manager").get(f"/figures/grids?area={grid.code[:12]}").text
    row = re.search(rf"<tr>(?:(?!</tr>).)*{grid.code}.*?</tr>", page, re.S)
    assert row
    assert "+12" in row[0]


def test_who_sees_no_household_is_not_led_to_the_unvisited(enter: Enter) -> None:
    assert "/visits/unvisited" not in enter("district_manager").get("/figures/").text
    assert "/visits/unvisited" in enter("village_manager").get("/figures/").text


def test_what_was_received_in_half_a_year_is_a_list_of_as_many(enter: Enter) -> None:
    client = enter("town_manager")
    figure = figures(client)["weeks"]
    n = int(re.search(r"n = ([\d,]+)", figure)[1].replace(",", ""))  # type: ignore[index]
    address = next(each for each in links(figure) if each.startswith("/cases/"))
    assert counted(client.get(address).text)["all"] == n > 0


def test_reworked_and_extended_cases_are_lists_of_as_many(enter: Enter) -> None:
    client = enter("town_manager")
    page = client.get("/figures/?month=2026-10").text
    numbers = shown(page)
    for code, count in (("rework_rate", "reworked"), ("extension_rate", "extended")):
        address = next(each for each in links(figures(client, "?month=2026-10")["rework"]) if f"count={count}" in each)
        rows = client.get(address.replace("/cases?", "/cases.csv?")).get_data().decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(rows)))) - 1 == int(numbers[code][1].replace(",", ""))


def test_every_gap_is_a_list_of_as_many(enter: Enter) -> None:
    client = enter("district_manager")
    found = list(GAP.finditer(client.get("/figures/").text))
    assert [each[1] for each in found] == ["link", "adviser", "functional"]
    for gap in found:
        addresses = [each for each in links(gap[0]) if each.startswith("/forces/vacancies?")]
        assert len(addresses) == 1, gap[1]
        table = client.get(addresses[0].replace("/vacancies?", "/vacancies.csv?")).get_data().decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(table)))) - 1 == int(gap[2].replace(",", "")), gap[1]


def test_a_gap_has_one_name_and_one_number_wherever_it_is_told(enter: Enter, session: Session) -> None:
    village = session.scalars(select(Assignment).where(Assignment.role == "legal_adviser")).first()
    assert village is not None
    village.contract_ends_on = DAY - timedelta(days=1)
    session.commit()
    client = enter("district_manager")
    told = re.findall(r'<summary>(.*?) <strong data-gap="\w+">([\d,]+)<', client.get("/figures/").text)
    assert len(told) == 3
    lacking = re.findall(
        r'class="state"[^>]*><span>(.*?)</span><strong>(.*?)</strong>', client.get("/forces/vacancies").text
    )
    assert set(told) <= set(lacking)
    assert "合同已到期" not in client.get("/forces/vacancies").text


def test_the_report_has_the_map_and_the_gaps_too(enter: Enter) -> None:
    client = enter("district_manager")
    page, paper = client.get("/figures/").text, client.get("/figures/report").text
    assert 'src="/figures/map.svg?' in paper
    assert "最近一次网格调整" in paper
    gaps = re.compile(r'data-gap="(\w+)">([\d,]+)<')
    assert len(gaps.findall(paper)) == 3
    assert gaps.findall(paper) == gaps.findall(page)
