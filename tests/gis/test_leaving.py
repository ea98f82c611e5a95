"""Posts are left: what was withdrawn stays so, and two who change one role wait in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import leaving, posts
from gis.database import NEVER, admit, transaction
from gis.errors import Conflict
from gis.staffing import Assignment, Staff
from gis.viewer import Viewer
from tests.conftest import DAY

SOON = DAY + timedelta(days=7)
Who = Callable[[str], Viewer]


def linked(session: Session) -> tuple[Assignment, int]:
    """Return a post of a link cadre, and the number of another cadre."""
    posted = select(Assignment).where(Assignment.role == "link_cadre").order_by(Assignment.id)
    post = session.scalars(posted).first()
    assert post is not None
    other = session.scalars(select(Staff.id).join(Assignment, Assignment.staff_id == Staff.id).where(
        Assignment.role == "link_cadre", Staff.id != post.staff_id).order_by(Staff.id)).first()  # fmt: skip
    assert other is not None
    return post, other


def test_a_withdrawn_post_is_neither_ended_nor_handed_over(session: Session, viewer_as: Who) -> None:
    viewer = viewer_as("district_manager")
    post, other = linked(session)
    post.valid = NEVER
    session.flush()
    admit(session, viewer)
    for late in (lambda: leaving.end(session, viewer, post.id, DAY, DAY),
                 lambda: leaving.hand_over(session, viewer, post.id, other, SOON, DAY)):  # fmt: skip
        with pytest.raises(Conflict, match="ended this post"):
            late()
    session.refresh(post)
    assert post.valid.is_empty


@pytest.fixture
def arranged(engine: Engine, app_engine: Engine, viewer_as: Who) -> Iterator[tuple[Viewer, Assignment, int]]:
    """A hand-over of a day ahead: who acts, the post that ends, and the number of the one that begins."""
    viewer = viewer_as("district_manager")
    with transaction(app_engine) as session:
        admit(session, viewer)
        post, other = linked(session)
        made = leaving.hand_over(session, viewer, post.id, other, SOON, DAY).id
    yield viewer, post, made
    with transaction(engine) as session:
        session.execute(delete(Assignment).where(Assignment.id == made))
        session.execute(update(Assignment).where(Assignment.id == post.id).values(valid=Range(post.valid.lower, None)))


def test_who_takes_back_holds_the_role_before_the_row(
    app_engine: Engine, engine: Engine, arranged: tuple[Viewer, Assignment, int]
) -> None:
    viewer, post, made = arranged
    said: list[str] = []

    def back(number: int, seen: str) -> None:
        try:
            with transaction(app_engine) as session:
                admit(session, viewer)
                leaving.take_back(session, viewer, number, seen, DAY)
            said.append("done")
        except Conflict:
            said.append("told")

    with transaction(app_engine) as session:
        admit(session, viewer)
        place = posts.place_of(session, viewer, str(post.territory), DAY)
        seen = posts.state(session, place, post.role)
        posts.hold(session, post.role, place.code)
        both = [Thread(target=back, args=(number, seen)) for number in (post.id, made)]
        for each in both:
            each.start()
        for each in both:
            each.join(0.5)
            assert each.is_alive(), "it waits for the role"
        rows = text("SELECT id FROM assignments WHERE id IN (:one, :two) FOR UPDATE NOWAIT")
        with engine.begin() as owner:
            assert len(owner.execute(rows, {"one": post.id, "two": made}).all()) == 2, "and holds no row meanwhile"
    for each in both:
        each.join(20)
    assert sorted(said) == ["done", "told"]


def test_a_page_from_before_something_was_taken_back_is_of_another_state(session: Session, viewer_as: Who) -> None:
    viewer = viewer_as("district_manager")
    post, other = linked(session)
    admit(session, viewer)
    code = leaving.place_code(post)
    leaving.hand_over(session, viewer, post.id, other, SOON, DAY)
    _, seen = posts.holders(session, viewer, code, post.role, DAY)
    leaving.take_back(session, viewer, post.id, seen, DAY)
    third = next(
        each.id for each in posts.candidates(session, viewer, code, post.role, DAY) if each.id != post.staff_id
    )
    with pytest.raises(Conflict, match="Somebody else changed this role"):
        posts.assign(session, viewer, posts.Post(post.role, code, DAY, third, seen=seen), DAY)


def test_a_leader_whose_end_is_taken_back_does_not_stand_beside_another(session: Session, viewer_as: Who) -> None:
    viewer = viewer_as("district_manager")
    post = session.scalars(select(Assignment).where(Assignment.role == "grid_leader").order_by(Assignment.id)).first()
    assert post is not None
    admit(session, viewer)
    code = leaving.place_code(post)
    leaving.end(session, viewer, post.id, SOON, DAY)
    other = next(
        each.id for each in posts.candidates(session, viewer, code, post.role, DAY) if each.id != post.staff_id
    )
    _, seen = posts.holders(session, viewer, code, post.role, DAY)
    posts.assign(session, viewer, posts.Post(post.role, code, SOON + timedelta(days=9), other, seen=seen), DAY)
    _, seen = posts.holders(session, viewer, code, post.role, DAY)
    with pytest.raises(Conflict, match="Hand it over"):
        leaving.take_back(session, viewer, post.id, seen, DAY)
