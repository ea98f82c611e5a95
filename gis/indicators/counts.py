"""What is counted of a territory in a period: whole numbers that add up, from grid to district."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass
class Counts:
    """Every count that an indicator is made of; those of two territories may be added."""

    # cases whose step fell into the period
    accepted: int = 0
    filed: int = 0
    filed_in_period: int = 0
    patrol_filed: int = 0
    reported: int = 0
    accepted_in_limit: int = 0
    acceptance_known: int = 0
    dispatched_in_limit: int = 0
    dispatch_known: int = 0
    asked_for: int = 0
    answered: int = 0
    verified: int = 0
    reworked: int = 0
    closed_in_period: int = 0
    closed_at_grid: int = 0
    closed_at_village: int = 0
    closed_at_town: int = 0
    closed_at_district: int = 0
    ending_known: int = 0
    closed_unsolved: int = 0
    surveyed: int = 0
    satisfied: int = 0
    solved: int = 0
    # cases whose limit fell into the period; suspended ones have left
    due: int = 0
    closed: int = 0
    closed_on_time: int = 0
    urgent_due: int = 0
    urgent_closed: int = 0
    extended: int = 0
    suspended_due: int = 0
    # cases at the end of the period
    open: int = 0
    overdue: int = 0
    due_today: int = 0
    over_1_day: int = 0
    over_3_days: int = 0
    over_7_days: int = 0
    over_longer: int = 0
    # what stands on the last day
    grids: int = 0
    general_grids: int = 0
    organised_grids: int = 0
    linked_grids: int = 0
    staffed_grids: int = 0
    fitting_grids: int = 0
    full_time: int = 0
    households: int = 0
    residents: int = 0
    visited: int = 0
    households_listed: int = 0
    volunteers: int = 0
    teams: int = 0
    villages: int = 0
    villages_functional: int = 0
    villages_advised: int = 0
    care_enrolled: int = 0
    care_in_time: int = 0
    covered_m2: int = 0
    ground_m2: int = 0

    def add(self, other: Counts) -> None:
        """Add the counts of another territory."""
        own = vars(self)  # thousands of times a page, and most of the counts are 0
        for name, count in vars(other).items():
            if count:
                own[name] += count


NAMES = tuple(each.name for each in fields(Counts))


def total(parts: Iterable[Counts]) -> Counts:
    """Return the sum of some territories."""
    found = Counts()
    for part in parts:
        found.add(part)
    return found
