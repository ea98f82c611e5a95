"""A draft goes on where other lines came into force meanwhile: those villages begin again, all others stay as drawn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gis import audit
from gis.boundaries import hold_still
from gis.plans import standing
from gis.plans.carrying import carry
from gis.plans.draft import draft
from gis.plans.freshness import overtaken
from gis.plans.laying import Laid, lay
from gis.plans.tables import Plan
from gis.viewer import Viewer, key


def follow(session: Session, viewer: Viewer, plan_id: int, now: datetime) -> Plan:
    """Let a draft stand on what is in force now, as one event; nothing happens when it does already.

    The villages whose grids changed since it was begun are as they are in force; the others keep what was drawn. Cells
    that were built anew are carried over first. Raises Conflict when every village has changed.
    """
    plan = carry(session, viewer, plan_id, now)
    hold_still(session, map(key, plan.fabrics))
    found = overtaken(session, plan)
    if found is None:
        return plan
    if found.whole:
        raise found.reason
    drawn = draft(session, viewer, plan_id)
    held = standing.of_cells(session, drawn.ground, viewer.day)
    lay(session, viewer, drawn, Laid("follow", viewer.day, found.villages, held, found.now), now)
    session.flush()
    audit.record(session, viewer, "plan.follow", plan.area_code, plan=plan.id, villages=found.villages)
    return plan
