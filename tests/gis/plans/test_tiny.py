"""The demo's villages divided anew by a suggestion and published: PostGIS finds nothing twice, missing, cut or torn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import Gap
from gis.partition import parts
from gis.plans import advice, store
from gis.plans.draft import draft, totals
from gis.plans.edits import Edit, apply
from gis.plans.tables import Plan
from gis.viewer import Viewer, key
from tests.conftest import DAY, NOW
from tests.gis.plans import scene
from tests.tilings import tiling

TAKEN = {"a strip twice": "ST_Expand(outline, 1e-6)", "a strip in none": "ST_Buffer(outline, -1e-6)"}


def divided(session: Session, enter: scene.Enter, village: str) -> Plan:
    """Begin a plan of a village and take the best suggestion for it."""
    viewer = enter("planner")
    plan = store.create(session, viewer, village, "新划", NOW)
    best = advice.new_plan(draft(session, viewer, plan.id), village)[0]
    apply(session, viewer, plan.id, Edit("suggest", plan.revision, "new", best.cells, best.after, best.grids), NOW)
    drawn = draft(session, viewer, plan.id)
    general = {grid.id for grid in drawn.grids if grid.kind == "general"}
    loads = [each.households for each in totals(drawn) if each.cells and each.grid in general]
    unfit = [each.households for each in best.unfit]
    outside = [load for load in loads if not plan.households_min <= load <= plan.households_max]
    assert sorted(outside) == sorted(unfit), "what is out of range is listed"
    assert (parts(drawn.ground, drawn.of) == 0).all()
    return plan


def test_suggested_plans_of_the_demo_are_published_as_a_coverage(
    session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    villages = session.scalars(select(Area.code).where(Area.level == "village").order_by(Area.code)).all()
    assert len(villages) > 1
    enter = scene.entering(session, viewer_as)
    changed = 0
    for village in villages:
        plan = divided(session, enter, village)
        scene.in_force(session, enter, plan, NOW)
        session.execute(text("RESET ROLE"))
        found = tiling(session, village, DAY)
        assert found.sound, (village, found)
        assert found.pieces == {}, village
        own = Gap.territory.between(key(village), key(village) + 999)
        assert session.scalars(select(Gap).where(own)).all() == [], "the layer of gaps agrees"
        changed += found.grids
    assert changed >= len(villages)


@pytest.mark.parametrize("what", TAKEN)
def test_a_spoilt_outline_would_be_seen(session: Session, what: str) -> None:
    """The measure itself: a decimetre too much or too little is told."""
    village = session.scalars(select(Area.code).where(Area.level == "village").order_by(Area.code)).first()
    assert village is not None
    before = tiling(session, village, DAY)
    one = "SELECT min(o.id) FROM grid_outlines o JOIN grids g ON g.id = o.grid_id WHERE g.village_code = :village"
    session.execute(
        text(f"UPDATE grid_outlines SET outline = ST_Multi({TAKEN[what]}) WHERE id = ({one})"), {"village": village}
    )
    after = tiling(session, village, DAY)
    size = (after.overlap_m2 - before.overlap_m2, after.gap_m2 - before.gap_m2)
    assert size[what != "a strip twice"] > 1
    assert not after.sound
