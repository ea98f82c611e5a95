"""The cells of a row become a case: words, moments and degrees are read, and what does not fit is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from gis import crs
from gis.cases.filing import LONGEST
from gis.cases.incoming import messages  # noqa: F401  (registers what is said)
from gis.cases.incoming.columns import CATEGORY_WORDS, REASON_WORDS, STATUS_WORDS, URGENCY_WORDS, Options
from gis.cases.incoming.reading import Table
from gis.imports.findings import Finding
from gis.scope import ZONE

WORDS: dict[str, Mapping[str, str]] = {
    "category": CATEGORY_WORDS, "status": STATUS_WORDS, "closure_reason": REASON_WORDS, "urgency": URGENCY_WORDS,
}  # fmt: skip
TEXTS = {**LONGEST, "ref": 80, "lead_body": 60}
NEEDED = ("ref", "title")
SHAPES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
MOMENTS = ("reported_at", "accepted_at", "closed_at")
MINUTE = timedelta(minutes=1)


@dataclass
class Row:
    """A row of the table, as far as it could be read."""

    number: int
    told: dict[str, Any] = field(default_factory=dict)
    place: tuple[float, float] | None = None
    known: bool = False


def parsed(table: Table, heads: Mapping[str, str], options: Options, now: datetime) -> tuple[list[Row], list[Finding]]:
    """Return the rows, and what is wrong with which of them."""
    columns = {name: table.column(head) for name, head in heads.items()}
    rows, findings = [], []
    for at in range(len(table.rows)):
        cells = {name: column[at].strip() for name, column in columns.items()}
        row = Row(at + 1)
        findings += [*words(row, cells, heads), *moments(row, cells, heads, now), *degrees(row, cells, heads)]
        rows.append(row)
    findings += twice(rows, heads)
    moved([row for row in rows if row.place], options)
    return rows, findings


def words(row: Row, cells: Mapping[str, str], heads: Mapping[str, str]) -> list[Finding]:
    """Read the texts and the words that stand for one of a list."""
    findings = []
    for name, most in TEXTS.items():
        text = " ".join(cells.get(name, "").split())
        row.told[name] = text or None
        if len(text) > most:
            findings.append(Finding("case_long", row.number, heads[name], params={"most": most}))
        elif not text.isprintable():
            findings.append(Finding("case_unseen", row.number, heads[name]))
        elif name in NEEDED and name in heads and not text:
            findings.append(Finding("value_missing", row.number, heads[name], params={"field": heads[name]}))
        elif name == "title" and len(text) == 1:
            findings.append(Finding("case_short", row.number, heads[name]))
    for name, known in WORDS.items():
        word = cells.get(name, "")
        row.told[name] = known.get(word.lower())
        if name == "closure_reason" and not word:
            if row.told["status"] == "closed":
                findings.append(Finding("case_ended_how", row.number, heads.get(name, name)))
        elif row.told[name] is None and name in heads:
            offered = ", ".join(offered_of(known))
            code = Finding("case_word", row.number, heads[name], params={"value": word[:40], "words": offered})
            findings.append(code)
    return findings


def offered_of(known: Mapping[str, str]) -> list[str]:
    """Return one Chinese word for each value of a list."""
    first: dict[str, str] = {}
    for word, value in known.items():
        if word and not word.isascii():
            first.setdefault(value, word)
    return list(first.values())


def moments(row: Row, cells: Mapping[str, str], heads: Mapping[str, str], now: datetime) -> list[Finding]:
    """Read when a case was reported, accepted and closed; one with an acceptance is accepted, whatever it is called."""
    findings = []
    for name in MOMENTS:
        text = cells.get(name, "")
        row.told[name] = moment = moment_of(text)
        if text and moment is None:
            findings.append(Finding("case_moment", row.number, heads[name], params={"value": text[:40]}))
        elif moment and moment > now + MINUTE:
            findings.append(Finding("case_ahead", row.number, heads[name], params={"value": text[:40]}))
        elif not text and name == "reported_at" and name in heads:
            findings.append(Finding("value_missing", row.number, heads[name], params={"field": heads[name]}))
    reported, accepted, closed = (row.told[name] for name in MOMENTS)
    if accepted and row.told["status"] == "reported":
        row.told["status"] = "accepted"
    if row.told["status"] == "closed" and closed is None and not cells.get("closed_at"):
        findings.append(Finding("case_closed_when", row.number, heads.get("closed_at", "closed_at")))
    if reported and closed and closed < reported:
        findings.append(Finding("case_before", row.number, heads["closed_at"]))
    if accepted and ((reported and accepted < reported) or (closed and closed < accepted)):
        findings.append(Finding("case_accepted_when", row.number, heads["accepted_at"]))
    return findings


def moment_of(text: str) -> datetime | None:
    """Return a moment of a text, in Beijing time unless it names a zone; None for one that is none."""
    said = text.replace("/", "-").replace("年", "-").replace("月", "-").replace("日", "").strip()
    found = None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        for shape in SHAPES:
            try:
                found = datetime.strptime(said, shape)
                break
            except ValueError:
                continue
    if found is None or not 1990 <= found.year < 2200:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def degrees(row: Row, cells: Mapping[str, str], heads: Mapping[str, str]) -> list[Finding]:
    """Read where a case lies."""
    found = []
    for name, low, high in (("lon", 72.0, 138.0), ("lat", 2.0, 56.0)):
        try:
            value = float(cells.get(name, ""))
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            if name not in heads:
                return []
            return [Finding("case_degrees", row.number, heads[name], params={"value": cells.get(name, "")[:40]})]
        found.append(value)
    row.place = (found[0], found[1])
    return []


def moved(rows: list[Row], options: Options) -> None:
    """Bring the places into storage degrees, all at once."""
    if not rows:
        return
    given = np.array([row.place for row in rows], np.float64)
    stored = crs.to_storage(given, crs.named(options.crs))
    for row, (lon, lat) in zip(rows, stored.tolist(), strict=True):
        row.place = (lon, lat)


def twice(rows: list[Row], heads: Mapping[str, str]) -> list[Finding]:
    """Find the numbers that more than one row bears."""
    counted = Counter(row.told["ref"] for row in rows if row.told["ref"])
    again = [row for row in rows if counted[row.told["ref"]] > 1]
    return [Finding("case_ref_twice", row.number, heads["ref"], params={"ref": row.told["ref"]}) for row in again]
