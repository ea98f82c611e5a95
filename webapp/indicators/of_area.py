"""The figures of an area: organisation, staff, grids, volunteers, visits, part by part."""

from __future__ import annotations

from collections.abc import Sequence

from gis.coverage import TIERS
from gis.indicators.board import SERVES, Board
from gis.indicators.kpis import BY_CODE, Result
from gis.party import FORCES
from gis.party import TIERS as CHAIN
from gis.resources import SKILLS
from gis.words import N_
from webapp.indicators.drawing import Drawing, Maker, Rows, formula, percent, words
from webapp.indicators.listed import CARE, GRIDS, ORGANISATIONS, TEAMS, VILLAGES, WORKERS, Listed
from webapp.indicators.told import count
from webapp.language import gettext
from webapp.language import percent as in_percent

BAND = 50
"""How many households a step of the histogram is wide."""


def by_part(name: str, title: str, codes: Sequence[str], *, scale: str = "%", theme: tuple[str, str] | None = None,
            cases: tuple[str, ...] = (), listed: tuple[Listed, ...] = ()) -> Maker:  # fmt: skip
    """Return the maker of a figure that shows indicators for each part of the area."""

    def make(made: Board, _wanted: tuple[int, int]) -> Drawing | None:
        kpis = [BY_CODE[code] for code in codes]
        parts = [part for part in made.parts if any(part.results[code].value is not None for code in codes)]
        head, rows = [gettext("Part")], [[part.name] for part in parts]
        for kpi in kpis:
            head += [gettext(kpi.title), gettext("Denominator")]
            for row, part in zip(rows, parts, strict=True):
                row += told(part.results[kpi.code], scale)
        series = [
            {"name": gettext(kpi.title), "data": [part.results[kpi.code].value for part in parts]} for kpi in kpis
        ]
        data = {"names": [part.name for part in parts], "series": series, "percent": scale == "%", "lying": True}
        whole = [made.results[code].denominator for code in codes if code in made.results]
        n = f"n = {' · '.join(count(each) for each in whole if each is not None)}" if any(whole) else ""
        about = " ".join(gettext(kpi.formula) for kpi in kpis)
        return Drawing(name, gettext(title), about, n, "bars", data, head, rows, theme=theme, cases=cases,
                       listed=listed)  # fmt: skip

    return make


def told(result: Result, scale: str) -> list[str]:
    """Return value and denominator of a part as texts."""
    if result.value is None:
        return [gettext("n/a"), count(result.denominator)]
    shown = in_percent(result.value) if scale == "%" else f"{result.value:.1f}"
    return [shown, count(result.denominator)]


def chain(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """The five tiers of the Party organisation."""
    rows: Rows = [[gettext(CHAIN[tier]), n, members] for tier, (n, members) in made.tiers.items()]
    data = {"items": [{"name": row[0], "value": row[1]} for row in rows]}
    about = formula("chain")
    return Drawing("chain", gettext("Five-tier organisation"), about, f"n = {count(sum(row[1] for row in rows))}",
                   "funnel", data, words(N_("Tier"), N_("Organisations"), N_("Members")), rows,
                   theme=("organisation", "tier"),
                   listed=(ORGANISATIONS,))  # fmt: skip


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
    about = formula("functional")
    return Drawing("functional", gettext("Functional branches"), about, f"n = {count(total)}", "bars", data,
                   [gettext("Part"), *words(*FORCES.values()), gettext("Members")], rows,
                   theme=("coverage", "functional"),
                   listed=(VILLAGES,))  # fmt: skip


def sizes(made: Board, wanted: tuple[int, int]) -> Drawing:
    """How many households the grids have, in steps of fifty, with the wanted range."""
    low, high = wanted
    top = max(made.sizes, default=0)
    starts = list(range(0, top + 1, BAND))
    values = [sum(1 for size in made.sizes if start <= size < start + BAND) for start in starts]
    names = [f"{start}–{start + BAND - 1}" for start in starts]
    inside = sum(1 for size in made.sizes if low <= size <= high)
    data = {"names": names, "series": [{"name": gettext("Grids"), "data": values}],
            "band": [low // BAND, (high - 1) // BAND], "bandName": f"{low}–{high}"}  # fmt: skip
    about = formula("sizes")
    return Drawing("sizes", gettext("Households per grid"), about, f"{count(inside)} / {count(len(made.sizes))}",
                   "bars", data, words(N_("Households"), N_("Grids")),
                   [list(row) for row in zip(names, values, strict=True)], wide=True,
                   theme=("grids", "size"),
                   listed=(GRIDS,))  # fmt: skip


def workers(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """How many households a full-time grid worker has, by part of the area."""
    parts = [part for part in made.parts if part.counts.full_time]
    rows: Rows = [[part.name, part.counts.households, part.counts.full_time,
                   round(part.counts.households / part.counts.full_time)] for part in parts]  # fmt: skip
    data = {"names": [row[0] for row in rows], "lying": True,
            "series": [{"name": gettext("Households per full-time grid worker"), "data": [row[3] for row in rows]}],
            }  # fmt: skip
    about = formula("workers")
    n = f"{count(made.counts.households)} / {count(made.counts.full_time)}"
    head = words(N_("Part"), N_("Households"), N_("Full-time grid workers"), N_("Households per full-time grid worker"))
    return Drawing("workers", gettext("Households per full-time grid worker"), about, n, "bars", data, head, rows,
                   theme=("organisation", "workers"),
                   listed=(WORKERS,))  # fmt: skip


def skills(made: Board, _wanted: tuple[int, int]) -> Drawing:
    """What the volunteers can do, beside the cases that ask for it."""
    names = [gettext(SKILLS[skill]) for skill in SERVES]
    both = [made.skills.get(skill, (0, 0)) for skill in SERVES]
    head = words(N_("Skill"), N_("Active volunteers"), N_("Cases filed that it can help with"))
    data = {"names": names, "lying": True, "series": [
        {"name": head[1], "data": [n for n, _need in both]},
        {"name": head[2], "data": [need for _n, need in both]},
    ]}  # fmt: skip
    rows: Rows = [[name, *pair] for name, pair in zip(names, both, strict=True)] if any(n for n, _need in both) else []
    about = formula("skills")
    return Drawing("skills", gettext("Skills and needs"), about, f"n = {count(made.counts.volunteers)}", "bars", data,
                   head, rows, theme=("volunteers", "density"),
                   listed=(TEAMS,))  # fmt: skip


def care(made: Board, _wanted: tuple[int, int]) -> Drawing | None:
    """Care visits within each tier; as the care page shows them."""
    if not made.care:
        return None
    rows: Rows = []
    shares: list[float | None] = []
    for tier, (enrolled, in_time) in made.care.items():
        shares.append(in_time / enrolled if enrolled else None)
        rows.append([gettext(TIERS[tier]), count(in_time), count(enrolled), percent(in_time, enrolled)])
    data = {"names": [row[0] for row in rows], "percent": True,
            "series": [{"name": gettext("Care visits in time"), "data": shares}]}  # fmt: skip
    shown = sum(enrolled for enrolled, _in_time in made.care.values())
    about = formula("care")
    head = words(N_("Tier"), N_("Visited within the tier"), N_("Enrolments"), N_("Share"))
    return Drawing("care", gettext("Care visits by tier"), about, f"n = {count(shown)}", "bars", data, head, rows,
                   theme=("coverage", "care"),
                   listed=(CARE,))  # fmt: skip
