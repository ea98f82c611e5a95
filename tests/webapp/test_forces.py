"""The forces: posts with dates, vacancies that turn at once, the Party chain, meetings and projects."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis import chain, posts, vacancies
from gis.database import from_day
from gis.party import CouncilMeeting, Organisation, ReceptionDay
from gis.premises import Building
from gis.scope import Scope, moment_of
from gis.staffing import Assignment
from tests.conftest import DAY, NOW
from tests.webapp.desk import Enter, seen_on

YESTERDAY = DAY - timedelta(days=1)


def table(client: FlaskClient, address: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(address).get_data().decode("utf-8-sig"))))[1:]


def scope(day: Any = DAY) -> Scope:
    return Scope(day, moment_of(day, NOW), ((999901000000000, 999901999999999),))


def unlinked(client: FlaskClient) -> list[str]:
    return [row[1] for row in table(client, "/forces/vacancies.csv?kind=no_link_cadre")]


def cadre(session: Session) -> int:
    held = select(Assignment.staff_id).where(Assignment.role == "link_cadre").limit(1)
    found = session.scalar(held)
    assert found is not None
    return found


def test_vacancies_are_one_number_in_list_table_layer_and_map(client_as: Enter) -> None:
    client = client_as("town_manager")
    codes = unlinked(client)
    page = client.get("/forces/vacancies?kind=no_link_cadre").text
    layer = client.get("/layers/vacancies.geojson?kind=no_link_cadre&purpose=x").get_json()
    assert codes
    assert sorted(codes) == sorted(each["properties"]["code"] for each in layer["features"])
    assert all(code in page for code in codes)
    figures = client.get("/map/figures?theme=coverage&measure=link").get_json()["values"].values()
    assert sorted(codes) == sorted(each[3] for each in figures if each[0] == 0)
    bare = table(client, "/forces/vacancies.csv?kind=no_functional")
    assert len(bare) == len(table(client, "/party/villages.csv?state=none"))


def test_assigning_turns_the_grid_at_once_and_yesterday_stays(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    code, staff = unlinked(client)[0], cadre(session)
    seen = seen_on(client.get(f"/forces/{code}/link_cadre").text)
    answer = client.post(
        f"/forces/{code}/link_cadre?kind=no_link_cadre", data={"staff": staff, "seen": seen, "next": "1"}
    )
    assert answer.status_code == 302, answer.text
    assert code not in unlinked(client)
    assert code not in answer.location
    before = table(client, f"/forces/vacancies.csv?kind=no_link_cadre&date={YESTERDAY}")
    assert code in [row[1] for row in before]
    assert "link_cadre" in str(session.scalars(select(Assignment.role).order_by(Assignment.id.desc()).limit(1)).one())


def test_the_second_of_two_people_is_told(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    code, staff = unlinked(client)[0], cadre(session)
    assert client.post(f"/forces/{code}/link_cadre", data={"staff": staff}).status_code == 409, "nothing was seen"
    seen = {"staff": staff, "seen": seen_on(client.get(f"/forces/{code}/link_cadre").text)}
    assert client.post(f"/forces/{code}/link_cadre", data=seen).status_code == 302
    second = client.post(f"/forces/{code}/link_cadre", data=seen)
    assert second.status_code == 409
    assert "其间" in second.text
    post = session.scalars(select(Assignment).order_by(Assignment.id.desc()).limit(1)).one()
    last = {"last": (DAY + timedelta(days=3)).isoformat()}
    assert client.post(f"/forces/posts/{post.id}/end", data=last).status_code == 302
    assert client.post(f"/forces/posts/{post.id}/end", data=last).status_code == 409


def test_a_grid_has_one_leader_at_a_time(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    post = session.scalars(select(Assignment).where(Assignment.role == "grid_leader").order_by(Assignment.id)).first()
    assert post is not None
    address = f"/forces/{post.territory}/grid_leader"
    page = client.get(address).text
    other = next(number for number in re.findall(r'<option value="(\d+)"', page) if int(number) != post.staff_id)
    answer = client.post(address, data={"staff": other, "seen": seen_on(page)})
    assert answer.status_code == 409
    assert "请先移交或结束" in answer.text
    over = {"staff": other, "since": DAY.isoformat()}
    assert client.post(f"/forces/posts/{post.id}/hand-over", data=over).status_code == 302, answer.text


def test_who_may_not_assign_is_refused_by_both_locks(enter: Enter, session: Session) -> None:
    staff = cadre(session)
    code = unlinked(enter("town_manager"))[0]
    assert enter("village_manager").post(f"/forces/{code}/link_cadre", data={"staff": staff}).status_code in (403, 404)
    assert enter("grid_worker").post(f"/forces/{code}/grid_leader", data={"staff": staff}).status_code in (403, 404)
    assert enter("planner").get(f"/forces/{code}/link_cadre").status_code == 403
    client = enter("town_manager")
    for wrong in ({"staff": staff, "since": YESTERDAY.isoformat()}, {}, {"staff": staff, "headcount": "3"}):
        assert client.post(f"/forces/{code}/link_cadre", data=wrong).status_code == 400
    assert code in unlinked(client)


def test_an_adviser_whose_contract_ran_out_is_found_until_another_comes(
    enter: Enter, session: Session, viewer_as: Any
) -> None:
    row = session.scalars(select(Assignment).where(Assignment.role == "legal_adviser").order_by(Assignment.id)).first()
    assert row is not None
    viewer = viewer_as("town_manager")
    for days, kind in ((31, None), (30, "adviser_ending"), (0, "adviser_ending"), (-1, "no_adviser")):
        row.contract_ends_on = DAY + timedelta(days=days)
        session.flush()
        found = [each.kind for each in vacancies.listed(session, viewer, scope()) if each.code == row.area_code]
        assert [each for each in found if "adviser" in each] == ([kind] if kind else [])
    session.commit()
    client = enter("town_manager")
    assert row.area_code in [each[1] for each in table(client, "/forces/vacancies.csv?kind=no_adviser")]
    given = {"staff": row.staff_id, "contract_ends_on": (DAY + timedelta(days=300)).isoformat()}
    assert client.post(f"/forces/posts/{row.id}/end", data={"last": YESTERDAY.isoformat()}).status_code == 302
    given["seen"] = seen_on(client.get(f"/forces/{row.area_code}/legal_adviser").text)
    far = {**given, "contract_ends_on": "9999-12-31"}
    assert client.post(f"/forces/{row.area_code}/legal_adviser", data=far).status_code == 400
    assert client.post(f"/forces/{row.area_code}/legal_adviser", data=given).status_code == 302
    assert row.area_code not in [each[1] for each in table(client, "/forces/vacancies.csv?kind=no_adviser")]


def test_another_adviser_follows_one_whose_contract_is_over_but_not_one_whose_runs(
    enter: Enter, session: Session
) -> None:
    row = session.scalars(select(Assignment).where(Assignment.role == "legal_adviser").order_by(Assignment.id)).first()
    assert row is not None
    for ends, status in ((DAY, 409), (DAY - timedelta(days=1), 302)):
        row.contract_ends_on = ends
        session.commit()
        client = enter("district_manager")
        page = client.get(f"/forces/{row.area_code}/legal_adviser").text
        other = next(number for number in re.findall(r'<option value="(\d+)"', page) if int(number) != row.staff_id)
        given = {"staff": other, "contract_ends_on": str(DAY + timedelta(days=300)), "seen": seen_on(page)}
        assert client.post(f"/forces/{row.area_code}/legal_adviser", data=given).status_code == status
        session.execute(text("RESET ROLE"))


def test_the_figure_of_full_time_workers_leads_to_as_many_posts(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    board = client.get("/figures/").text
    link = re.search(r'href="(/forces/\?[^"]*)"[^>]*>(.*?)</a>', board, re.S)
    assert link is not None
    figure = re.search(r"[0-9,]+", re.sub("<[^>]+>", " ", link[2]))
    assert figure is not None
    address = unescape(link[1])
    rows = table(client, address.replace("/forces/?", "/forces/list.csv?"))
    assert figure[0].replace(",", "") == str(sum(int(row[3]) for row in rows))
    assert {row[4] for row in rows} == {"专职"}
    page = client.get(address).text
    assert f"{figure[0]} 个岗位" in page
    assert re.search(r"由 [0-9,]+ 人担任", page)
    assert '<option value="full_time" selected>' in page
    assert "employment=full_time" in page.split("CSV")[0].rsplit("href", 1)[1], "the table has the same rows"
    part = table(client, "/forces/list.csv?role=grid_worker&employment=part_time")
    everybody = table(client, "/forces/list.csv?role=grid_worker")
    assert len(rows) + len(part) == len(everybody)
    assert client.get("/forces/?employment=never").status_code == 400


def test_a_number_beyond_its_bounds_is_told_them(enter: Enter, session: Session) -> None:
    client = enter("village_manager")
    area = session.scalar(select(ReceptionDay.area_code).order_by(ReceptionDay.id))
    form = {"kind": "reception", "area_code": area, "held_on": DAY.isoformat(), "about": "社区服务中心"}
    for wrong in ("-5", "999999999999999999", "10000", "三"):
        answer = client.post("/meetings/", data={**form, "received": wrong})
        assert answer.status_code == 400
        assert f"{wrong} 不是 0 到 9999 之间的整数" in answer.text
    for wrong in ("-5", "1989", str(DAY.year + 1)):
        answer = client.post("/honours/", data={"building": "1", "kind": "model_building", "year": wrong})
        assert answer.status_code == 400
        assert f"{wrong} 不是 1990 到 {DAY.year} 之间的整数" in answer.text


def test_the_tree_holds_every_organisation_once(session: Session, admitted: Any) -> None:
    viewer = admitted("district_manager")
    found, ahead = [], [None]
    while ahead:
        rows, more = chain.level(session, viewer, scope(), ahead.pop())
        assert not more
        found += rows
        ahead += [row.id for row in rows if row.below]
    assert sorted(row.id for row in found) == sorted(session.scalars(select(Organisation.id)))
    figures = chain.figures(session, viewer, scope())
    assert sum(number for number, _members in figures["kinds"].values()) == len(found)
    states = [state for state, _row in chain.by_village(session, viewer, scope())]
    assert states.count("none") == vacancies.tally(session, viewer, scope())["no_functional"][0]


def test_sizes_of_branches_are_flagged_at_their_bounds(session: Session, admitted: Any) -> None:
    branches = list(session.scalars(select(Organisation).where(Organisation.kind == "grid_branch").limit(4)))
    for branch, size in zip(branches, (2, 3, 50, 51), strict=True):
        branch.member_count = size
    session.flush()
    viewer = admitted("town_manager")
    odd = {row.id for row in chain.flagged(session, viewer, scope())}
    assert [branch.id in odd for branch in branches] == [True, False, False, True]


def test_a_case_reported_at_a_reception_day_is_linked_to_it(enter: Enter, session: Session) -> None:
    client = enter("village_manager")
    area = session.scalar(select(ReceptionDay.area_code).order_by(ReceptionDay.id))
    given = {
        "kind": "reception",
        "area_code": area,
        "held_on": DAY.isoformat(),
        "about": "党群服务中心",
        "received": "7",
    }
    answer = client.post("/meetings/", data=given)
    assert answer.status_code == 302, answer.text
    number = int(answer.location.split("/")[-1])
    middle = func.st_pointonsurface(Building.outline)
    inside = Building.territory.between(int(area) * 1000, int(area) * 1000 + 999)
    at = session.execute(select(func.st_x(middle), func.st_y(middle)).where(inside)).first()
    assert at is not None
    report = {"category": "environment", "title": "接待日反映垃圾", "lng": at[0], "lat": at[1]}
    form = client.get(f"/cases/new?meeting={number // 2}").text
    assert f'name="meeting" value="{number // 2}"' in form
    assert '<option value="reception_day" selected>' in form
    report |= {"source": "reception_day", "meeting": str(number // 2)}
    made = client.post("/cases/", data=report)
    assert made.status_code == 200, made.text
    page = client.get(f"/meetings/{number}").text
    assert made.get_json()["case"] in page
    assert "接待日反映垃圾" in page


def test_a_meeting_tells_topic_result_and_case_and_takes_no_numbers_of_persons(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    row = session.scalars(select(CouncilMeeting).where(CouncilMeeting.case_id.is_not(None))).first()
    assert row is not None
    page = client.get(f"/meetings/{row.id * 2 + 1}").text
    assert row.topic in page
    assert "/cases/" in page
    bad = {
        "kind": "council",
        "area_code": row.area_code,
        "held_on": DAY.isoformat(),
        "about": "电话13812345678",
        "outcome": "2026年整改",
    }
    assert client.post("/meetings/", data=bad).status_code == 422
    assert client.get("/meetings/?month=2026-13").status_code == 400
    assert client.get("/meetings/?view=week").status_code == 200


def test_a_meeting_is_changed_and_cancelled_from_its_page_and_the_second_tab_is_told(enter: Enter) -> None:
    client = enter("village_manager")
    given = {"kind": "reception", "area_code": "999901100001", "held_on": DAY.isoformat(), "about": "东门岗亭"}
    page = client.post("/meetings/", data=given).location
    changed = {**given, "seen": "1", "host": "legal_adviser"}
    assert client.post(page, data={**changed, "seen": ""}).status_code == 409
    assert client.post(page, data=changed).status_code == 302
    assert client.post(page, data=changed).status_code == 409
    assert "法律顾问" in client.get(page).text
    assert client.post(f"{page}/cancel", data={"seen": "1", "reason": "与培训同日"}).status_code == 409
    assert client.post(f"{page}/cancel", data={"seen": "2", "reason": "与培训同日"}).status_code == 302
    told = client.get(page).text
    assert "与培训同日" in told
    assert 'name="about"' not in told, "a cancelled meeting is not changed any more"
    assert "已取消" in client.get("/meetings/").text


def test_heads_count_named_staff_once_and_others_as_counted(session: Session, admitted: Any) -> None:
    viewer = admitted("town_manager")
    heads = posts.heads(session, viewer, scope())
    cadres = select(func.count(Assignment.staff_id.distinct())).where(Assignment.role == "link_cadre")
    assert heads["link_cadre"] == session.scalar(cadres.where(Assignment.valid.overlaps(from_day(DAY))))
    office = select(func.sum(Assignment.headcount)).where(Assignment.role == "sunken_cadre")
    assert heads["sunken_cadre"] == session.scalar(office)
