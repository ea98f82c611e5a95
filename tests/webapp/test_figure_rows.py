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
    assert [code for code, behind in pages.items() if not behind] == ["spatial_coverage"], "gaps are on the map alone"
    for address in {each for behind in pages.values() for each in behind}:
        assert client.get(address).status_code == 200, address


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
