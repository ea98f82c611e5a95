"""An assignment that comes in as a file: read, held against the plan, shown, and only then taken as one step."""

from __future__ import annotations

from gis.plans.incoming.drawn import from_outlines
from gis.plans.incoming.listed import from_table
from gis.plans.incoming.proposal import Cut, Proposal, Remark, accept

__all__ = ["Cut", "Proposal", "Remark", "accept", "from_outlines", "from_table"]
