"""The duty list and the working calendar: read, changed with dates, brought in as tables, all or nothing."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from gis.deadlines import calendar
from gis.duties import DutyItem, in_force
from tests.conftest import DAY
from tests.webapp.desk import Enter

BEFORE = DAY - timedelta(days=1)
ENTRY = {"category": "environment", "level": "village", "lead_body": "环卫所", "helpers": "物业、城管", "amount": "4",
         "unit": "working_hour", "urgency": ""}  # fmt: skip


def sent(client: FlaskClient, address: str, table: str, **given: str) -> Any:
    return client.post(address, data={"file": (io.BytesIO(table.encode()), "table.csv"), **given})


def shown(client: FlaskClient, form: str = "/duties") -> str:
    """Return what a form of the page says that it was shown."""
    found = re.search(f'action="{form}".*?name="seen" value="([0-9,]*)"', client.get("/duties").text, re.DOTALL)
    assert found, form
    return found[1]


def words(cell: str) -> str:
    """Return what is read in a cell of a page."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", cell)).split())


def put(client: FlaskClient, **given: str) -> Any:
    return client.post("/duties", data={**ENTRY, "seen": shown(client), **given}, follow_redirects=True)


def whole(client: FlaskClient) -> str:
    return client.get("/duties.csv").get_data().decode("utf-8-sig")


def test_an_entry_holds_from_today_and_what_was_before_stays_readable(enter: Enter, session: Session) -> None:
    client = enter("district_manager")
    assert put(client).status_code == 200
    assert "环卫所" in client.get("/duties?category=environment&level=village").text
    assert "环卫所" not in client.get("/duties?category=environment&level=village&date=2026-11-17").text
    item = next(each for each in session.scalars(in_force("environment", "normal", DAY)) if each.level == "village")
    assert (item.lead_body, item.helpers, item.amount, item.unit) == ("环卫所", ["物业", "城管"], 4, "working_hour")
    place = {name: ENTRY[name] for name in ("category", "level", "urgency")}
    assert client.post("/duties/end", data={**place, "seen": str(item.id)}).status_code == 302
    assert "环卫所" not in client.get("/duties?category=environment&level=village").text


def test_an_entry_is_changed_from_its_row(enter: Enter, session: Session) -> None:
    client = enter("district_manager")
    put(client)
    item = next(each for each in session.scalars(in_force("environment", "normal", DAY)) if each.level == "village")
    page = client.get(f"/duties?category=environment&level=village&edit={item.id}")
    assert page.status_code == 200
    assert 'value="环卫所"' in page.text.split('id="entry"')[1]
    assert client.get("/duties?edit=x").status_code == 200


def test_an_older_page_does_not_replace_what_somebody_else_set(enter: Enter, session: Session) -> None:
    client = enter("district_manager")
    older = shown(client)
    assert put(client, lead_body="环卫一所").status_code == 200
    answer = put(client, lead_body="环卫二所", seen=older)
    assert answer.status_code == 409
    assert "环卫一所" in answer.text, "the second is told what holds now"
    assert "环卫二所" not in client.get("/duties?category=environment&level=village").text
    elsewhere = put(client, level="district", lead_body="区环卫处", seen=older)
    assert elsewhere.status_code == 200, "an entry elsewhere on the list stands in nobody's way"


def test_an_older_page_does_not_bring_back_what_was_ended(enter: Enter, session: Session) -> None:
    client = enter("district_manager")
    put(client)
    older = shown(client)
    item = next(each for each in session.scalars(in_force("environment", "normal", DAY)) if each.level == "village")
    place = {name: ENTRY[name] for name in ("category", "level", "urgency")} | {"seen": str(item.id)}
    assert client.post("/duties/end", data=place).status_code == 302
    assert client.post("/duties/end", data=place).status_code == 409
    assert put(client, seen=older).status_code == 409
    assert client.post("/duties", data=ENTRY | {"seen": "x"}).status_code == 400


def test_a_dispatch_is_offered_the_new_entry(enter: Enter, session: Session) -> None:
    put(enter("district_manager"))
    levels = {item.level: item.lead_body for item in session.scalars(in_force("environment", "normal", DAY))}
    assert levels["village"] == "环卫所"


def test_who_does_not_keep_the_list_reads_it_and_changes_nothing(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    assert client.get("/duties").status_code == 200
    assert 'id="entry"' not in client.get("/duties").text
    for address, form in (("/duties", ENTRY), ("/duties/end", ENTRY), ("/calendar/day", {"day": "2026-11-19"})):
        assert client.post(address, data=form).status_code == 403
    assert sent(client, "/duties/import", whole(client)).status_code == 403


def test_the_table_comes_in_as_it_went_out(enter: Enter, session: Session) -> None:
    client = enter("district_manager")
    before = session.query(DutyItem).count()
    table = whole(client)
    assert sent(client, "/duties/import", table, seen=shown(client)).status_code == 302
    assert whole(client) == table
    assert session.query(DutyItem).count() == before


def test_of_two_who_bring_a_table_in_the_second_is_told(enter: Enter) -> None:
    client, table = enter("district_manager"), whole(enter("district_manager"))
    seen = shown(client)
    assert sent(client, "/duties/import", table.replace("working_day", "working_hour", 1), seen=seen).status_code == 302
    first = whole(client)
    answer = sent(client, "/duties/import", table, seen=seen)
    assert answer.status_code == 409
    assert whole(client) == first
    assert sent(client, "/duties/import", table, seen=shown(client)).status_code == 302


def test_every_fault_of_a_row_is_told_with_its_column_and_what_may_stand_there(enter: Enter) -> None:
    client = enter("district_manager")
    row = "weather,planet,,谁，身份 110101199003074477,,0,week"
    answer = sent(client, "/duties/import", f"category,level,urgency,lead_body,helpers,amount,unit\n{row}\n").text
    cells = [words(each) for each in re.findall("<td[^>]*>(.*?)</td>", answer, re.DOTALL)]
    assert cells[1::3] == ["category", "level", "unit", "lead_body", "amount"]
    assert "“weather”不在可选值之中：environment" in answer
    assert "身份证" in answer
    assert "identity" not in answer


def test_a_table_that_an_office_saved_as_gbk_comes_in(enter: Enter) -> None:
    client = enter("district_manager")
    table = whole(client)
    file = {"file": (io.BytesIO(table.encode("gb18030")), "table.csv"), "seen": shown(client)}
    assert client.post("/duties/import", data=file).status_code == 302
    assert whole(client) == table


def test_a_table_for_reading_is_refused_with_the_one_that_comes_in(enter: Enter) -> None:
    client = enter("district_manager")
    answer = sent(client, "/duties/import", client.get("/duties/list.csv").text.lstrip("\ufeff"))
    assert answer.status_code == 400
    assert "下载今日整份清单作为模板" in answer.text


def test_a_wrong_row_is_named_and_nothing_is_written(enter: Enter) -> None:
    client = enter("district_manager")
    table = whole(client)
    rows = table.splitlines()
    rows[2] = "environment,planet,,谁,,3,working_day"
    answer = sent(client, "/duties/import", "\n".join(rows))
    assert '<td class="number">3</td>' in answer.text
    assert whole(client) == table


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("query", ["", "?category=environment", "?level=town", "?text=环", f"?date={BEFORE}"])
def test_the_list_that_is_taken_away_is_the_one_that_is_shown(enter: Enter, query: str, language: str) -> None:
    client = enter("district_manager")
    put(client)
    client.post(f"/language/{language}")
    page = client.get(f"/duties{query}").text
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    shown = [[words(cell) for cell in re.findall("<td[^>]*>(.*?)</td>", row, re.DOTALL)[:6]]
             for row in body.split("<tr>")[1:]]  # fmt: skip
    link = re.search(r'href="(/duties/list\.csv[^"]*)"', page)
    assert link
    taken = list(csv.reader(io.StringIO(client.get(html.unescape(link[1])).get_data().decode("utf-8-sig"))))
    heads = [words(head) for head in re.findall("<th[^>]*>(.*?)</th>", page.split("<tbody>")[0])]
    assert taken[0] == heads[:6]
    assert taken[1:] == shown != []


def test_the_limits_that_are_taken_away_are_those_of_the_day_shown(enter: Enter) -> None:
    client = enter("district_manager")
    limit = {"stage": "accept", "amount": "7", "unit": "working_hour", "seen": shown(client, "/duties/stages")}
    assert client.post("/duties/stages", data=limit).status_code == 302
    for query, amount in (("", "7"), (f"?date={BEFORE}", "2")):
        page = client.get(f"/duties{query}").text
        link = re.search(r'href="(/duties/stages\.csv[^"]*)"', page)
        assert link
        assert f"accept,,{amount},working_hour" in client.get(html.unescape(link[1])).text
        assert f"{amount} 个工作小时" in page.split('id="stages"')[1]


def test_what_a_table_would_do_is_shown_first(enter: Enter) -> None:
    client = enter("district_manager")
    table = whole(client)
    rows = table.splitlines()
    page = sent(client, "/duties/import", "\n".join([rows[0], *rows[2:]]), **{"try": "1"}).text
    assert "停用 1 条" in page
    assert whole(client) == table


def test_a_limit_counts_over_the_day_that_was_set_off(enter: Enter, session: Session) -> None:
    client = enter("data_steward")
    assert calendar(session).works(DAY)
    client.post("/calendar/day", data={"day": DAY.isoformat(), "kind": "holiday", "name": "停工"})
    assert not calendar(session).works(DAY)
    assert "停工" in client.get("/calendar").text
    client.post("/calendar/day", data={"day": DAY.isoformat(), "kind": ""})
    assert calendar(session).works(DAY)


def test_a_year_is_filled_and_comes_in_as_it_went_out(enter: Enter, session: Session) -> None:
    client = enter("data_steward")
    table = client.get("/calendar/2026.csv").get_data().decode()
    assert len(table.splitlines()) > 20
    assert sent(client, "/calendar/import", "day,kind,name\n2026-10-01,holiday,国庆节\n").status_code == 302
    assert len(client.get("/calendar/2026.csv").text.splitlines()) == 2
    assert client.post("/calendar/fill", data={"year": "2026"}).status_code == 302
    assert client.get("/calendar/2026.csv").get_data().decode() == table


def test_a_calendar_with_a_wrong_row_changes_nothing(enter: Enter) -> None:
    client = enter("data_steward")
    before = client.get("/calendar/2026.csv").text
    answer = sent(client, "/calendar/import", "day,kind,name\n2026-10-01,holiday,国庆节\n2026-13-01,holiday,x\n")
    assert answer.status_code == 400
    assert "3" in answer.text
    assert client.get("/calendar/2026.csv").text == before
    assert client.get("/calendar?year=banana").status_code == 400


WRONG = ({"lead_body": "王师傅 13812345678"}, {"helpers": "身份 110101199003074477"}, {"amount": "9" * 5000},
         {"amount": "-5"})  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_persons_number_and_a_limit_that_is_none_are_refused(enter: Enter, wrong: dict[str, str]) -> None:
    client = enter("district_manager")
    before = whole(client)
    assert put(client, **wrong).status_code in (400, 422)
    heads, cells = before.splitlines()[0], {**ENTRY, **wrong}
    answer = sent(client, "/duties/import", "\n".join((heads, ",".join(cells[name] for name in heads.split(",")))))
    assert answer.status_code == 200
    assert "哪里不对" in answer.text or "问题" in answer.text
    assert whole(client) == before
