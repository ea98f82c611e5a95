"""Suggestions: a new division, the least change that mends one, a split, a merge; numbers only, no session."""

from gis.partition.capacity import Misfit
from gis.partition.limits import Limits
from gis.partition.measure import Infeasible, Suggestion
from gis.partition.merging import Neighbour, merge
from gis.partition.pieces import parts
from gis.partition.rebalancing import Rebalanced, Unmended, rebalance
from gis.partition.splitting import split, split_by_line
from gis.partition.suggestion import suggest

__all__ = [
    "Infeasible",
    "Limits",
    "Misfit",
    "Neighbour",
    "Rebalanced",
    "Suggestion",
    "Unmended",
    "merge",
    "parts",
    "rebalance",
    "split",
    "split_by_line",
    "suggest",
]
