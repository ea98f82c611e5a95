"""A post goes on with somebody else: the day of the change, who may have it, and what goes along."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.staffing import Assignment, Staff
from tests.conftest import DAY
from tests.webapp.desk import Enter
from tests.webapp.test_forces import cadre, table

YESTERDAY = DAY - timedelta(days=1)


def test_a_post_is_handed_over_with_dates_and_nothing_is_deleted(enter: Enter, session: Session) -> None:
    client = enter("village_manager")
    code = session.scalar(select(func.min(Staff.territory)).where(Staff.territory % 1000 != 0))
    post = session.scalars(select(Assignment).where(Assignment.role == "grid_leader").order_by(Assignment.id)).first()
    assert post is not None
    other = session.scalar(select(Staff.id).where(Staff.territory == post.territory, Staff.id != post.staff_id))
    answer = client.post(f"/forces/posts/{post.id}/hand-over", data={"staff": other, "since": DAY.isoformat()})
    assert answer.status_code == 302, answer.text
    session.refresh(post)
    assert post.valid.upper == DAY
    rows = {row[1] for row in table(client, f"/forces/list.csv?role=grid_leader&date={YESTERDAY}")}
    now = {row[1] for row in table(client, "/forces/list.csv?role=grid_leader")}
    was, named = session.get_one(Staff, post.staff_id).name, session.get_one(Staff, other).name
    assert was in rows
    assert was not in now
    assert named in now
    assert code is not None


def test_who_has_the_role_already_is_not_handed_it_once_more(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    post = session.scalars(select(Assignment).where(Assignment.role == "link_cadre").order_by(Assignment.id)).first()
    assert post is not None
    here = select(Assignment.staff_id).where(Assignment.grid_id == post.grid_id, Assignment.staff_id.is_not(None))
    other = session.scalars(select(Assignment.staff_id).where(
        Assignment.role == "link_cadre", Assignment.staff_id.not_in(here))).first()  # fmt: skip
    code, page = str(post.territory), f"/forces/{post.territory}/link_cadre"
    seen = re.findall(r'name="seen" value="([^"]+)"', client.get(page).text)[0]
    assert client.post(page, data={"staff": other, "seen": seen}).status_code == 302
    before = [row for row in table(client, "/forces/list.csv?role=link_cadre") if code in row]
    answer = client.post(f"/forces/posts/{post.id}/hand-over", data={"staff": other, "since": DAY.isoformat()})
    assert answer.status_code == 409
    assert session.get_one(Staff, other).name in answer.text
    assert [row for row in table(client, "/forces/list.csv?role=link_cadre") if code in row] == before


def test_an_adviser_who_takes_over_brings_a_contract_of_the_own(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    post = session.scalars(select(Assignment).where(Assignment.role == "legal_adviser").order_by(Assignment.id)).first()
    assert post is not None
    other = session.scalars(select(Assignment.staff_id).where(
        Assignment.role == "legal_adviser", Assignment.staff_id != post.staff_id)).first()  # fmt: skip
    given = {"staff": other, "since": DAY.isoformat()}
    page = f"/forces/posts/{post.id}/hand-over"
    assert client.post(page, data=given).status_code == 400, "the contract of the one before is not the other's"
    ends = DAY + timedelta(days=200)
    assert client.post(page, data={**given, "contract_ends_on": ends.isoformat()}).status_code == 302
    made = session.scalars(select(Assignment).order_by(Assignment.id.desc()).limit(1)).one()
    assert (made.staff_id, made.contract_ends_on) == (other, ends)


def test_a_number_of_persons_does_not_become_one(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    several = select(Assignment).where(Assignment.role == "sunken_cadre", Assignment.headcount > 1)
    post = session.scalars(several.order_by(Assignment.id)).first()
    assert post is not None
    staff = cadre(session)
    answer = client.post(f"/forces/posts/{post.id}/hand-over", data={"staff": staff, "since": DAY.isoformat()})
    assert answer.status_code == 400
    assert f"/forces/posts/{post.id}/hand-over" not in client.get(f"/forces/{post.territory}/sunken_cadre").text
    session.refresh(post)
    assert post.valid.upper is None


def test_who_takes_over_a_worker_s_post_says_whether_full_time_or_part_time(enter: Enter, session: Session) -> None:
    client = enter("village_manager")
    workers = select(Assignment).where(Assignment.role == "grid_worker", Assignment.employment == "full_time")
    inside = Assignment.territory.between(999901100001000, 999901100001999)
    post = session.scalars(workers.where(inside, Assignment.staff_id.is_not(None)).order_by(Assignment.id)).first()
    assert post is not None
    held = select(Assignment.staff_id).where(Assignment.grid_id == post.grid_id, Assignment.staff_id.is_not(None))
    other = session.scalar(select(Staff.id).where(Staff.territory / 1000 == post.territory // 1000,
                                                  Staff.id.not_in(held)).limit(1))  # fmt: skip
    given = {"staff": other, "since": DAY.isoformat()}
    page = client.get(f"/forces/{post.territory}/grid_worker").text
    assert "卸任" in page
    assert "停用" not in page
    assert client.post(f"/forces/posts/{post.id}/hand-over", data=given).status_code == 400, "it is not copied"
    answer = client.post(f"/forces/posts/{post.id}/hand-over", data={**given, "employment": "part_time"})
    assert answer.status_code == 302, answer.text
    made = session.scalars(select(Assignment).order_by(Assignment.id.desc()).limit(1)).one()
    assert (made.staff_id, made.employment) == (other, "part_time")
