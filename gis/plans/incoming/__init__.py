"""An assignment that comes in as a file: read, held against the plan, shown, and only then taken as one step."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from gis.plans.draft import Draft
from gis.plans.held import refuse_done
from gis.plans.incoming.listed import from_table
from gis.plans.incoming.proposal import Cut, Proposal, Remark, accept, take
from gis.viewer import Viewer

__all__ = ["Cut", "Proposal", "Remark", "accept", "from_file", "from_table", "take"]


def from_file(
    session: Session, viewer: Viewer, draft: Draft, path: Path, *, crs: str | None = None, layer: str | None = None
) -> Proposal:
    """Hold a file against a draft, a CSV by its lines, else as outlines; raises Conflict for what is no draft."""
    refuse_done(draft.plan)
    if path.suffix.lower() == ".csv":
        return from_table(session, viewer, draft, path.read_bytes())
    from gis.plans.incoming.drawn import from_outlines  # it takes its share of a worker's memory

    return from_outlines(session, viewer, draft, path, crs=crs, layer=layer)
