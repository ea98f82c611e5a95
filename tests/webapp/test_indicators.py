"""The dashboard: screen, table, list and SQL say the same; closed months are kept; nobody sees beyond the territory."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.cases import facts
from gis.indicators import periods
from gis.indicators.behind import COUNTED
from gis.indicators.kpis import ALL
from gis.indicators.snapshots import KpiSnapshot
from tests.conftest import DAY, NOW
from tests.webapp.desk import Desk, Enter

LAST = periods.month_of(DAY).back(1)
TEN = "999901000000"
LINE = re.compile(r'data-kpi="(\w+)".*?</tr>', re.S)
CELL = re.compile(r'<td class="number[^"]*"[^>]*>(.*?)</td>', re.S)
TAG = re.compile(r"<[^>]+>")


def shown(page: str) -> dict[str, tuple[str, str, str]]:
    """Code → value, numerator and denominator as they stand on the page."""
    found = {}
    for line in LINE.finditer(page):
        value, pair = (TAG.sub("", cell).strip() for cell in CELL.findall(line[0])[:2])
        numerator, denominator = (each.strip() for each in pair.split("/"))
        found[line[1]] = value, numerator, denominator
    return found


def table(client: FlaskClient, query: str = "") -> dict[str, dict[str, str]]:
    body = client.get(f"/figures/table.csv{query}").get_data().decode("utf-8-sig")
    first = body.split("\r\n\r\n")[0]
    rows = list(csv.reader(io.StringIO(first)))
    return {
        row[2]: dict(zip(("numerator", "denominator", "value", "shown"), row[4:8], strict=True)) for row in rows[1:]
    }


def whole(number: str) -> str:
    return f"{round(float(number)):,}" if number else "—"


@pytest.mark.parametrize("query", ["", "?month=2026-09&area=999901100001"])
def test_screen_table_and_list_say_the_same(enter: Enter, query: str) -> None:
    client = enter("town_manager")
    page, rows = shown(client.get(f"/figures/{query}").text), table(client, query)
    assert set(page) == set(rows) == {kpi.code for kpi in ALL} - {"care_visit_compliance"}, "care is a district's alone"
    for code, (value, numerator, denominator) in page.items():
        told = rows[code]
        assert (value, numerator, denominator) == (told["shown"], whole(told["numerator"]), whole(told["denominator"]))
    for code, pair in COUNTED.items():
        for name, number in zip(pair, ("numerator", "denominator"), strict=True):
            if name is not None:
                address = f"/figures/cases{query or '?'}&count={name}"
                text = client.get(address).text
                total, hidden = re.search(r'data-total="(\d+)"', text), re.search(r'id="unlisted">其中 (\d+) 件', text)
                assert total, address
                assert int(total[1]) == round(float(rows[code][number])), (code, name)
                listed = client.get(address.replace("/cases", "/cases.csv")).get_data().decode("utf-8-sig")
                unlisted = int(hidden[1]) if hidden else 0
                assert len(list(csv.reader(io.StringIO(listed)))) - 1 == int(total[1]) - unlisted


def test_the_answer_to_a_restricted_case_is_counted_and_not_listed(enter: Enter, session: Session) -> None:
    client, address = enter("town_manager"), f"/figures/cases.csv?month={LAST}&count=satisfied"
    case = client.get(address).get_data().decode("utf-8-sig").splitlines()[1].split(",")[0]
    session.connection().exec_driver_sql("RESET ROLE")
    session.execute(text("UPDATE cases SET visibility = 'restricted' WHERE case_no = :no"), {"no": case})
    session.commit()
    assert case not in client.get(address).text
    assert case in client.get(address.replace("satisfied", "closed_in_period")).text
    assert "其中 1 件未列出" in client.get(address.replace("cases.csv", "cases")).text


def test_the_numbers_are_those_of_sql(enter: Enter, session: Session) -> None:
    rows = table(enter("town_manager"), f"?month={LAST}")
    f = facts.c
    cohort = (f.due_at >= LAST.start, f.due_at < LAST.end, f.status.not_in(("rejected", "duplicate", "voided")))
    due, on_time = session.execute(
        select(func.count(), func.count().filter(f.closed_at <= f.due_at)).where(*cohort, f.suspended_from.is_(None))
    ).one()
    line = rows["on_time_closure_rate"]
    assert (float(line["denominator"]), float(line["numerator"])) == (due, on_time)
    assert due > 0


def test_the_cards_are_the_header_of_the_map_and_the_list_of_cases(enter: Enter) -> None:
    client = enter("town_manager")
    page = client.get("/figures/").text
    cards = {name: TAG.sub("", body) for name, body in re.findall(r'data-card="(\w+)">.*?<strong>(.*?)</strong>', page)}
    header = {each["name"]: each["value"] for each in client.get("/map/figures?theme=cases").get_json()["header"]}
    for name in ("grids", "households", "open", "overdue", "due_today"):
        assert cards[name] == header[name], name


def test_a_kept_month_stands_and_is_kept_once(enter: Enter, session: Session) -> None:
    client = enter("district_manager")
    before = table(client, f"?month={LAST}")
    page = client.get(f"/figures/?month={LAST}").text
    assert f"固化 {LAST} 指标</summary>" in page, "asked once more before it is done for good"
    assert 'action="/figures/keep"' in page
    assert client.post("/figures/keep", data={"month": str(LAST)}).status_code == 302
    assert 'action="/figures/keep"' not in client.get(f"/figures/?month={LAST}").text
    session.execute(text("RESET ROLE"))
    count = session.scalar(select(func.count()).select_from(KpiSnapshot))
    session.execute(text("UPDATE cases SET closed_at = due_at + interval '9 days' WHERE status = 'closed' "
                         f"AND due_at < '{NOW.isoformat()}'::timestamptz - interval '10 days'"))  # fmt: skip
    assert client.post("/figures/keep", data={"month": str(LAST)}).status_code == 302
    after = table(client, f"?month={LAST}")
    assert {code: line["shown"] for code, line in after.items()} == {
        code: line["shown"] for code, line in before.items()
    }
    session.execute(text("RESET ROLE"))
    assert session.scalar(select(func.count()).select_from(KpiSnapshot)) == count
    page = client.get("/figures/").text
    assert f"上月 <small>{LAST}</small>" in page


def test_only_who_keeps_figures_keeps_them_and_only_of_closed_months(enter: Enter) -> None:
    assert enter("town_manager").post("/figures/keep", data={"month": str(LAST)}).status_code == 403
    assert enter("district_manager").post("/figures/keep", data={"month": str(LAST.back(-1))}).status_code == 409


@pytest.mark.parametrize("query", ["month=2026-13", "month=2027-01", "month=x", "area=1"])
def test_what_is_wrong_is_said(enter: Enter, query: str) -> None:
    for path in ("/figures/", "/figures/report", "/figures/table.csv", "/figures/cases", "/figures/map.svg"):
        answer = enter("town_manager").get(f"{path}?{query}")
        assert answer.status_code == 400
        assert "Traceback" not in answer.text


def test_nobody_sees_beyond_the_territory(enter: Enter) -> None:
    for path in ("/figures/", "/figures/table.csv", "/figures/map.svg"):
        assert enter("town_manager").get(f"{path}?area=999902000000").status_code == 404
        assert enter("auditor").get(path).status_code in (403, 404)
    worker = shown(enter("grid_worker").get("/figures/").text)
    town = shown(enter("town_manager").get("/figures/").text)
    assert int(worker["link_coverage"][2]) < int(town["link_coverage"][2])
    assert "care_visit_compliance" not in worker
    assert worker["functional_branch_coverage"][0] == "不适用", "a grid has no village of its own"


def test_who_sees_no_case_counts_them_and_is_led_to_none(enter: Enter) -> None:
    client = enter("planner")
    page = client.get("/figures/").text
    assert shown(page)["closure_rate"] == shown(enter("district_manager").get("/figures/").text)["closure_rate"]
    assert "/figures/cases" not in page
    assert client.get("/figures/cases?count=due").status_code == 403
    assert enter("town_manager").get("/figures/cases?count=secrets").status_code == 404


def test_restricted_cases_are_counted_and_not_told(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    body: Any = client.get("/figures/cases.csv?count=filed_in_period&month=2026-10").get_data().decode("utf-8-sig")
    closed = [row for row in csv.reader(io.StringIO(body)) if row[1] in ("矛盾纠纷", "民生服务")]
    assert closed
    assert {row[2] for row in closed} == {""}


def test_the_small_map_has_every_grid(enter: Enter) -> None:
    client = enter("town_manager")
    drawn = client.get("/figures/map.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.text.count("<path d=") == int(shown(client.get("/figures/").text)["link_coverage"][2]) + 1


def test_the_english_page_is_english(enter: Enter) -> None:
    client = enter("town_manager")
    client.post("/language/en")
    page = client.get("/figures/").text
    assert "On-time closure rate" in page
    assert "按期结案率" not in page


def test_the_rate_of_30_days_is_called_otherwise_than_that_of_a_month(enter: Enter) -> None:
    client = enter("town_manager")
    for language, days, month in (("zh", "近 30 天按期结案率", "按期结案率"),
                                  ("en", "Closed on time, last 30 days", "On-time closure rate")):  # fmt: skip
        client.post(f"/language/{language}")
        answer = client.get("/map/figures?theme=cases&measure=on_time").get_json()["header"]
        assert next(each["label"] for each in answer if each["name"] == "on_time") == days
        dashboard = client.get("/figures/").text
        assert f">{month}<" in dashboard
        assert days not in dashboard
        assert days in client.get("/map?theme=cases&measure=on_time").text


def test_the_last_boundary_plan_stands_with_what_it_did(desk: Desk) -> None:
    assert "此处尚未发布过调整方案" in desk.client("town_manager").get("/figures/").text
    plan = desk.changed("秋季调整")
    reviewer = desk.client("town_manager")
    desk.client().post(f"/plans/{plan}/submit")
    reviewer.post(f"/plans/{plan}/approve", data={"effective": "2026-11-18"})
    assert reviewer.post(f"/plans/{plan}/publish").status_code == 302
    page = reviewer.get("/figures/").text
    assert f'<a href="/plans/{plan}/impact">秋季调整</a>' in page
    assert "秋季调整" in reviewer.get("/figures/report").text
    assert "秋季调整" not in desk.client("grid_worker").get("/figures/").text, "who views no plan"


def test_small_care_figures_are_on_no_page_and_in_no_table(enter: Enter, session: Session) -> None:
    session.execute(text("UPDATE care_tallies SET in_time = 0"))
    few = "UPDATE care_tallies SET enrolled = CASE WHEN tier = 'weekly' AND territory % 1000 = 1 THEN 1 ELSE 0 END"
    session.execute(text(few))
    client = enter("district_manager")
    assert shown(client.get("/figures/").text)["care_visit_compliance"] == ("不适用", "—", "—")
    assert table(client)["care_visit_compliance"]["denominator"] == ""


def test_care_below_the_district_is_the_care_pages_alone(enter: Enter) -> None:
    assert "care_visit_compliance" in shown(enter("district_manager").get("/figures/").text)
    client = enter("town_manager")
    page = client.get("/figures/").text
    assert "care_visit_compliance" not in shown(page)
    assert re.search(r'<a class="link" href="/care/[^"]*">见关爱页', page), "and says where it stands"
    assert "care_visit_compliance" not in table(client)


def test_skills_workers_and_care_lead_to_their_rows(enter: Enter, session: Session) -> None:
    session.execute(text("UPDATE care_tallies SET enrolled = 20 * enrolled, in_time = 20 * in_time"))
    client = enter("district_manager")
    page = client.get("/figures/").text
    for name, address in (("skills", "/volunteers/"), ("workers", "/forces/"), ("care", "/care/")):
        figure = re.search(rf'id="figure-{name}".*?</figure>', page, re.S)
        assert figure
        link = re.search(rf'href="({re.escape(address)}[^"]*)"', figure[0])
        assert link, f"{name} says where its rows are"
        assert client.get(unescape(link[1])).status_code == 200
    assert "role=grid_worker" in page


def test_who_may_not_see_the_care_page_is_not_led_to_it(enter: Enter) -> None:
    page = enter("data_steward").get("/figures/").text
    assert "/care/" not in page
    assert re.search(r'<a class="link" href="/volunteers/', page)


def test_the_dashboard_tells_of_care_what_the_care_page_tells(enter: Enter, session: Session) -> None:
    one = "territory = (SELECT min(territory) FROM care_tallies WHERE enrolled > 1)"
    session.execute(text(f"UPDATE care_tallies SET in_time = CASE WHEN {one} THEN least(1, enrolled) ELSE 0 END"))
    client = enter("district_manager")
    assert client.get("/care/counts.csv").text.splitlines()[-1].split(",")[2] == "—"
    assert shown(client.get("/figures/").text)["care_visit_compliance"] == ("不适用", "—", "—")
