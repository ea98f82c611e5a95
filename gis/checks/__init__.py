"""The rules that a plan is held against: on the touched grids after a stroke, on all of it before it is handed in."""

from __future__ import annotations

from collections.abc import Callable, Collection

from gis.checks import cover, duty, load, record, shape
from gis.checks.findings import SEVERITIES, SEVERITY_NAMES, Finding, Severity
from gis.plans.draft import Draft

__all__ = ["RULES", "SEVERITIES", "SEVERITY_NAMES", "Finding", "Severity", "check"]

Rule = Callable[[Draft, Collection[int] | None], list[Finding]]

RULES: list[Rule] = [
    cover.unassigned,
    cover.repeated,
    shape.in_pieces,
    cover.beyond_village,
    cover.building_parted,
    cover.without_cell,
    record.codes,
    cover.not_tiled,
    record.broken_locks,
    duty.unattended,
    record.stale,
    load.out_of_range,
    load.unequal,
    shape.ragged,
    shape.off_barriers,
    shape.enclosed,
    cover.compound_parted,
    load.churn,
    load.mixed,
    load.rerouted,
    duty.shared_workers,
    record.recoded,
]
"""E1 to E11, then W1 to W11; each takes a draft and the numbers of the touched grids, None for all."""


def check(draft: Draft, touched: Collection[int] | None = None) -> list[Finding]:
    """Return what the rules find, errors first, in the order of the rules."""
    found = [finding for rule in RULES for finding in rule(draft, touched)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
