"""What is left of the ten scenarios of a day: cases with one cause, and a file for another department."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.browser.conftest import OPEN
from tests.leftovers import swept

SMALL = 5


@pytest.fixture(autouse=True)
def tidy(engine: Engine) -> Iterator[None]:
    """What a test commits is gone after it."""
    with swept(engine):
        yield


def opened(page: Page) -> int:
    """How many open cases the list says there are."""
    page.goto("/cases/")
    return int(page.locator(".states .state-open strong").inner_text().replace(",", ""))


def test_scenario_9_cases_with_one_cause_stand_out_and_are_merged(visit: OPEN) -> None:
    page = visit("/cases/", "dispatcher")
    before = opened(page)
    page.get_by_role("link", name="聚集").click()
    cluster = page.locator("section.sheet", has=page.locator("form"))
    expect(cluster.first).to_contain_text("改造")
    boxes = cluster.first.locator("input[type=checkbox]")
    members = cluster.first.locator(".case-name")
    addresses = [each.get_attribute("href") or "" for each in members.all()]
    stays = cluster.first.locator("input[type=radio]:checked").get_attribute("value")
    for box in boxes.all():
        box.check()
    cluster.first.get_by_role("button").click()
    page.wait_for_selector(".message-success, .empty")
    repeats = [address for address in addresses if not address.endswith(str(stays))]
    assert opened(page) == before - len(repeats), "the one that stays is counted once"
    page.goto(repeats[0])
    expect(page.locator("main")).to_contain_text(str(stays))
    page.goto(f"/cases/{stays}")
    for address in repeats:
        expect(page.locator("main")).to_contain_text(address.rsplit("/", 1)[1])


def taken(page: Page, name: str, suffix: str, tmp_path: Path) -> str:
    """A layer as a file, through the page as a person takes it."""
    page.goto("/exports")
    page.fill("#purpose", "共享给民政部门")
    with page.expect_download() as coming:
        page.locator(f"[formaction*='/layers/{name}.{suffix}'], a[href*='/layers/{name}.{suffix}']").first.click()
    path = tmp_path / f"{name}.{suffix}"
    coming.value.save_as(path)
    return path.read_text(encoding="utf-8-sig")


def test_scenario_10_a_file_for_another_department(visit: OPEN, engine: Engine, tmp_path: Path) -> None:
    page = visit("/exports", "village_manager")
    told = json.loads(taken(page, "coverage", "geojson", tmp_path))
    grids = {each["properties"]["code"] for each in told["features"]}
    with engine.connect() as connection:
        every = connection.execute(text(
            "SELECT o.code, c.enrolled FROM grid_outlines o LEFT JOIN (SELECT grid_id, sum(enrolled) AS enrolled "
            "FROM care_tallies WHERE month = (SELECT max(month) FROM care_tallies) GROUP BY 1) c "
            "ON c.grid_id = o.grid_id WHERE upper_inf(o.valid)")).all()  # fmt: skip
    assert len({code[:12] for code in grids}) == 1, "the own village and nothing else"
    assert 0 < len(grids) < len(every)
    small = {code for code, enrolled in every if enrolled is not None and 0 < enrolled < SMALL}
    for each in told["features"]:
        if each["properties"]["code"] in small:
            assert each["properties"]["care_enrolled"] is None, "a small count does not leave"
    table = list(csv.DictReader(io.StringIO(taken(page, "coverage", "csv", tmp_path))))
    assert {row["code"] for row in table if re.fullmatch(r"\d{15}", row["code"] or "")} == grids
    auditor = visit("/audit/exports", "auditor")
    expect(auditor.locator("tbody tr").first).to_contain_text("village_manager")
    expect(auditor.locator("tbody tr").first).to_contain_text("共享给民政部门")
