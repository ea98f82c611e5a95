"""Every indicator: a plain function of counts, with its name, its formula in a sentence, its unit and its version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gis.indicators.counts import Counts
from gis.words import N_


@dataclass(frozen=True)
class Result:
    """A numerator over a denominator; `value` is None (n/a) when there is nothing to divide by.

    `version` is that of the formula by which it was kept, None for what is computed by today's.
    """

    numerator: float | None
    denominator: float | None
    value: float | None
    version: int | None = None


@dataclass(frozen=True)
class Spread:
    """How long something took over n of them: quantiles in working hours, None without any."""

    n: int = 0
    p10: float | None = None
    p25: float | None = None
    p50: float | None = None
    p75: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class Times:
    """What cannot be added up: how long closing took, and by how many days open cases are over their limit."""

    closing: Spread = Spread()
    days_over: float | None = None


@dataclass(frozen=True)
class Kpi:
    """An indicator; `of` is pure, `group` is where it stands on a page, `worse` tells that less is better."""

    code: str
    title: str
    formula: str
    unit: str
    of: Callable[[Counts, Times], Result]
    group: str
    version: int = 1
    worse: bool = False


def share(numerator: float, denominator: float, per: float = 1) -> Result:
    """Return per × numerator ÷ denominator, n/a over nothing."""
    return Result(numerator, denominator, per * numerator / denominator if denominator else None)


def shown(share: float) -> float:
    """Return a share as it is shown to a tenth of a percent: one that falls short of all is never told as all."""
    return min(share, 0.999) if share < 1 else share


def ratio(numerator: str, denominator: str, per: float = 1) -> Callable[[Counts, Times], Result]:
    """Return the function that divides one count by another."""
    return lambda counts, _times: share(getattr(counts, numerator), getattr(counts, denominator), per)


def overdue_open(counts: Counts, _times: Times) -> Result:
    """Return how many open cases are over their limit, of how many open ones."""
    return Result(counts.overdue, counts.open, counts.overdue)


def days_over(counts: Counts, times: Times) -> Result:
    """Return by how many days half of the overdue cases are over their limit."""
    return Result(None, counts.overdue, times.days_over)


def time_to_close(_counts: Counts, times: Times) -> Result:
    """Return the working hours within which half of the cases were closed."""
    return Result(None, times.closing.n, times.closing.p50)


def time_to_close_p90(_counts: Counts, times: Times) -> Result:
    """Return the working hours within which nine of ten cases were closed."""
    return Result(None, times.closing.n, times.closing.p90)


def village_resolution(counts: Counts, _times: Times) -> Result:
    """Return the share of closed cases that no town was needed for."""
    return share(counts.closed_at_grid + counts.closed_at_village, leveled(counts))


def town_resolution(counts: Counts, _times: Times) -> Result:
    """Return the share of closed cases that the district was not needed for."""
    return share(leveled(counts) - counts.closed_at_district, leveled(counts))


def leveled(counts: Counts) -> int:
    """Return how many cases were closed at a level that is known."""
    return counts.closed_at_grid + counts.closed_at_village + counts.closed_at_town + counts.closed_at_district


GROUPS = {
    "cases": N_("Handling of cases"),
    "residents": N_("Residents' answers"),
    "reach": N_("Reach"),
    "organisation": N_("Organisation and staff"),
    "ground": N_("Grids"),
}
HOURS = N_("working hours")
ALL: tuple[Kpi, ...] = (
    Kpi("filing_rate", N_("Filing rate"), N_("Cases filed ÷ cases accepted in the month; duplicates count once."), "%",
        ratio("filed", "accepted"), "cases"),
    Kpi("closure_rate", N_("Closure rate"),
        N_("Closed ÷ cases whose limit ended in the month; suspended ones are left out."), "%",
        ratio("closed", "due"), "cases"),
    Kpi("on_time_closure_rate", N_("On-time closure rate"),
        N_("Closed by their limit ÷ cases whose limit ended in the month; suspended ones are left out."), "%",
        ratio("closed_on_time", "due"), "cases"),
    Kpi("urgent_closure_rate", N_("Urgent closure rate"),
        N_("Closed ÷ urgent cases whose limit ended in the month; suspended ones are left out."), "%",
        ratio("urgent_closed", "urgent_due"), "cases"),
    Kpi("rework_rate", N_("Rework rate"),
        N_("Cases that failed a verification ÷ cases verified in the month."), "%",
        ratio("reworked", "verified"), "cases", worse=True),
    Kpi("extension_rate", N_("Extension rate"),
        N_("Cases with an approved extension ÷ cases whose limit ended in the month."), "%",
        ratio("extended", "due"), "cases", worse=True),
    Kpi("acceptance_timeliness", N_("Accepted in time"),
        N_("Accepted within the limit of this stage ÷ cases reported in the month whose acceptance is known."), "%",
        ratio("accepted_in_limit", "acceptance_known"), "cases", version=3),
    Kpi("dispatch_timeliness", N_("Dispatched in time"),
        N_("Dispatched within the limit of this stage ÷ cases filed in the month."), "%",
        ratio("dispatched_in_limit", "dispatch_known"), "cases", version=3),
    Kpi("overdue_open", N_("Overdue cases"),
        N_("Open cases over their limit and not suspended, of all open cases, at the end of the month or now."),
        N_("cases"), overdue_open, "cases", worse=True),
    Kpi("overdue_days", N_("Days over the limit, median"),
        N_("Half of the overdue cases are over their limit by fewer days than this."), N_("days"),
        days_over, "cases", worse=True),
    Kpi("time_to_close", N_("Time to close, median"),
        N_("Half of the cases closed in the month took fewer working hours from filing to closing."), HOURS,
        time_to_close, "cases", worse=True),
    Kpi("time_to_close_p90", N_("Time to close, nine of ten"),
        N_("Nine of ten cases closed in the month took fewer working hours from filing to closing."), HOURS,
        time_to_close_p90, "cases", worse=True),
    Kpi("no_action_rate", N_("Closed without a solution"),
        N_("Closed for another reason than resolved ÷ cases closed in the month for a known reason."), "%",
        ratio("closed_unsolved", "ending_known"), "cases", version=2, worse=True),
    Kpi("proactive_rate", N_("Found by patrol"),
        N_("Cases from a grid patrol ÷ cases filed in the month."), "%",
        ratio("patrol_filed", "filed_in_period"), "cases"),
    Kpi("village_resolution_rate", N_("Settled in the village"),
        N_("Closed by grid or village ÷ cases closed in the month."), "%", village_resolution, "cases"),
    Kpi("town_resolution_rate", N_("Settled in the town"),
        N_("Closed by grid, village or town ÷ cases closed in the month."), "%", town_resolution, "cases"),
    Kpi("response_rate", N_("Response rate"),
        N_("Accepted within 24 hours ÷ residents' reports (app, hotline, reception day) of the month."), "%",
        ratio("answered", "asked_for"), "residents"),
    Kpi("solution_rate", N_("Solution rate"),
        N_("Closed as resolved ÷ cases closed in the month whose reporters were asked."), "%",
        ratio("solved", "surveyed"), "residents"),
    Kpi("satisfaction_rate", N_("Satisfaction rate"),
        N_("Satisfied ÷ cases closed in the month whose reporters were asked."), "%",
        ratio("satisfied", "surveyed"), "residents"),
    Kpi("visit_coverage", N_("Visit coverage"),
        N_("Households met at least once in the last 183 days ÷ households on the list."), "%",
        ratio("visited", "households_listed"), "reach"),
    Kpi("care_visit_compliance", N_("Care visits in time"),
        N_("Enrolments of the elder-care action visited within their tier ÷ enrolments."), "%",
        ratio("care_in_time", "care_enrolled"), "reach"),
    Kpi("volunteer_density", N_("Active volunteers per 1,000 residents"),
        N_("1,000 × active members of the volunteer teams of the day, as counted now ÷ residents of the day."),
        N_("persons"),
        ratio("volunteers", "residents", 1000), "reach"),
    Kpi("org_coverage", N_("Organisation coverage"),
        N_("General grids with a Party branch of their own or a joint one ÷ general grids."), "%",
        ratio("organised_grids", "general_grids"), "organisation"),
    Kpi("functional_branch_coverage", N_("Functional branch coverage"),
        N_("Villages and communities with at least one functional branch ÷ villages and communities."), "%",
        ratio("villages_functional", "villages"), "organisation"),
    Kpi("link_coverage", N_("Link-cadre coverage"),
        N_("Grids with a link cadre on the day ÷ grids."), "%", ratio("linked_grids", "grids"), "organisation"),
    Kpi("legal_adviser_coverage", N_("Legal adviser coverage"),
        N_("Villages and communities whose adviser's contract runs ÷ villages and communities."), "%",
        ratio("villages_advised", "villages"), "organisation"),
    Kpi("staffing_rate", N_("Full-time staffing"),
        N_("General grids with at least one full-time grid worker ÷ general grids."), "%",
        ratio("staffed_grids", "general_grids"), "organisation"),
    Kpi("grid_size_compliance", N_("Grids of the wanted size"),
        N_("General grids whose households lie in the wanted range ÷ general grids."), "%",
        ratio("fitting_grids", "general_grids"), "ground"),
    Kpi("spatial_coverage", N_("Spatial coverage"),
        N_("Land that lies in a grid ÷ land of the villages and communities; by the gaps found last."), "%",
        ratio("covered_m2", "ground_m2"), "ground"),
    Kpi("open_case_density", N_("Open cases per 1,000 households"),
        N_("1,000 × open cases ÷ registered households."), N_("cases"),
        ratio("open", "households", 1000), "ground", worse=True),
)  # fmt: skip
BY_CODE = {kpi.code: kpi for kpi in ALL}


def version_of(kpi: Kpi, result: Result | None) -> int:
    """Return by which version of its formula a figure was made."""
    return result.version if result and result.version is not None else kpi.version


def results(counts: Counts, times: Times) -> dict[str, Result]:
    """Return the result of every indicator."""
    return {kpi.code: kpi.of(counts, times) for kpi in ALL}
