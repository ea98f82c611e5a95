"""A year of cases: exact totals, a believable rhythm, and the planted clusters; times are local to the second."""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.demo import caselog, clock
from gis.demo.caselog import Rows, Year
from gis.demo.clock import Moments
from gis.demo.district import District
from gis.demo.goodwill import months_back
from gis.demo.numbers import deal, stream
from gis.demo.places import scatter

MIX = {
    "environment": 34,
    "public_facility": 18,
    "safety_hazard": 14,
    "property_repair": 10,
    "livelihood": 9,
    "dispute": 8,
    "inquiry": 5,
    "suggestion": 1,
    "unauthorized_building": 1,
}
ON_TIME = (0.86, 0.87, 0.9, 0.92, 0.9, 0.93, 0.91, 0.84, 0.89, 0.95, 0.98, 0.8, 0.9, 0.87, 0.93, 0.62)
"""Share of the cases ended within the limit, by town in the order of the table."""
SEASON = (0.86, 0.9, 0.94, 0.98, 1.0, 1.05, 1.08, 1.06, 1.03, 1.0, 0.98, 0.94)
HOURS = np.array([0, 0, 0, 0, 0, 0.2, 1, 3, 7, 10, 10, 7, 3, 5, 9, 9, 7, 5, 3, 2, 1.5, 1, 0.5, 0.2])
SLOW_COHORT, SLOW_ON_TIME = 21, 13
"""The slow month of one community: 13 of 21 cases that were due ended in time, which is 62 %."""


def work(district: District) -> None:
    """Add the tables cases and case_events."""
    rng = stream(district.seed, "cases")
    year = report(district, rng)
    _sewage(district, year, rng)
    _limits(district, year)
    slow = _slow_month(district, year, rng)
    _endings(district, year, slow, rng)
    _still_open(district, year, slow, rng)
    caselog.write(district, year, _points(district, year, rng), rng)


def _days(day: date, count: int, rng: np.random.Generator) -> Moments:
    """Return report times over the year that ends at eight in the morning of the day, sorted."""
    days = np.datetime64(day) - np.arange(365, -1, -1)
    month = days.astype("datetime64[M]").astype(int) % 12
    weekday = (days.astype(int) + 3) % 7
    weight = np.array(SEASON)[month] * np.where(weekday < 5, 1.0, np.where(weekday == 5, 0.65, 0.5))
    weight *= np.where(_within(days, "08-10", 7), 1.6, 1.0) * np.where(_within(days, "07-20", 10), 1.2, 1.0)
    weight[0], weight[-1] = weight[0] * 0.1, weight[-1] * 0.04
    place = (np.arange(count) + rng.random(count)) / count
    at = days[np.searchsorted(np.cumsum(weight) / weight.sum(), place)].astype("datetime64[s]")
    hour = rng.choice(24, count, p=HOURS / HOURS.sum())
    seconds = hour * 3600 + rng.integers(3600, size=count)
    today = at == np.datetime64(day).astype("datetime64[s]")
    seconds[today] = rng.integers(5 * 3600, 7 * 3600, int(today.sum()))
    return np.sort(at + seconds.astype("timedelta64[s]"))


def _within(days: Moments, start: str, length: int) -> NDArray[np.bool_]:
    """Tell which days lie in a week of heavy weather that begins on a month and day of any year."""
    starts = [np.datetime64(f"{year}-{start}") for year in np.unique(days.astype("datetime64[Y]").astype(int) + 1970)]
    return np.asarray(np.logical_or.reduce([(days >= first) & (days < first + length) for first in starts]))


def _minutes(low: int, high: int, count: int, rng: np.random.Generator) -> NDArray[np.timedelta64]:
    return rng.integers(low * 60, high * 60, count).astype("timedelta64[s]")


def report(district: District, rng: np.random.Generator) -> Year:
    """Return the cases as they come in: when, where, what, and which are not taken up."""
    profile, grids = district.profile, district.grids
    count = profile.cases
    now = np.datetime64(district.day).astype("datetime64[s]") + np.timedelta64(8, "h")
    reported = _days(district.day, count, rng)
    town = rng.permutation(np.repeat(np.arange(len(profile.towns)), [town.cases * 12 for town in profile.towns]))
    grid = np.zeros(count, dtype=np.int64)
    for at, each in enumerate(profile.towns):
        rows = district.rows_of(each)
        weight = grids["households"].to_numpy()[rows] + 40.0 * profile.total("households") / 360_000 + 1
        chosen = town == at
        grid[chosen] = rng.choice(rows, int(chosen.sum()), p=weight / weight.sum())
    category = deal(count, MIX, rng)
    rejected = np.zeros(count, dtype=bool)
    settled = np.flatnonzero(reported < now - np.timedelta64(20, "D"))
    rejected[rng.choice(settled, count - profile.filed, replace=False)] = True
    accepted = np.minimum(reported + _minutes(3, 100, count, rng), now - np.timedelta64(1800, "s"))
    filed = np.minimum(accepted + _minutes(5, 80, count, rng), now - np.timedelta64(900, "s"))
    urgent = (category == "safety_hazard") & (rng.random(count) < 0.2)
    none, empty = np.zeros(count, dtype=bool), np.full(count, np.datetime64("NaT"), dtype="datetime64[s]")
    returns = np.where(rng.random(count) < 0.045, 1, 0)
    return Year(
        now,
        grid,
        town,
        category,
        reported,
        accepted,
        filed,
        empty,
        empty.copy(),
        urgent,
        rejected,
        none.copy(),
        none.copy(),
        returns,
    )


def _sewage(district: District, year: Year, rng: np.random.Generator) -> None:
    """Turn some of the latest cases of a town into one cluster of sewage reports."""
    story = int(district.planted["sewage_grid"])
    recent = year.reported > year.now - np.timedelta64(18, "D")
    town = year.town[
        np.flatnonzero(district.grids["town"].to_numpy()[year.grid] == district.grids["town"].iat[story])[0]
    ]
    latest = np.flatnonzero(~year.rejected & (year.town == town))
    latest = latest[-max(int(recent[latest].sum()), district.profile.sewage_cases) :]
    rows = rng.choice(latest, district.profile.sewage_cases, replace=False)
    year.sewage[rows] = True
    year.grid[rows], year.category[rows], year.urgent[rows] = story, "public_facility", False


def _limits(district: District, year: Year) -> None:
    year.due = clock.due(year.filed, clock.days(year.category, year.sewage), year.urgent, district.day)


def _slow_month(district: District, year: Year, rng: np.random.Generator) -> Rows:
    """Gather the cohort of the slow community in the month before last; return its rows, the late ones first."""
    first, after = (np.datetime64(month) for month in months_back(district.day, 3)[:2])
    village = district.profile.towns[0].code[:9] + "001"
    home = district.grids["village"].to_numpy() == village
    fits = (year.due >= first) & (year.due < after) & ~year.rejected & ~year.sewage & (year.town == 0)
    inside = fits & home[year.grid]
    size = SLOW_COHORT if len(district.profile.towns) > 1 else min(8, int(fits.sum()))
    in_time = round(size * SLOW_ON_TIME / SLOW_COHORT)
    rows = np.flatnonzero(inside)
    if len(rows) > size:
        moved = rng.choice(rows, len(rows) - size, replace=False)
        year.grid[moved] = rng.choice(
            np.setdiff1d(district.rows_of(district.profile.towns[0]), np.flatnonzero(home)), len(moved)
        )
    else:
        more = rng.choice(np.flatnonzero(fits & ~inside), size - len(rows), replace=False)
        year.grid[more] = rng.choice(np.flatnonzero(home & (district.grids["kind"] == "general")), len(more))
    rows = rng.permutation(np.flatnonzero(fits & home[year.grid]))
    year.returns[rows[: size - in_time]] = rng.integers(2, 5, size - in_time)
    district.planted["slow"] = (village, str(first)[:7], in_time, size)
    return rows


def _endings(district: District, year: Year, slow: Rows, rng: np.random.Generator) -> None:
    """Give every case the moment at which it would end, in time or late."""
    count = len(year.grid)
    rate = np.array(ON_TIME)[year.town] if len(district.profile.towns) > 1 else np.full(count, 0.88)
    in_time = rng.random(count) < rate
    late_rows = int(district.planted["slow"][3]) - int(district.planted["slow"][2])
    in_time[slow] = np.arange(len(slow)) >= late_rows
    limit = (year.due - year.filed).astype(np.int64)
    early = limit * np.clip(rng.beta(2.2, 1.1, count), 0.02, 0.985)
    over = np.minimum(rng.lognormal(1.0, 0.8, count), 25.0) * 86400
    year.closed = year.filed + np.where(in_time, early, limit + over).astype("timedelta64[s]")
    refused = year.accepted + _minutes(10, 300, count, rng)
    year.closed = np.where(year.rejected, refused, year.closed)


def _still_open(district: District, year: Year, slow: Rows, rng: np.random.Generator) -> None:
    """Choose as many open and overdue cases as wanted, and let all others end before now."""
    profile = district.profile
    free = ~year.rejected
    free[slow] = False
    year.open |= year.sewage
    overdue = np.flatnonzero(
        free & ~year.sewage & (year.due < year.now) & (year.due > year.now - np.timedelta64(45, "D"))
    )
    wanted = profile.overdue_cases - int((year.sewage & (year.due < year.now)).sum())
    age = (year.now - year.due[overdue]).astype(np.int64) / 86400
    weight = np.exp(-age / 6)
    year.open[rng.choice(overdue, min(wanted, len(overdue)), replace=False, p=weight / weight.sum())] = True
    running = np.flatnonzero(free & ~year.sewage & (year.due >= year.now))
    rest = profile.open_cases - int(year.open.sum())
    order = running[np.argsort((year.now - year.closed[running]).astype(np.int64), kind="stable")]
    year.open[order[:rest]] = True
    early = ~year.open & (year.closed >= year.now)
    floor = np.where(year.due < year.now, year.due, year.filed)
    span = (year.now - floor).astype(np.int64)
    ended = floor + (span * rng.uniform(0.2, 0.95, len(span))).astype("timedelta64[s]")
    year.closed = np.where(early, ended, year.closed)
    year.closed[year.open] = np.datetime64("NaT")


def _points(district: District, year: Year, rng: np.random.Generator) -> NDArray[np.object_]:
    shapes = shapely.buffer(district.grids["geometry"].to_numpy(), -15)
    places = shapes[year.grid]
    heart = shapely.point_on_surface(shapes[int(district.planted["sewage_grid"])])
    places[year.sewage] = shapely.intersection(heart.buffer(135), shapes[int(district.planted["sewage_grid"])])
    return scatter(places, rng)
