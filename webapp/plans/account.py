"""The account of a plan in the words and numbers of its page and of its tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from flask_babel import format_decimal

from gis.plans.impact.account import COLUMNS, FATES, KINDS, Impact, heads
from gis.plans.impact.figures import SHARES, Figures, told
from gis.staffing import ROLES
from layers.files.table import harmless
from webapp.language import gettext

WORDS = {"fate": FATES, "role": ROLES, "kind": KINDS}
"""Column → what its values are called."""
DECIMAL = "#,##0.0"


def table(account: Impact, part: str) -> str:
    """Return one part of an account as CSV in the reader's language."""
    out = io.StringIO(newline="")
    lines, columns = csv.writer(out), list(COLUMNS[part])
    lines.writerow([gettext(message, **params) for message, params in heads(part)])
    for row in account.table(part):
        words = [said(column, value) for column, value in zip(columns, row, strict=False)]
        lines.writerow([harmless(cell) for cell in [*words, *row[len(columns) :]]])
    return out.getvalue()


def said(column: str, value: Any) -> Any:
    """Return a value as the page shows it."""
    words = WORDS.get(column, {})
    return gettext(words[value]) if value in words else value


def indicators(account: Impact, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return a row for each territory and then each grid: before, after and difference of every share.

    `changed` tells that a share does, or that it is the row of the whole.
    """
    areas = [(names.get(line.code, line.code), line.code, line.before, line.after) for line in account.areas]
    grids = [(line.name, line.code, line.before, line.after) for line in account.grids]
    rows = [(*line[:2], shares(*line[2:])) for line in (*areas, *grids)]
    return [
        {"name": name, "code": code, "whole": at < len(areas), "shares": found,
         "changed": at == 0 or any(before != after for before, after, _change in found)}
        for at, (name, code, found) in enumerate(rows)
    ]  # fmt: skip


def shares(before: Figures | None, after: Figures | None) -> list[Sequence[str]]:
    """Return before, after and difference of every share, the difference of what is shown."""
    return [shown(told(before, name), told(after, name)) for name in SHARES]


def shown(before: float | None, after: float | None) -> Sequence[str]:
    """Return two numbers and their difference with its sign, a dash for what is not known."""
    known = ["—" if each is None else format_decimal(each, DECIMAL) for each in (before, after)]
    if before is None or after is None:
        return (*known, "—")
    change = round(after - before, 1)
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return (*known, sign + format_decimal(abs(change), DECIMAL if change else "0"))
