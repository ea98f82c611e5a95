"""Tables that somebody brings: text as offices save it, its rows by their heads, and what is wrong with one."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from gis.errors import Invalid, WanggeError
from gis.words import N_


@dataclass(frozen=True)
class Wrong:
    """What is wrong in a row, and in which field of it."""

    row: int
    field: str
    error: WanggeError


def text_of(data: bytes) -> str:
    """Return the text of a file in UTF-8 or else GB 18030; raises Invalid for what is neither."""
    neither = N_("The table is neither UTF-8 nor GBK text; save it as CSV UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Invalid(neither) from error
    if "\0" in text:
        raise Invalid(neither)
    return text


def rows_of(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV, head → what is written, trimmed; raises Invalid for what is none."""
    try:
        lines = list(csv.DictReader(io.StringIO(text_of(data), newline="")))
    except csv.Error as error:
        raise Invalid(N_("This is no CSV table: %(reason)s."), reason=str(error)) from error
    return [{head: (value or "").strip() for head, value in line.items() if head} for line in lines]
