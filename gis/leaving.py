"""Posts are left: ended, handed over, and both taken back before their day has come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import audit
from gis.database import NEVER
from gis.errors import Conflict, Invalid, NotFound
from gis.posts import ALONE, FARTHEST, Post, alone, ask, check, hold, member, on, permission, place_of, put, state
from gis.staffing import Assignment
from gis.viewer import Viewer
from gis.words import N_


def end(session: Session, viewer: Viewer, post_id: int, last: date, day: date) -> Assignment:
    """Let a post end after a day; raises Conflict when somebody else has ended it."""
    ask(viewer)
    post = held(session, viewer, post_id)
    if not day - timedelta(days=1) <= last <= day + FARTHEST or last < (post.valid.lower or last):
        raise Invalid(N_("A post ends from yesterday to a year from now, and not before its first day."))
    post.valid = Range(post.valid.lower, last + timedelta(days=1), bounds="[)")
    session.flush()
    audit.record(session, viewer, "post.end", str(post.territory), role=post.role, last=last.isoformat())
    return post


def hand_over(
    session: Session, viewer: Viewer, post_id: int, staff_id: int, since: date, day: date,
    contract: date | None = None, employment: str | None = None,
) -> Assignment:  # fmt: skip
    """Let another member of staff go on with a post from a day on; the one before leaves it the day before.

    An adviser brings a contract of the own, a worker an employment. Raises Conflict when the other one has this role
    here already.
    """
    ask(viewer)
    post = held(session, viewer, post_id)
    if staff_id == post.staff_id:
        raise Invalid(N_("Choose somebody else."))
    if post.headcount > 1:
        raise Invalid(N_("A number of persons is not handed over to one: end it, and assign anew."))
    earliest = max(day, post.valid.lower + timedelta(days=1)) if post.valid.lower else day
    if not earliest <= since <= day + FARTHEST:
        raise Invalid(N_("A post is handed over from today on, and a day after its first day at the earliest."))
    code = place_code(post)
    given = Post(post.role, code, since, staff_id, employment=employment, contract_ends_on=contract)
    check(given, day)
    post.valid = Range(post.valid.lower, since, bounds="[)")
    made = put(session, given, place_of(session, viewer, code, day), primary=post.is_primary)
    audit.record(session, viewer, "post.hand_over", str(post.territory), role=post.role, since=since.isoformat())
    return made


def follower(posts: Iterable[Any], ending: Any) -> Any:
    """Return the post that goes on where another ends, None unless one alone ends and one alone begins there."""
    known, day = list(posts), ending.valid.upper
    ends = [each for each in known if each.valid.upper == day]
    begins = [each for each in known if each.valid.lower == day]
    return begins[0] if len(ends) == len(begins) == 1 else None


def take_back(session: Session, viewer: Viewer, post_id: int, seen: str, day: date) -> Assignment:
    """Withdraw a post that has not begun, or let one go on that would end, the post of who follows with it.

    Raises Conflict when somebody else changed the role since it was shown, or when the day has come.
    """
    ask(viewer)
    post = locked(session, viewer, post_id)
    place = place_of(session, viewer, place_code(post), day)
    if seen != state(session, place, post.role):
        raise Conflict(N_("Somebody else changed this role meanwhile. Look at it again."))
    if post.valid.lower is not None and post.valid.lower > day:
        post.valid = NEVER
    elif post.valid.upper is not None and post.valid.upper > day:
        go_on(session, post, place)
    else:
        raise Conflict(N_("Only what lies ahead is taken back; what was stays as it was."))
    session.flush()
    audit.record(session, viewer, "post.take_back", str(post.territory), role=post.role, number=post.id)
    return post


def go_on(session: Session, post: Assignment, place: Any) -> None:
    """Let a post go on that would end; raises Conflict when who holds or follows it has other posts here later."""
    ends = post.valid.upper
    near = or_(func.upper(Assignment.valid) == ends, func.lower(Assignment.valid) == ends)
    following = follower(session.scalars(select(Assignment).where(on(place, post.role), near)), post)
    if following is not None:
        if following.valid.upper is not None:
            raise Conflict(N_("Who follows leaves again: take back the post that begins first."))
        following.valid = NEVER
    post.valid = Range(post.valid.lower, None, bounds="[)")
    session.flush()
    others = (on(place, post.role), Assignment.staff_id == post.staff_id, Assignment.id != post.id)
    later = select(Assignment.id).where(*others, Assignment.valid.overlaps(Range(ends, None, bounds="[)")))
    if session.scalar(later.limit(1)) is not None and (staff := member(session, post.staff_id)):
        raise Conflict(N_("%(name)s has this role here already."), name=staff.name)
    if post.role in ALONE and ends:
        alone(session, Post(post.role, place_code(post), ends, post.staff_id), place)


def held(session: Session, viewer: Viewer, post_id: int) -> Assignment:
    """Return a post that goes on, locked; raises Conflict for one that has ended or was withdrawn."""
    post = locked(session, viewer, post_id)
    if post.valid.upper is not None or post.valid.is_empty:
        raise Conflict(N_("Somebody else has ended this post meanwhile. Look at it again."))
    return post


def locked(session: Session, viewer: Viewer, post_id: int) -> Assignment:
    """Return a post that the viewer may change, locked; raises NotFound outside the territory.

    Role and place are held before the row, as by who puts somebody on the role, and the lines before both, as by a
    publication: nobody waits for somebody who waits for them.
    """
    ask(viewer)
    seen = session.get(Assignment, post_id)
    if seen is not None:
        hold(session, seen.role, place_code(seen))
    query = select(Assignment).where(Assignment.id == post_id).with_for_update(of=Assignment)
    post = session.scalar(query.execution_options(populate_existing=True))
    if post is None:
        raise NotFound(N_("There is no such post in your territory."))
    viewer.require(permission(post.role))
    return post


def place_code(post: Assignment) -> str:
    """Return the code of the grid or area that a post is for."""
    return post.area_code or str(post.territory)
