"""What is arranged of a post for a day ahead is seen, and can be taken back until it has happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.staffing import Assignment, Staff
from tests.conftest import DAY
from tests.webapp.desk import Enter, seen_on
from tests.webapp.test_forces import cadre, unlinked

SOON = DAY + timedelta(days=7)


def newest(session: Session) -> Assignment:
    return session.scalars(select(Assignment).order_by(Assignment.id.desc()).limit(1)).one()


def linked(session: Session) -> tuple[Assignment, str, Any]:
    """Return a post of a link cadre, the address of its page, and another cadre."""
    post = session.scalars(select(Assignment).where(Assignment.role == "link_cadre").order_by(Assignment.id)).first()
    assert post is not None
    other = session.scalars(select(Staff).join(Assignment, Assignment.staff_id == Staff.id).where(
        Assignment.role == "link_cadre", Staff.id != post.staff_id).order_by(Staff.id)).first()  # fmt: skip
    assert other is not None
    return post, f"/forces/{post.territory}/link_cadre", other


def test_who_takes_a_post_ahead_is_seen_and_can_be_withdrawn(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    code, staff = unlinked(client)[0], session.get_one(Staff, cadre(session))
    address = f"/forces/{code}/link_cadre"
    given = {"staff": staff.id, "since": SOON.isoformat(), "seen": seen_on(client.get(address).text)}
    assert client.post(address, data=given).status_code == 302
    made, page = newest(session), client.get(address).text
    assert f"将于 {SOON} 起" in page
    assert f"将于 {SOON} 起" in client.get("/forces/?role=link_cadre").text
    back = f"/forces/posts/{made.id}/take-back"
    assert back in page
    assert client.post(back, data={"seen": given["seen"]}).status_code == 409, "somebody else acted meanwhile"
    assert client.post(back, data={"seen": seen_on(page)}).status_code == 302
    page = client.get(address).text
    assert "将于" not in page
    assert client.post(back, data={"seen": seen_on(page)}).status_code == 409, "it was taken back already"
    given["seen"] = seen_on(page)
    assert client.post(address, data=given).status_code == 302, "as if it had never been"


def test_an_end_ahead_is_taken_back_and_the_post_goes_on(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    post, address, _other = linked(session)
    assert client.post(f"/forces/posts/{post.id}/end", data={"last": SOON.isoformat()}).status_code == 302
    page = client.get(address).text
    assert f"任至 {SOON}" in page, "the last day, as it was asked for"
    back = client.post(f"/forces/posts/{post.id}/take-back", data={"seen": seen_on(page)})
    assert back.status_code == 302, back.text
    page = client.get(address).text
    assert "任至" not in page
    assert f"/forces/posts/{post.id}/hand-over" in page


def test_a_hand_over_ahead_names_who_follows_and_is_taken_back_with_the_post(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    post, address, other = linked(session)
    given = {"staff": other.id, "since": SOON.isoformat()}
    assert client.post(f"/forces/posts/{post.id}/hand-over", data=given).status_code == 302
    made, page = newest(session), client.get(address).text
    assert f"由 {other.name} 接任" in page
    assert f"将于 {SOON} 起" in page
    back = client.post(f"/forces/posts/{post.id}/take-back", data={"seen": seen_on(page)})
    assert back.status_code == 302, back.text
    page = client.get(address).text
    assert "将于" not in page
    assert f"由 {other.name} 接任" not in page
    session.refresh(post)
    session.refresh(made)
    assert post.valid.upper is None
    assert made.valid.is_empty, "it never held"


def test_an_end_is_not_taken_back_below_a_later_post_of_the_same_person(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    post, address, _other = linked(session)
    client.post(f"/forces/posts/{post.id}/end", data={"last": DAY.isoformat()})
    again = {"staff": post.staff_id, "since": SOON.isoformat(), "seen": seen_on(client.get(address).text)}
    assert client.post(address, data=again).status_code == 302
    seen = {"seen": seen_on(client.get(address).text)}
    assert client.post(f"/forces/posts/{post.id}/take-back", data=seen).status_code == 409


def test_what_has_begun_stays_and_who_may_not_assign_takes_nothing_back(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    post, address, _other = linked(session)
    seen = {"seen": seen_on(client.get(address).text)}
    back = f"/forces/posts/{post.id}/take-back"
    assert client.post(back, data=seen).status_code == 409
    client.post(f"/forces/posts/{post.id}/end", data={"last": SOON.isoformat()})
    seen = {"seen": seen_on(client.get(address).text)}
    assert enter("village_manager").post(back, data=seen).status_code in (403, 404)
