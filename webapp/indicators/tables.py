"""The figures as a table: one line per number, the same numbers as on the screen."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from gis.indicators.board import Board
from gis.indicators.kpis import ALL, version_of
from gis.words import N_
from layers.files.table import harmless
from webapp.indicators.drawing import Drawing, percent
from webapp.indicators.told import value
from webapp.language import gettext

HEAD = (
    N_("Area"), N_("Month"), N_("Code"), N_("Figure"), N_("Numerator"), N_("Denominator"), N_("Value"), N_("Shown"),
    N_("Formula version"),
)  # fmt: skip
OF_GRIDS = (N_("Grid code"), N_("Grid"), N_("Closed on time"), N_("Limit ended in the month"), N_("Share"))
GRIDS_SHOWN = 40
"""How many grids a page lists; more are listed by part, and all of them in the table."""


def whole(made: Board, drawn: Sequence[Drawing], area: str) -> tuple[str, int]:
    """Return every figure as CSV, and how many lines that are."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow([gettext(title) for title in HEAD])
    rows = [[area, str(made.month), kpi.code, gettext(kpi.title), *numbers(made, kpi.code),
             value(kpi, result), version_of(kpi, result)]
            for kpi in ALL if kpi.code != "care_visit_compliance" or made.care_seen
            for result in (made.results.get(kpi.code),)]  # fmt: skip
    lines.writerows([harmless(each) for each in row] for row in rows)
    for drawing in drawn:
        lines.writerows([[], [drawing.title, drawing.n], list(drawing.head)])
        lines.writerows([harmless(each) for each in row] for row in drawing.rows)
    lines.writerows([[], [gettext("Closed on time by grid")], [gettext(title) for title in OF_GRIDS]])
    lines.writerows([code, harmless(name), round(result.numerator or 0), round(result.denominator or 0),
                     percent(result.numerator, result.denominator)] for code, name, result in made.grids)  # fmt: skip
    return out.getvalue(), len(rows) + sum(len(drawing.rows) for drawing in drawn) + len(made.grids)


def numbers(made: Board, code: str) -> list[float | str]:
    """Return numerator, denominator and value, empty where there is none."""
    result = made.results.get(code)
    found = (result.numerator, result.denominator, result.value) if result else (None, None, None)
    return ["" if each is None else each for each in found]


def by_grid(made: Board) -> list[tuple[str, str, int, int, str]]:
    """Return code, name, closed on time, due and share: of each grid, or of each part where there are many grids."""
    rows = list(made.grids)
    if len(rows) > GRIDS_SHOWN:
        rows = [(part.code, part.name, part.results["on_time_closure_rate"]) for part in made.parts]
    return [
        (code, name, round(result.numerator or 0), round(result.denominator or 0),
         percent(result.numerator, result.denominator))
        for code, name, result in rows
    ]  # fmt: skip
