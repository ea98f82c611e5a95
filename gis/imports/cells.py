"""Cells of one column → values of one kind, whole columns at a time; what does not fit becomes a finding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.imports.findings import Finding

Cells = NDArray[Any]
Parsed = tuple[Cells, list[Finding]]
_DECIMAL = re.compile(r"\d+\.0*|\d+(\.\d+)?[eE]\+?\d+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")


def empty(cells: Cells) -> NDArray[np.bool_]:
    """Tell which cells hold nothing: none, not-a-number, or blanks."""
    if cells.dtype.kind in "iub":
        return np.zeros(len(cells), bool)
    if cells.dtype.kind == "f":
        return np.isnan(cells)
    if cells.dtype.kind == "M":
        return np.isnat(cells)
    return np.array([cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells], bool)


def objects(values: Iterable[Any]) -> Cells:
    """Return values as a column of their own Python types."""
    listed = list(values)
    column = np.empty(len(listed), object)
    column[:] = listed
    return column


def text(cells: Cells, header: str, limit: int = 200) -> Parsed:
    """Return trimmed texts; numbers are written without a decimal point when they are whole."""
    if cells.dtype.kind == "O":
        values = objects([None if cell is None else str(cell).strip() or None for cell in cells])
    else:
        bare = empty(cells)
        shown = (
            (None if gone else _number_text(cell)) for cell, gone in zip(cells.tolist(), bare.tolist(), strict=True)
        )
        values = objects(shown)
    long = [at for at, value in enumerate(values.tolist()) if value is not None and len(value) > limit]
    return values, [_finding("text_long", at, header, limit=limit) for at in long]


def _number_text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def code(cells: Cells, header: str) -> Parsed:
    """Return codes as texts; a code that went through a decimal number is an error, not a guess."""
    if cells.dtype.kind == "f":
        given = np.flatnonzero(~np.isnan(cells))
        findings = [_finding("code_float", at, header, value=f"{cells[at]:.1f}") for at in given]
        return objects([None] * len(cells)), findings
    values, findings = text(cells, header)
    folded = (value if value is None or value.isascii() else unicodedata.normalize("NFKC", value) for value in values)
    values = objects(folded)
    for at, value in enumerate(values):
        if value is not None and not value.isdigit() and _DECIMAL.fullmatch(value):
            findings.append(_finding("code_float", at, header, value=value))
            values[at] = None
    return values, findings


def count(cells: Cells, header: str, limit: int) -> Parsed:
    """Return whole numbers from zero to a limit, none where the cell is empty."""
    if cells.dtype.kind in "iu" and not ((cells < 0) | (cells > limit)).any():
        return cells.astype(object), []
    values, findings = number(cells, header, limit, "count_wrong")
    numbers = np.array([np.nan if value is None else value for value in values], float)
    with np.errstate(invalid="ignore"):
        broken = np.flatnonzero(numbers != np.floor(numbers))
    for at in broken[~np.isnan(numbers[broken])]:
        findings.append(_finding("count_wrong", at, header, value=numbers[at]))
        numbers[at] = np.nan
    return objects(None if np.isnan(n) else int(n) for n in numbers.tolist()), findings


def number(cells: Cells, header: str, limit: float, wrong: str = "number_wrong") -> Parsed:
    """Return numbers from zero to a limit, none where the cell is empty."""
    findings: list[Finding] = []
    numbers = cells.astype(float) if cells.dtype.kind in "iuf" else _read_numbers(cells, header, wrong, findings)
    with np.errstate(invalid="ignore"):
        outside = (("number_negative", numbers < 0), ("number_large", numbers > limit))
    for problem, rows in outside:
        for at in np.flatnonzero(rows):
            findings.append(_finding(problem, at, header, value=_number_text(float(numbers[at])), limit=limit))
            numbers[at] = np.nan
    return objects(None if np.isnan(n) else n for n in numbers.tolist()), findings


def _read_numbers(cells: Cells, header: str, wrong: str, findings: list[Finding]) -> NDArray[np.float64]:
    numbers = np.full(len(cells), np.nan)
    for at in np.flatnonzero(~empty(cells)):
        try:
            numbers[at] = float(unicodedata.normalize("NFKC", str(cells[at])).replace(",", ""))
        except ValueError:
            findings.append(_finding(wrong, at, header, value=str(cells[at])[:40]))
    numbers[np.isinf(numbers)] = np.nan
    return numbers


def word(cells: Cells, header: str, words: dict[str, str], strict: bool = True) -> Parsed:
    """Return the product's word for each cell; unknown words are errors when `strict`, else nothing."""
    values, _ = text(cells, header)
    findings = []
    known = ", ".join(dict.fromkeys(words.values()))
    meant = {value: words.get(value.lower()) for value in set(values) - {None}}
    if strict:
        for at, value in enumerate(values):
            if value is not None and meant[value] is None:
                findings.append(_finding("word_unknown", at, header, value=value[:40], known=known))
    return objects(meant.get(value) for value in values), findings


def day(cells: Cells, header: str) -> Parsed:
    """Return dates, none where the cell is empty."""
    if cells.dtype.kind == "M":
        return cells.astype("M8[D]").astype(object), []
    values, findings = text(cells, header)
    return objects(_days(values, header, findings)), findings


def _days(values: Cells, header: str, findings: list[Finding]) -> Iterator[date | None]:
    for at, value in enumerate(values):
        match = _DAY.fullmatch(value) if value else None
        try:
            yield date(*map(int, match.groups())) if match else None
            fits = match is not None or value is None
        except ValueError:
            yield None
            fits = False
        if not fits:
            findings.append(_finding("day_wrong", at, header, value=value[:40]))


def _finding(problem: str, at: Any, header: str, **params: Any) -> Finding:
    return Finding(problem, int(at) + 1, header, None, {"field": header, **params})


Parser = Callable[[Cells, str], Parsed]
