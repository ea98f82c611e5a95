"""What is arranged of posts for a day ahead: who follows whom, and taking it back before it has happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import audit
from gis.database import NEVER
from gis.errors import Conflict
from gis.posts import ask, hold, locked, member, on, place_of, state
from gis.staffing import Assignment
from gis.viewer import Viewer
from gis.words import N_


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
    code = post.area_code or str(post.territory)
    hold(session, post.role, code)
    place = place_of(session, viewer, code, day)
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
