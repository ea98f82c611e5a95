"""A plan of a town goes on when another plan came into force in one of its villages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis import checks
from gis.audit import AuditEntry
from gis.boundaries import GridOutline
from gis.errors import Conflict, Invalid, Refused
from gis.plans import review, store
from gis.plans.draft import Draft, draft
from gis.plans.edits import Edit, apply, redo, undo
from gis.plans.publish import publish
from gis.plans.rollback import roll_back
from gis.plans.tables import Plan, PlanEvent
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans import history, scene
from tests.gis.plans.desk import stored
from tests.gis.plans.scene import SRID, Enter

MORNING = NOW + timedelta(days=1)


@dataclass
class Town:
    """A town of two villages with a draft that redraws both, and one that redraws the first alone."""

    one: fabrics.Village
    two: fabrics.Village
    whole: Plan
    part: Plan


@pytest.fixture
def town(session: Session, enter: Enter) -> Town:
    grid = fabrics.qinghe_grids()
    water = {"river": fabrics.RIVER, "bridge": fabrics.BRIDGE}
    code, (one, two) = fabrics.lay_town(session, grid, fabrics.qinghe_households(grid), **water)
    for village in (one, two):
        fabrics.people(session, village)
    planner = enter("planner")
    whole = store.create(session, planner, code, "全镇", NOW)
    part = store.create(session, planner, one.code, "清河", NOW)
    for village in (one, two):
        move(session, enter, whole, village, village.cells[14, :3].tolist(), 3)
    cells = one.cells[13, :4].tolist()
    edit = Edit("split", whole.revision, "new", cells, [-1] * 4, [{"id": -1, "name": "新网格", "village": one.code}])
    apply(session, enter("planner"), whole.id, edit, NOW)
    apply(session, enter("planner"), whole.id, Edit("lock", whole.revision, "lock", one.cells[0, :2].tolist()), NOW)
    move(session, enter, part, one, one.cells[15, :3].tolist(), 2)
    return Town(one, two, whole, part)


def move(session: Session, enter: Enter, plan: Plan, village: fabrics.Village, cells: list[int], to: int) -> None:
    """Give cells to a grid of the village, by its place among them."""
    planner = enter("planner")
    scene.push(session, planner, plan, cells, scene.numbers(session, planner, plan)[village.grids[to]], NOW)


def held(drawn: Draft, cells: list[int]) -> list[int | None]:
    """Return the grids in force that cells go to, None for a new grid."""
    return [drawn.grids[at].grid_id for at in drawn.of[drawn.ground.index(cells)].tolist()]


def test_the_village_that_changed_begins_again_and_the_others_stay(session: Session, enter: Enter, town: Town) -> None:
    one, two = town.one, town.two
    scene.in_force(session, enter, town.part, NOW)
    with pytest.raises(Conflict, match=r"“清河” was published after “全镇” was begun, and changed 清河社区"):
        review.submit(session, enter("planner"), town.whole.id, MORNING)
    store.follow(session, enter("planner"), town.whole.id, MORNING)
    drawn = draft(session, enter("planner"), town.whole.id)
    assert held(drawn, one.cells[15, :3].tolist()) == [one.grids[2]] * 3, "as the other plan has it"
    assert held(drawn, one.cells[14, :3].tolist()) == [one.grids[2]] * 3, "the plan's own stroke there is gone"
    assert held(drawn, two.cells[14, :3].tolist()) == [two.grids[3]] * 3, "the other village stays as drawn"
    assert "新网格" not in [grid.name for grid in drawn.grids]
    assert not drawn.locked.any()
    assert store.replay(session, enter("planner"), town.whole.id) == stored(session, town.whole.id)
    last = select(PlanEvent.kind).where(PlanEvent.plan_id == town.whole.id, PlanEvent.seq == town.whole.revision)
    assert session.scalar(last) == "follow"
    history.owner(session)
    told = select(AuditEntry.detail).where(AuditEntry.action == "plan.follow")
    assert session.scalars(told).one()["villages"] == [one.code]


def test_what_followed_is_published_and_changes_the_rest_only(session: Session, enter: Enter, town: Town) -> None:
    scene.in_force(session, enter, town.part, NOW)
    store.follow(session, enter("planner"), town.whole.id, MORNING)
    before = history.current(session, town.one, MORNING.date())
    scene.agreed(session, enter, town.whole, MORNING.date(), MORNING)
    publish(session, enter("district_manager"), town.whole.id, MORNING, metric_srid=SRID)
    after = history.current(session, town.one, MORNING.date())
    assert {code: shape.wkb for code, shape in after.items()} == {code: shape.wkb for code, shape in before.items()}
    other = history.current(session, town.two, MORNING.date())
    assert (
        other[f"{town.two.code}004"].area > history.current(session, town.two, NOW.date())[f"{town.two.code}004"].area
    )


def test_a_plan_whose_villages_have_all_changed_is_drawn_anew(session: Session, enter: Enter, town: Town) -> None:
    rival = store.branch(session, enter("planner"), town.part.id, "清河乙", NOW)
    scene.in_force(session, enter, town.part, NOW)
    with pytest.raises(Conflict, match=r"“清河” was published after “清河乙” was begun. Draw the plan anew"):
        store.follow(session, enter("planner"), rival.id, MORNING)
    assert rival.revision == 1


def test_lines_that_changed_elsewhere_stop_nobody(session: Session, enter: Enter, town: Town) -> None:
    revision = town.whole.revision
    store.follow(session, enter("planner"), town.whole.id, NOW)
    assert town.whole.revision == revision, "there is nothing to follow"
    scene.in_force(session, enter, town.whole, NOW)
    other = store.create(session, enter("planner"), town.two.code, "清湖", MORNING)
    last = store.create(session, enter("planner"), town.whole.area_code, "再来", MORNING)
    move(session, enter, other, town.two, town.two.cells[15, 5:7].tolist(), 2)
    move(session, enter, last, town.one, town.one.cells[15, 5:7].tolist(), 2)
    scene.in_force(session, enter, last, MORNING)
    review.submit(session, enter("planner"), other.id, MORNING)
    assert other.status == "submitted", "“再来” covers 清湖社区 and changed nothing there"


def test_a_branch_from_before_the_plan_followed_does_not_know_what_came_into_force(
    session: Session, enter: Enter, town: Town
) -> None:
    before = town.whole.revision
    scene.in_force(session, enter, town.part, NOW)
    store.follow(session, enter("planner"), town.whole.id, MORNING)
    early = store.branch(session, enter("planner"), town.whole.id, "之前", MORNING, revision=before)
    with pytest.raises(Conflict, match="was published after “之前” was begun"):
        review.submit(session, enter("planner"), early.id, MORNING)
    late = store.branch(session, enter("planner"), town.whole.id, "之后", MORNING)
    review.submit(session, enter("planner"), late.id, MORNING)


def test_undo_reaches_what_was_drawn_in_the_villages_that_stayed(session: Session, enter: Enter, town: Town) -> None:
    scene.in_force(session, enter, town.part, NOW)
    store.follow(session, enter("planner"), town.whole.id, MORNING)
    moved = town.two.cells[14, :3].tolist()
    undo(session, enter("planner"), town.whole.id, town.whole.revision, "back", MORNING)
    drawn = draft(session, enter("planner"), town.whole.id)
    assert held(drawn, moved) == [town.two.grids[2]] * 3, "the newest stroke of which anything is left"
    assert held(drawn, town.one.cells[15, :3].tolist()) == [town.one.grids[2]] * 3
    with pytest.raises(Invalid, match="nothing of yours to undo"):
        undo(session, enter("planner"), town.whole.id, town.whole.revision, "none", MORNING)
    redo(session, enter("planner"), town.whole.id, town.whole.revision, "again", MORNING)
    assert held(draft(session, enter("planner"), town.whole.id), moved) == [town.two.grids[3]] * 3


def test_a_branch_of_a_published_plan_keeps_the_grids_that_it_began(session: Session, enter: Enter, town: Town) -> None:
    scene.in_force(session, enter, town.whole, NOW)
    before = history.current(session, town.one, NOW.date())
    more = store.branch(session, enter("planner"), town.whole.id, "续", MORNING)
    move(session, enter, more, town.two, town.two.cells[15, 5:7].tolist(), 2)
    scene.in_force(session, enter, more, MORNING)
    assert history.current(session, town.one, MORNING.date()).keys() == before.keys()
    assert any(code.endswith("010") for code in before), "the split began a grid"


def test_a_branch_of_a_published_plan_does_not_undo_what_was_published_later(
    session: Session, enter: Enter, town: Town
) -> None:
    scene.in_force(session, enter, town.whole, NOW)
    other = store.create(session, replace(enter("planner"), day=MORNING.date()), town.one.code, "再调", MORNING)
    move(session, enter, other, town.one, town.one.cells[15, 5:7].tolist(), 2)
    scene.in_force(session, enter, other, MORNING)
    late = store.branch(session, enter("planner"), town.whole.id, "迟到", MORNING + timedelta(minutes=1))
    with pytest.raises(Conflict, match=r"“再调” was published after “迟到” was begun, and changed 清河社区"):
        review.submit(session, enter("planner"), late.id, MORNING + timedelta(minutes=2))


def test_the_kind_of_a_grid_has_days_and_comes_back(session: Session, enter: Enter, town: Town) -> None:
    rival = store.branch(session, enter("planner"), town.part.id, "另案", NOW)
    number = scene.numbers(session, enter("planner"), town.part)[town.one.grids[0]]
    kind = Edit("change", town.part.revision, "kind", grids=[{"id": number, "kind": "dedicated"}])
    apply(session, enter("planner"), town.part.id, kind, NOW)
    scene.in_force(session, enter, town.part, NOW)
    with pytest.raises(Conflict, match="was published after “另案” was begun"):
        review.submit(session, enter("planner"), rival.id, MORNING)
    back = roll_back(session, replace(enter("planner"), day=MORNING.date()), town.part.id, MORNING)
    assert scene.draft(session, enter("planner"), back.id).grids[0].kind == "general"
    scene.in_force(session, enter, back, MORNING)
    own = select(GridOutline.kind).where(GridOutline.grid_id == town.one.grids[0]).order_by(GridOutline.id)
    assert session.scalars(own).all() == ["general", "dedicated", "general"]


def test_the_checks_tell_that_other_lines_came_into_force(session: Session, enter: Enter, town: Town) -> None:
    scene.in_force(session, enter, town.part, NOW)
    found = checks.check(draft(session, enter("planner"), town.whole.id))
    (finding,) = [each for each in found if each.code == "E11"]
    assert set(finding.cells) == {int(cell) for cell in town.one.cells.ravel()}
    store.follow(session, enter("planner"), town.whole.id, MORNING)
    assert "E11" not in {each.code for each in checks.check(draft(session, enter("planner"), town.whole.id))}


def test_a_note_takes_no_numbers_of_persons(session: Session, enter: Enter, town: Town) -> None:
    with pytest.raises(Refused, match="never stored"):
        store.rename(session, enter("planner"), town.whole.id, "全镇", note="联系 13800138000")


def test_a_town_plan_leaves_villages_alone_in_which_it_changes_nothing(
    session: Session, enter: Enter, town: Town
) -> None:
    history.owner(session)
    outline = session.scalars(select(GridOutline).where(GridOutline.grid_id == town.two.grids[0])).one()
    cut = shapely.difference(
        shapely.from_wkb(bytes(outline.outline.data)), shapely.box(0, 0, 180, fabrics.SOUTH + 0.3 * fabrics.STEP)
    )
    outline.outline = fabrics.multi(cut)
    session.flush()
    before = history.outlines(session, town.two)
    session.execute(text("RESET ROLE"))
    whole = store.create(session, enter("planner"), town.whole.area_code, "只改清河", NOW)
    other = store.create(session, enter("planner"), town.two.code, "清湖", NOW)
    move(session, enter, whole, town.one, town.one.cells[14, :3].tolist(), 3)
    move(session, enter, other, town.two, town.two.cells[14, :3].tolist(), 3)
    scene.in_force(session, enter, whole, NOW)
    history.owner(session)
    assert history.outlines(session, town.two) == before, "its lines do not run along cells, and stay as they are"
    scene.in_force(session, enter, other, NOW)
    assert other.status == "published", "nothing of it was overtaken, and its village has not changed today"
