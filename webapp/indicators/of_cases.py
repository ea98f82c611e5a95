"""The figures of cases: how many, of what kind, from where, how fast, and at which level they were closed."""

from __future__ import annotations

from typing import Any

from flask_babel import format_date

from gis.cases import CATEGORIES, SOURCES
from gis.indicators.board import Board
from gis.words import N_
from webapp.indicators.drawing import Drawing, Rows, formula, percent, words
from webapp.indicators.listed import Listed
from webapp.indicators.told import count
from webapp.language import gettext


def ageing(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """How long the overdue cases are over their limit."""
    c = made.counts
    names = words(N_("up to 1 day"), N_("1 to 3 days"), N_("3 to 7 days"), N_("over 7 days"))
    values = [c.over_1_day, c.over_3_days, c.over_7_days, c.over_longer]
    data = {"names": names, "series": [{"name": gettext("Overdue cases"), "data": values}], "paint": "steps"}
    return Drawing(
        "ageing", gettext("How long overdue"), formula("ageing"),
        f"n = {count(c.overdue)}", "bars", data, words(N_("Over the limit"), N_("Cases")),
        [list(row) for row in zip(names, values, strict=True)], cases=("overdue",),
    )  # fmt: skip


def weeks(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """What came in and what was ended, week by week, and what was left."""
    names = [format_date(monday, "MM-dd") for monday, *_rest in made.weeks]
    came, went, left = ([counts[at] for _monday, *counts in made.weeks] for at in range(3))
    head = words(N_("Week from"), N_("Received"), N_("Ended"), N_("Still open"))
    series = [
        {"name": head[1], "data": came}, {"name": head[2], "data": went},
        {"name": head[3], "data": left, "type": "line"},
    ]  # fmt: skip
    rows = [[monday.isoformat(), *rest] for monday, *rest in made.weeks]
    about = formula("weeks")
    n = f"n = {count(sum(came))}"
    days = {"state": "all", "since": made.weeks[0][0].isoformat(), "until": made.day.isoformat()} if made.weeks else {}
    return Drawing("weeks", gettext("Received and ended per week"), about, n, "bars",
                   {"names": names, "series": series}, head, rows, wide=True,
                   listed=(Listed("cases.listed", N_("The cases received"), "case.view", days),))  # fmt: skip


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
    about = formula("categories")
    return Drawing("categories", gettext("Categories of cases"), about, f"n = {count(whole)}", "bars",
                   {"names": names, "series": series, "percent": True, "lying": True}, head, rows,
                   cases=("filed_in_period",))  # fmt: skip


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
    about = formula("boxes")
    head = [*words(N_("Category"), N_("Closed")), "10 %", "25 %", gettext("Median"), "75 %", "90 %"]
    return Drawing("boxes", gettext("Time to close by category"), about, f"n = {count(total)}", "boxes",
                   {"names": names, "series": series, "unit": gettext("working hours")}, head, rows, wide=True,
                   cases=("closed_in_period",))  # fmt: skip


def sources(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """How the filed cases were found."""
    whole = sum(made.sources.values())
    order = sorted(made.sources, key=lambda name: -made.sources[name])
    names, values = [gettext(SOURCES[name]) for name in order], [made.sources[name] for name in order]
    rows: Rows = [[name, n, percent(n, whole)] for name, n in zip(names, values, strict=True)]
    data = {"names": names, "series": [{"name": gettext("Share"), "data": [n / whole for n in values]}],
            "percent": True, "lying": True}  # fmt: skip
    about = formula("sources")
    return Drawing("sources", gettext("Sources of cases"), about, f"n = {count(whole)}", "bars", data,
                   words(N_("Source"), N_("Filed"), N_("Share")), rows, cases=("filed_in_period",))  # fmt: skip


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
    about = formula("levels")
    return Drawing("levels", gettext("Small matters stay in the village, large ones in the town"), about,
                   f"n = {count(sum(row[1] for row in rows))}", "bars", data, head, rows,
                   cases=("leveled",))  # fmt: skip
