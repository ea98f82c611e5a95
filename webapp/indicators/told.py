"""Puts words and signs to numbers: values with their units, differences, and what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_decimal

from gis.indicators.behind import COUNTED
from gis.indicators.board import Board
from gis.indicators.kpis import ALL, GROUPS, HOURS, Kpi, Result, shown, version_of
from gis.words import N_
from webapp import access
from webapp.indicators.listed import BEHIND, SUMMED, Listed
from webapp.language import gettext, percent

MAPS = {
    "visit_coverage": ("coverage", "visits"), "care_visit_compliance": ("coverage", "care"),
    "org_coverage": ("coverage", "organisation"), "functional_branch_coverage": ("coverage", "functional"),
    "link_coverage": ("coverage", "link"), "legal_adviser_coverage": ("coverage", "adviser"),
    "staffing_rate": ("organisation", "workers"), "grid_size_compliance": ("grids", "size"),
    "spatial_coverage": ("grids", "size"), "volunteer_density": ("volunteers", "density"),
    "open_case_density": ("cases", "open"), "on_time_closure_rate": ("cases", "on_time"),
}  # fmt: skip
"""Indicator → theme and measure of the map that shows it by grid."""
COMPARED = {
    "before": N_("Month before"), "last_year": N_("Same month last year"), "above": N_("Area above"),
}  # fmt: skip
SUMS = {"overdue_open"}
"""What a larger area has more of: no difference is told from the area above."""
NONE = N_("n/a")


@dataclass(frozen=True)
class Beside:
    """A figure beside another: its value and by how much this one differs; of another formula, its version instead."""

    value: str
    change: str
    better: bool | None
    version: int | None = None


@dataclass(frozen=True)
class Line:
    """An indicator on the page, with where its rows are."""

    kpi: Kpi
    version: int
    value: str
    numerator: str
    denominator: str
    beside: dict[str, Beside | None]
    numerator_href: str | None
    denominator_href: str | None
    map_href: str | None
    listed: Sequence[Listed]
    short: str


def value(kpi: Kpi, result: Result | None) -> str:
    """Return the value of an indicator with its unit."""
    if result is None or result.value is None:
        return gettext(NONE)
    if kpi.unit == "%":
        return percent(result.value)
    if kpi.unit == HOURS:
        return gettext("%(number)s working hours", number=format_decimal(result.value, "#,##0.0"))
    digits = "#,##0" if kpi.code == "overdue_open" else "#,##0.0"
    return f"{format_decimal(result.value, digits)} {gettext(kpi.unit)}"


def count(number: float | None) -> str:
    """Return a count, a dash for none."""
    return "—" if number is None else format_decimal(round(number))


def change(kpi: Kpi, now: Result | None, then: Result | None) -> tuple[str, bool | None]:
    """Return by how much a figure is another, and whether that is better; nothing where they cannot be compared."""
    if now is None or then is None or now.value is None or then.value is None:
        return "", None
    if version_of(kpi, now) != version_of(kpi, then):
        return "", None
    by = 100 * (shown(now.value) - shown(then.value)) if kpi.unit == "%" else now.value - then.value
    told = f"{by:+.1f}"
    if float(told) == 0:
        return "±0", None
    sign = "▲" if by > 0 else "▼"
    return f"{sign} {told.lstrip('+-')}", (by < 0) == kpi.worse


def versions(made: Board) -> str:
    """Return by which versions of the formulas the figures were made."""
    return ", ".join(map(str, sorted({version_of(kpi, made.results.get(kpi.code)) for kpi in ALL})))


def lines(made: Board, given: dict[str, Any]) -> dict[str, list[Line]]:
    """Return the indicators by group, each with its rows and what it is compared with."""
    found: dict[str, list[Line]] = {group: [] for group in GROUPS}
    for kpi in ALL:
        if kpi.code != "care_visit_compliance" or made.care_seen:
            found[kpi.group].append(line(kpi, made, given))
    return found


def line(kpi: Kpi, made: Board, given: dict[str, Any]) -> Line:
    """Return one indicator."""
    result, beside = made.results.get(kpi.code), {}
    version = version_of(kpi, result)
    for name in COMPARED:
        other = made.compared.get(name)
        then = other.results.get(kpi.code) if other else None
        differs = ("", None) if name == "above" and kpi.code in SUMS else change(kpi, result, then)
        apart = then is not None and then.value is not None and version_of(kpi, then) != version
        beside[name] = Beside(value(kpi, then), *differs, version_of(kpi, then) if apart else None) if other else None
    above, below = (result.numerator, result.denominator) if result else (None, None)
    short = "" if above is None or below is None else str(round(below - above))
    return Line(
        kpi, version, value(kpi, result), count(above), count(below), beside, *counted(kpi.code, made, given),
        on_map(kpi.code, made, given), BEHIND.get(kpi.code, ()), short,
    )  # fmt: skip


def counted(code: str, made: Board, given: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return where the rows of a numerator and of a denominator are, None for what is on no page."""
    today = access.today()
    if code in SUMMED:
        pages = SUMMED[code]
        top, bottom = (each.address(given["area"], made.day, today) if each.tells(made.day, today) else None
                       for each in pages)  # fmt: skip
        return top, bottom
    names = COUNTED.get(code, (None, None)) if access.viewer().may("case.view") else (None, None)
    return rows(names[0], given), rows(names[1], given)


def rows(name: str | None, given: dict[str, Any]) -> str | None:
    """Return where the cases of a count are listed."""
    return url_for("behind.listed", count=name, **given) if name else None


def on_map(code: str, made: Board, given: dict[str, Any]) -> str | None:
    """Return the map that shows an indicator by grid on the day."""
    if code not in MAPS:
        return None
    theme, measure = MAPS[code]
    day = None if made.day == access.today() else made.day.isoformat()
    return url_for("maps.show", theme=theme, measure=measure, area=given["area"], date=day)
