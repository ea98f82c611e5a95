"""The figures of the dashboard: each with its title, formula and n, what is drawn, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, format_percent

from gis.cases import CATEGORIES, SOURCES
from gis.coverage import TIERS
from gis.indicators.board import SERVES, Board
from gis.indicators.kpis import BY_CODE, Result
from gis.party import FORCES
from gis.party import TIERS as CHAIN
from gis.resources import SKILLS
from gis.words import N_
from webapp.indicators.told import count
from webapp.language import gettext

Rows = list[list[Any]]
BAND = 50


@dataclass(frozen=True)
class Drawing:
    """One figure: `kind` names the builder in static/js/indicators, `data` is what it draws, head and rows the table."""

    name: str
    title: str
    about: str
    n: str
    kind: str
    data: Mapping[str, Any]
    head: Sequence[str]
    rows: Rows
    wide: bool = False
    theme: tuple[str, str] | None = None
    cases: str | None = None


def drawings(made: Board, wanted: tuple[int, int]) -> list[Drawing]:
    """Return every figure that there is something to draw of, in the order of the page."""
    found = [make(made, wanted) for make in MAKERS]
    return [each for each in found if each is not None and each.rows]


def words(*messages: str) -> list[str]:
    """Return messages in the language of the request."""
    return [gettext(message) for message in messages]


def percent(part: float | None, whole: float | None) -> str:
    """Return a share as a text, n/a over nothing."""
    return format_percent((part or 0) / whole, "0.0%") if whole else gettext("n/a")


def ageing(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """How long the overdue cases are over their limit."""
    c = made.counts
    names = words(N_("up to 1 day"), N_("1 to 3 days"), N_("3 to 7 days"), N_("over 7 days"))
    values = [c.over_1_day, c.over_3_days, c.over_7_days, c.over_longer]
    data = {"names": names, "series": [{"name": gettext("Overdue cases"), "data": values}], "paint": "steps"}
    return Drawing(
        "ageing", gettext("How long overdue"), gettext("Open cases over their limit and not suspended, by days over."),
        f"n = {count(c.overdue)}", "bars", data, words(N_("Over the limit"), N_("Cases")),
        [list(row) for row in zip(names, values, strict=True)], cases="overdue",
    )  # fmt: skip


def weeks(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """What came in and what was ended, week by week, and what was left."""
    names = [format_date(monday, "MM-dd") for monday, *_rest in made.weeks]
    came, went, left = ([row[at] for row in made.weeks] for at in (1, 2, 3))
    head = words(N_("Week from"), N_("Received"), N_("Ended"), N_("Still open"))
    series = [
        {"name": head[1], "data": came}, {"name": head[2], "data": went},
        {"name": head[3], "data": left, "type": "line"},
    ]  # fmt: skip
    rows = [[monday.isoformat(), *rest] for monday, *rest in made.weeks]
    about = gettext("Cases reported and ended in each week, Monday to Sunday; the line is what was open at its end.")
    n = f"n = {count(sum(came))}"
    return Drawing("weeks", gettext("Received and ended per week"), about, n, "bars",
                   {"names": names, "series": series}, head, rows, wide=True)  # fmt: skip


def categories(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """What the filed cases are about, beside the area above."""
    order = sorted(made.categories, key=lambda name: -made.categories[name])
    whole = sum(made.categories.values())
    names, mine = [gettext(CATEGORIES[name]) for name in order], [made.categories[name] / whole for name in order]
    series = [{"name": gettext("This area"), "data": mine}]
    rows: Rows = [[name, made.categories[each], percent(made.categories[each], whole)]
                  for name, each in zip(names, order, strict=True)]  # fmt: skip
    head = words(N_("Category"), N_("Filed"), N_("Share"))
    if made.mix_above:
        series.append({"name": gettext("Area above"), "data": [made.mix_above.get(name, 0) for name in order]})
        head.append(gettext("Area above"))
        rows = [[*row, percent(made.mix_above.get(each, 0), 1)] for row, each in zip(rows, order, strict=True)]
    about = gettext("Share of each category in the cases filed in the month.")
    return Drawing("categories", gettext("Categories of cases"), about, f"n = {count(whole)}", "bars",
                   {"names": names, "series": series, "percent": True, "lying": True}, head, rows, cases="filed_in_period")  # fmt: skip


def boxes(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """How long closing took, by category, beside the area above."""
    order = [name for name in sorted(made.times, key=lambda name: made.times[name].closing.p50 or 0)
             if made.times[name].closing.n]  # fmt: skip
    names = [gettext(CATEGORIES[name]) for name in order]

    def box(times: Any) -> list[float]:
        spread = times.closing if times else None
        found = (spread.p10, spread.p25, spread.p50, spread.p75, spread.p90) if spread and spread.n else ()
        return [round(each, 1) for each in found]

    mine = [box(made.times[name]) for name in order]
    series = [{"name": gettext("This area"), "data": mine}]
    if made.times_above:
        series.append({"name": gettext("Area above"), "data": [box(made.times_above.get(name)) for name in order]})
    rows: Rows = [[name, made.times[each].closing.n, *box(made.times[each])]
                  for name, each in zip(names, order, strict=True)]  # fmt: skip
    total = sum(made.times[name].closing.n for name in order)
    about = gettext("Working hours from filing to closing: the box holds half of the cases, its line is the median, the whiskers reach from one tenth to nine tenths.")  # fmt: skip
    head = [*words(N_("Category"), N_("Closed")), "10 %", "25 %", gettext("Median"), "75 %", "90 %"]
    return Drawing("boxes", gettext("Time to close by category"), about, f"n = {count(total)}", "boxes",
                   {"names": names, "series": series, "unit": gettext("working hours")}, head, rows, wide=True,
                   cases="closed_in_period")  # fmt: skip


def sources(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """How the filed cases were found."""
    whole = sum(made.sources.values())
    order = sorted(made.sources, key=lambda name: -made.sources[name])
    names, values = [gettext(SOURCES[name]) for name in order], [made.sources[name] for name in order]
    rows: Rows = [[name, n, percent(n, whole)] for name, n in zip(names, values, strict=True)]
    data = {"names": names, "series": [{"name": gettext("Share"), "data": [n / whole for n in values]}],
            "percent": True, "lying": True}  # fmt: skip
    about = gettext("Cases filed in the month by where they came from; a grid patrol finds them before residents do.")
    return Drawing("sources", gettext("Sources of cases"), about, f"n = {count(whole)}", "bars", data,
                   words(N_("Source"), N_("Filed"), N_("Share")), rows, cases="filed_in_period")  # fmt: skip


def levels(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """At which level the cases were closed, by part of the area."""
    names = words(N_("grid"), N_("village or community"), N_("town or street"), N_("district"))
    fields = ("closed_at_grid", "closed_at_village", "closed_at_town", "closed_at_district")
    parts = [(part.name, [getattr(part.counts, each) for each in fields]) for part in made.parts] or [
        (gettext("This area"), [getattr(made.counts, each) for each in fields])]  # fmt: skip
    parts = [(name, values) for name, values in parts if sum(values)]
    series = [{"name": name, "stack": "all", "data": [values[at] / sum(values) for _part, values in parts]}
              for at, name in enumerate(names)]  # fmt: skip
    rows: Rows = [[name, sum(values), *values, percent(values[0] + values[1], sum(values)),
                   percent(sum(values[:3]), sum(values))] for name, values in parts]  # fmt: skip
    head = [gettext("Part"), gettext("Closed"), *names, *words(N_("Settled in the village"), N_("Settled in the town"))]
    data = {"names": [name for name, _values in parts], "series": series, "percent": True, "lying": True}
    about = gettext("Cases closed in the month by the level that closed them.")
    return Drawing("levels", gettext("Small matters stay in the village, large ones in the town"), about,
                   f"n = {count(sum(row[1] for row in rows))}", "bars", data, head, rows, cases="leveled")  # fmt: skip


def by_part(name: str, title: str, codes: Sequence[str], *, scale: str = "%", theme: tuple[str, str] | None = None,
            ) -> Callable[[Board, tuple[int, int]], Drawing | None]:  # fmt: skip
    """Return the maker of a figure that shows indicators for each part of the area."""

    def make(made: Board, _wanted: tuple[int, int]) -> Drawing | None:
        kpis = [BY_CODE[code] for code in codes]
        parts = [part for part in made.parts if any(part.results[code].value is not None for code in codes)]
        head, rows = [gettext("Part")], [[part.name] for part in parts]
        for kpi in kpis:
            head += [gettext(kpi.title), gettext("Denominator")]
            for row, part in zip(rows, parts, strict=True):
                row += told(part.results[kpi.code], scale)
        series = [{"name": gettext(kpi.title), "data": [part.results[kpi.code].value for part in parts]} for kpi in kpis]
        data = {"names": [part.name for part in parts], "series": series, "percent": scale == "%", "lying": True}
        whole = [made.results[code].denominator for code in codes if code in made.results]
        n = f"n = {' · '.join(count(each) for each in whole if each is not None)}" if any(whole) else ""
        about = " ".join(gettext(kpi.formula) for kpi in kpis)
        return Drawing(name, gettext(title), about, n, "bars", data, head, rows, theme=theme)

    return make


def told(result: Result, scale: str) -> list[str]:
    """Return value and denominator of a part as texts."""
    if result.value is None:
        return [gettext("n/a"), count(result.denominator)]
    shown = format_percent(result.value, "0.0%") if scale == "%" else f"{result.value:.1f}"
    return [shown, count(result.denominator)]


def chain(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """The five tiers of the Party organisation."""
    rows: Rows = [[gettext(CHAIN[tier]), n, members] for tier, (n, members) in made.tiers.items()]
    data = {"items": [{"name": row[0], "value": row[1]} for row in rows]}
    about = gettext("Organisations of each tier on the day; every tier stands on the one below it.")
    return Drawing("chain", gettext("Five-tier organisation"), about, f"n = {count(sum(row[1] for row in rows))}",
                   "funnel", data, words(N_("Tier"), N_("Organisations"), N_("Members")), rows,
                   theme=("organisation", "tier"))  # fmt: skip


def functional(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """The functional branches by force and by part of the area."""
    names = {int(part.code.ljust(15, "0")): part.name for part in made.parts}
    towns = sorted({town for force in made.forces.values() for town in force})
    series = [{"name": gettext(title), "stack": "all",
               "data": [made.forces.get(force, {}).get(town, (0, 0))[0] for town in towns]}
              for force, title in FORCES.items()]  # fmt: skip
    rows: Rows = []
    for town in towns:
        both = [made.forces.get(force, {}).get(town, (0, 0)) for force in FORCES]
        rows.append([names.get(town, gettext("This area")), *(n for n, _members in both), sum(m for _n, m in both)])
    total = sum(sum(row[1:3]) for row in rows)
    data = {"names": [row[0] for row in rows], "series": series, "lying": True}
    about = gettext("Branches of the seconded forces and of the social forces; members keep their home branch and are not added to totals.")  # fmt: skip
    return Drawing("functional", gettext("Functional branches"), about, f"n = {count(total)}", "bars", data,
                   [gettext("Part"), *words(*FORCES.values()), gettext("Members")], rows,
                   theme=("coverage", "functional"))  # fmt: skip


def sizes(made: Board, wanted: tuple[int, int]) -> Drawing:
    """How many households the grids have, in steps of fifty, with the wanted range."""
    low, high = wanted
    top = max(made.sizes, default=0)
    starts = list(range(0, top + 1, BAND))
    values = [sum(1 for size in made.sizes if start <= size < start + BAND) for start in starts]
    names = [f"{start}–{start + BAND - 1}" for start in starts]
    inside = sum(1 for size in made.sizes if low <= size <= high)
    data = {"names": names, "series": [{"name": gettext("Grids"), "data": values}],
            "band": [low // BAND, high // BAND], "bandName": f"{low}–{high}"}  # fmt: skip
    about = gettext("General grids by their registered households; the marked range is wanted.")
    return Drawing("sizes", gettext("Households per grid"), about, f"{count(inside)} / {count(len(made.sizes))}",
                   "bars", data, words(N_("Households"), N_("Grids")),
                   [list(row) for row in zip(names, values, strict=True)], wide=True, theme=("grids", "size"))  # fmt: skip


def workers(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """How many households a full-time grid worker has, by part of the area."""
    parts = [part for part in made.parts if part.counts.full_time]
    rows: Rows = [[part.name, part.counts.households, part.counts.full_time,
                   round(part.counts.households / part.counts.full_time)] for part in parts]  # fmt: skip
    data = {"names": [row[0] for row in rows], "lying": True,
            "series": [{"name": gettext("Households per full-time grid worker"), "data": [row[3] for row in rows]}]}  # fmt: skip
    about = gettext("Registered households over full-time grid workers on the day.")
    n = f"{count(made.counts.households)} / {count(made.counts.full_time)}"
    head = words(N_("Part"), N_("Households"), N_("Full-time grid workers"), N_("Households per full-time grid worker"))
    return Drawing("workers", gettext("Households per full-time grid worker"), about, n, "bars", data, head, rows,
                   theme=("organisation", "workers"))  # fmt: skip


def skills(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """What the volunteers can do, beside the cases that ask for it."""
    names = [gettext(SKILLS[skill]) for skill in SERVES]
    both = [made.skills.get(skill, (0, 0)) for skill in SERVES]
    head = words(N_("Skill"), N_("Active volunteers"), N_("Cases filed that it can help with"))
    data = {"names": names, "lying": True, "series": [
        {"name": head[1], "data": [n for n, _need in both]}, {"name": head[2], "data": [need for _n, need in both]}]}  # fmt: skip
    rows: Rows = [[name, *pair] for name, pair in zip(names, both, strict=True)] if any(n for n, _need in both) else []
    about = gettext("Active members of the teams with a skill, and the month's cases of the categories it serves; who has two skills counts twice.")  # fmt: skip
    return Drawing("skills", gettext("Skills and needs"), about, f"n = {count(made.counts.volunteers)}", "bars", data,
                   head, rows, theme=("volunteers", "density"))  # fmt: skip


def care(made: Board, _wanted: tuple[int, int]) -> Drawing | None:
    """Care visits within each tier; what is too small is not shown."""
    if not made.care_seen or not any(made.care.values()):
        return None
    rows: Rows = []
    shares: list[float | None] = []
    for tier, pair in made.care.items():
        enrolled, in_time = pair or (None, None)
        shares.append(in_time / enrolled if enrolled and in_time is not None else None)
        small = gettext("too few")
        rows.append([gettext(TIERS[tier]), count(in_time) if pair else small, count(enrolled) if pair else small,
                     percent(in_time, enrolled) if pair else small])  # fmt: skip
    data = {"names": [row[0] for row in rows], "percent": True,
            "series": [{"name": gettext("Care visits in time"), "data": shares}]}  # fmt: skip
    shown = sum(pair[0] for pair in made.care.values() if pair)
    about = gettext("Enrolments of the elder-care action that were visited within their tier; fewer than 5 are not shown, nor what would tell them.")  # fmt: skip
    head = words(N_("Tier"), N_("Visited within the tier"), N_("Enrolments"), N_("Share"))
    return Drawing("care", gettext("Care visits by tier"), about, f"n = {count(shown)}", "bars", data, head, rows,
                   theme=("coverage", "care"))  # fmt: skip


MAKERS: tuple[Callable[[Board, tuple[int, int]], Drawing | None], ...] = (
    weeks, ageing, categories, boxes, sources, levels,
    by_part("rework", N_("Rework and extension"), ("rework_rate", "extension_rate")),
    chain, functional,
    by_part("reach", N_("Link cadres and legal advisers"), ("link_coverage", "legal_adviser_coverage"),
            theme=("coverage", "link")),
    sizes, workers,
    by_part("volunteers", N_("Active volunteers per 1,000 residents"), ("volunteer_density",), scale="",
            theme=("volunteers", "density")),
    skills,
    by_part("visits", N_("Visit coverage"), ("visit_coverage",), theme=("coverage", "visits")),
    care,
)  # fmt: skip
