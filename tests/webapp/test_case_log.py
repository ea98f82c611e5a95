"""The time line of a case, as its page shows it: to whom it went, and by how much its limit was put off."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from gis.cases import Case
from gis.staffing import Staff
from gis.users import User
from tests.webapp.desk import Enter
from tests.webapp.test_cases import act, reported, spot

__all__ = ["spot"]
DUTY = re.compile(r'name="duty" value="(\d+)" required[^>]*><span>(\S+) ')


def line(client: FlaskClient, address: str) -> str:
    """The newest entry of the time line, as words."""
    timeline = client.get(address).text.partition('<ol class="timeline">')[2].partition("</li>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", timeline).split())


def both(client: FlaskClient, address: str) -> tuple[str, str]:
    chinese = line(client, address)
    client.post("/language/en")
    english = line(client, address)
    client.post("/language/zh")
    return chinese, english


def test_a_reader_sees_to_whom_a_case_went_and_by_how_much_its_limit_grew(
    enter: Enter, spot: dict[str, str], session: Session
) -> None:
    address, centre = reported(enter("grid_worker"), spot), enter("dispatcher")
    for step in ("accept", "file"):
        assert act(centre, address, step).status_code == 302
    duty, body = DUTY.findall(centre.get(address).text)[2]
    assert act(centre, address, "dispatch", duty=duty).status_code == 302
    chinese, english = both(centre, address)
    assert f"交给 {body}" in chinese
    assert f"to {body}" in english
    person = taker(centre, address)
    assert act(centre, address, "assign", handler=person, body="河道管护组").status_code == 302
    session.execute(text("RESET ROLE"))
    name = session.scalar(select(Staff.name).where(Staff.id == int(person)))
    for told in both(centre, address):
        assert "河道管护组" in told
        assert str(name) in told
    extended = {"amount": "3", "unit": "working_day", "reason": "等待材料"}
    assert act(centre, address, "extend", **extended).status_code == 302
    chinese, english = both(centre, address)
    assert "延长 3 个工作日" in chinese
    assert "longer by 3 working days" in english


def test_of_many_cases_each_log_says_to_whom_they_went(enter: Enter, spot: dict[str, str]) -> None:
    centre = enter("dispatcher")
    cases = [reported(enter("grid_worker"), spot, key=key) for key in "ab"]
    sent: dict[str, Any] = {"chosen": [f"{address.rsplit('/', 1)[1]}:1" for address in cases]}
    answer = centre.post("/cases/together", data={**sent, "step": "assign", "body": "河道管护组"})
    assert answer.status_code == 302, answer.text
    for address in cases:
        assert "河道管护组" in line(centre, address)


def taker(client: FlaskClient, address: str) -> str:
    """Whom the page offers first to take the case over."""
    found = re.search(r'name="handler">.*?<option value="(\d+)"', client.get(address).text, re.DOTALL)
    assert found
    return found[1]


def test_who_can_grant_a_pause_sees_that_one_was_asked_for(enter: Enter, spot: dict[str, str]) -> None:
    worker = enter("grid_worker")
    address, manager = reported(worker, spot), enter("town_manager")
    assert act(enter("dispatcher"), address, "accept").status_code == 302
    assert act(worker, address, "ask_pause", reason="等待配件").status_code == 302
    page = manager.get(address).text
    assert re.search(r"申请挂起：等待配件</p>", page)
    assert re.search(r'id="reason-suspend"[^>]*>等待配件</textarea>', page), "and need not write the reason again"
    assert act(manager, address, "suspend", reason="等待配件").status_code == 302
    assert act(manager, address, "resume").status_code == 302
    assert "申请挂起：等待配件</p>" not in manager.get(address).text, "it was answered"


def test_a_pause_that_is_asked_for_is_found_in_the_list_and_can_be_refused(enter: Enter, spot: dict[str, str]) -> None:
    worker, manager = enter("grid_worker"), enter("town_manager")
    address = reported(worker, spot)
    assert act(enter("dispatcher"), address, "accept").status_code == 302
    assert 'value="refuse_pause"' not in manager.get(address).text, "nobody has asked"
    assert act(manager, address, "refuse_pause", reason="配件已到").status_code == 409
    waiting, number = "/cases/?state=pause_asked", address.rsplit("/", 1)[1]
    before = counted(manager.get(waiting).text)
    assert act(worker, address, "ask_pause", reason="等待配件").status_code == 302
    page = manager.get(waiting).text
    assert number in page
    assert counted(page) == before + 1
    assert "申请挂起" in line(manager, address)
    assert number in manager.get("/cases/list.csv?state=pause_asked").text
    assert act(manager, address, "refuse_pause", reason="配件已到，请继续").status_code == 302
    page = worker.get(address).text
    assert "不同意挂起" in page
    assert "配件已到，请继续" in page
    assert number not in manager.get(waiting).text
    assert act(manager, address, "refuse_pause", reason="配件已到").status_code == 409, "answered already"


def test_a_request_goes_with_the_case_when_it_leaves_the_hands_of_who_asked(enter: Enter, spot: dict[str, str]) -> None:
    worker, centre, manager = enter("grid_worker"), enter("dispatcher"), enter("town_manager")
    address = reported(worker, spot)
    for step in ("accept", "file"):
        assert act(centre, address, step).status_code == 302
    first, second, *_ = DUTY.findall(centre.get(address).text)
    assert act(centre, address, "dispatch", duty=first[0]).status_code == 302
    assert act(worker, address, "ask_pause", reason="等待配件").status_code == 302
    assert address.rsplit("/", 1)[1] in manager.get("/cases/?state=pause_asked").text
    assert act(worker, address, "return", reason="不属于本单位").status_code == 302
    assert act(centre, address, "dispatch", duty=second[0]).status_code == 302
    assert address.rsplit("/", 1)[1] not in manager.get("/cases/?state=pause_asked").text
    assert "申请挂起：等待配件</p>" not in manager.get(address).text


def test_a_request_in_a_restricted_case_is_seen_without_its_words(
    enter: Enter, spot: dict[str, str], session: Session
) -> None:
    worker, manager = enter("grid_worker"), enter("town_manager")
    address = reported(worker, spot)
    number = address.rsplit("/", 1)[1]
    assert act(enter("dispatcher"), address, "accept").status_code == 302
    session.execute(text("RESET ROLE"))
    mine = select(User.staff_id).where(User.name == "grid_worker").scalar_subquery()
    session.execute(update(Case).where(Case.case_no == number).values(visibility="restricted", handler_id=mine))
    assert act(worker, address, "ask_pause", reason="等待配件").status_code == 302
    assert number in worker.get("/cases/?state=pause_asked").text
    assert number in manager.get("/cases/?state=pause_asked").text
    page = manager.get(address).text
    assert "理由仅经办人可见" in page
    assert "等待配件" not in page
    assert act(manager, address, "refuse_pause", reason="配件已到").status_code == 302
    assert number not in worker.get("/cases/?state=pause_asked").text


def counted(page: str) -> int:
    """The number in the list's head of the cases in which a pause is asked for."""
    found = re.search(r'class="state state-pause_asked".*?<strong>([\d,]+)</strong>', page)
    assert found
    return int(found[1].replace(",", ""))


def test_a_case_that_has_ended_says_how_to_go_on(enter: Enter, spot: dict[str, str]) -> None:
    worker = enter("grid_worker")
    address = reported(worker, spot)
    assert act(enter("dispatcher"), address, "accept").status_code == 302
    assert "已结案的案件不再打开" not in worker.get(address).text
    assert act(worker, address, "self_close", closure="resolved").status_code == 302
    page = worker.get(address).text
    assert "已结案的案件不再打开" in page
    assert 'href="/cases/new"' in page
