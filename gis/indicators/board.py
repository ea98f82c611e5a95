"""Everything that the dashboard shows of an area in a month: plain numbers, from few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from gis.areas import Whereabouts
from gis.indicators import casework, snapshots, standing
from gis.indicators.counts import Counts
from gis.indicators.kpis import BY_CODE, Result, Times, results
from gis.indicators.measuring import SIZES, Measured, Sizes, measure
from gis.indicators.periods import Month
from gis.resources import SKILLS
from gis.scope import ZONE, Scope
from gis.viewer import Viewer, ancestors, key, level

SERVES = {
    "repairs": ("property_repair", "public_facility"),
    "legal": ("dispute",),
    "elder_care": ("livelihood",),
    "environment": ("environment",),
    "emergency": ("safety_hazard",),
}
"""Skill → the categories of cases that it can help with."""
BELOW = {"district": "town", "town": "village", "village": "grid"}


@dataclass(frozen=True)
class Part:
    """An area or a grid directly below, with its counts and figures."""

    code: str
    name: str
    counts: Counts
    results: Mapping[str, Result]


@dataclass(frozen=True)
class Compared:
    """The figures beside the area's own: what they are of, and when they were kept; computed where they were not."""

    month: Month
    results: Mapping[str, Result]


@dataclass
class Board:
    """The numbers of an area in a month; `kept` tells when they were fixed, None while they are computed."""

    area: str
    month: Month
    day: date
    moment: datetime
    kept: bool
    counts: Counts
    results: Mapping[str, Result]
    parts: Sequence[Part] = ()
    compared: dict[str, Compared] = field(default_factory=dict)
    grids: Sequence[tuple[str, str, Result]] = ()
    sizes: Sequence[int] = ()
    categories: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    times: Mapping[str, Times] = field(default_factory=dict)
    times_above: Mapping[str, Times] = field(default_factory=dict)
    mix_above: Mapping[str, float] = field(default_factory=dict)
    weeks: Sequence[tuple[date, int, int, int]] = ()
    tiers: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    forces: Mapping[str, Mapping[int, tuple[int, int]]] = field(default_factory=dict)
    care: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    care_seen: bool = False
    skills: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unlinked: Sequence[tuple[str, str]] = ()
    unadvised: Sequence[tuple[str, str]] = ()
    bare: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class CareShown:
    """What is told of care: whether the counts of the month are, of which other months they are, and the tiers."""

    whole: bool = False
    months: Collection[date] = ()
    tiers: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def board(
    session: Session, viewer: Viewer, scope: Scope, month: Month, place: Whereabouts, wanted: Sizes, care: CareShown,
    grids: Sequence[Any] | None = None,
) -> Board:  # fmt: skip
    """Return the numbers of an area in a month, the kept ones where the month is closed and was kept."""
    viewer.require("map.view")
    area = place.area.code
    below = BELOW.get(level(area), "grid")
    found = measure(session, viewer, scope, month, wanted, (SIZES["all"], SIZES[below]), grids)
    counts, times = found.whole(), found.took(SIZES["all"], 0)
    made = Board(area, month, scope.day, scope.moment, False, counts, results(counts, times))
    made.parts = parts(found, place, below)
    made.grids = of_grids(found)
    made.sizes = [grid.households for grid in found.grids if grid.kind == "general"]
    made.categories = {name: each.filed_in_period for name, each in found.by_category.items() if each.filed_in_period}
    made.sources = {name: count for name, count in found.by_source.items() if count}
    made.times = {each[2]: times for each, times in found.times.items() if each[0] == SIZES["all"] and each[2]}
    compare(session, viewer, made, viewer.territory.holds(area))
    organise(session, scope, made, found)
    hide(viewer, made, care)
    made.weeks = weekly(session.execute(casework.weeks(scope)), casework.first_week(scope), scope.moment)
    made.skills = skilled(session.execute(standing.teams(scope)), found)
    return made


def parts(found: Measured, place: Whereabouts, below: str) -> list[Part]:
    """Return what is directly below the area, in the order of the codes."""
    units = found.of(SIZES[below])
    return [
        Part(child.code, child.name, mine := units.get(key(child.code), Counts()),
             results(mine, found.took(SIZES[below], key(child.code))))
        for child in place.children
    ]  # fmt: skip


def of_grids(found: Measured) -> list[tuple[str, str, Result]]:
    """Return code, name and closing in time of every grid."""
    on_time, times = BY_CODE["on_time_closure_rate"], Times()
    return [(grid.code, grid.name, on_time.of(found.by_unit[grid.territory], times)) for grid in found.grids]


def compare(session: Session, viewer: Viewer, made: Board, whole: bool) -> None:
    """Put the kept figures in the place of the area's own, and beside them the month before, last year, and above."""
    month, own = made.month, key(made.area)
    above = [key(code) for code in ancestors(made.area)[-1:]]
    months = {"before": month.back(1), "last_year": month.back(12)}
    named = {month, *months.values()}
    keys = [own, *above, *(key(part.code) for part in made.parts)]
    stored = snapshots.kept(session, viewer, named, keys)
    if not whole:
        return
    if mine := only(stored, own, month):
        made.kept, made.results = True, mine
        made.parts = [
            Part(each.code, each.name, each.counts, only(stored, key(each.code), month) or each.results)
            for each in made.parts
        ]
        on_time = snapshots.of_grids(session, viewer, month, "on_time_closure_rate", own)
        made.grids = [(code, name, on_time.get(int(code), result)) for code, name, result in made.grids]
    for name, each in months.items():
        if then := only(stored, own, each):
            made.compared[name] = Compared(each, then)
    for unit in above:
        newest = next((each for each in (month, months["before"]) if only(stored, unit, each)), None)
        if newest is not None:
            made.compared["above"] = Compared(newest, only(stored, unit, newest))
            made.times_above = {name: snapshots.spread_of(stored, unit, newest, name) for name in made.times}
            made.mix_above = {name: result.value or 0 for name in made.categories
                              if (result := stored.get((unit, newest, f"category.{name}")))}  # fmt: skip


def only(stored: Mapping[Any, Result], unit: int, month: Month) -> dict[str, Result]:
    """Return code → result of one territory and month."""
    return {code: each for (of, at, code), each in stored.items() if of == unit and at == month and "." not in code}


def organise(session: Session, scope: Scope, made: Board, found: Measured) -> None:
    """Fill in the Party chain, the functional branches by town, and what has nobody."""
    tiers: dict[int, tuple[int, int]] = {}
    forces: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in session.execute(standing.organisations(scope)):
        if row.tier is not None:
            n, members = tiers.get(row.tier, (0, 0))
            tiers[row.tier] = n + row.n, members + int(row.members)
        else:
            forces[row.force][row.town] = row.n, int(row.members)
    made.tiers, made.forces = dict(sorted(tiers.items())), dict(forces)
    made.unlinked = [(grid.code, grid.name) for grid in found.grids if not grid.link_cadres]
    made.unadvised = [(each.code, each.name) for each in found.villages if not each.adviser_state]
    made.bare = [(each.code, each.name) for each in found.villages if not each.functional_branches]


def hide(viewer: Viewer, made: Board, care: CareShown) -> None:
    """Fill in the care visits of a whole district by tier as the care page shows them, and leave them out elsewhere.

    What is told is the care page's to decide: two places that hide by themselves tell, put together, what each hides.
    """
    code, gone = "care_visit_compliance", Result(None, None, None)
    made.care_seen = viewer.may("care.count") and level(made.area) == "district"
    if not (made.care_seen and care.whole):
        made.results = {**made.results, code: gone}
    for name, each in made.compared.items():
        if code in each.results and not (made.care_seen and each.month.first in care.months):
            made.compared[name] = Compared(each.month, {**each.results, code: gone})
    made.parts = [Part(part.code, part.name, part.counts, {**part.results, code: gone}) for part in made.parts]
    made.care = care.tiers if made.care_seen and care.whole else {}


def weekly(rows: Iterable[Any], first: date, moment: datetime) -> list[tuple[date, int, int, int]]:
    """Return Monday, received, ended and still open at the end, of each week; before the first one it only counts."""
    came = {monday: (int(received), int(ended)) for monday, received, ended in rows}
    backlog = sum(received - ended for monday, (received, ended) in came.items() if monday < first)
    found, monday = [], first
    while monday <= moment.astimezone(ZONE).date():
        received, ended = came.get(monday, (0, 0))
        backlog += received - ended
        found.append((monday, received, ended, backlog))
        monday += timedelta(weeks=1)
    return found


def skilled(teams: Iterable[Any], found: Measured) -> dict[str, tuple[int, int]]:
    """Return the active members of the teams with each skill, and the cases filed that it can help with."""
    members = dict.fromkeys(SKILLS, 0)
    for team in teams:
        for skill in team.skills:
            members[skill] = members.get(skill, 0) + team.active_count
    needs = {skill: sum(found.by_category[name].filed_in_period for name in served if name in found.by_category)
             for skill, served in SERVES.items()}  # fmt: skip
    return {skill: (members[skill], needs.get(skill, 0)) for skill in SKILLS}
