"""Numbers of persons: what an identity, bank-card or mobile number looks like, on its way in and on its way out."""

from __future__ import annotations

import re
import unicodedata

from gis.errors import Refused
from gis.words import N_, Word

IDENTITY = Word(N_("identity numbers or documents"))
CONTACT = Word(N_("phone numbers or addresses of persons"))
MONEY = Word(N_("bank accounts"))
UNSEEN = Word(N_("signs that cannot be seen"))

IDENTITY_NUMBER = re.compile(
    r"(?<!\d)([1-9]\d{5})[ -]?((?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))[ -]?(\d{3})[ -]?([\dXx])(?!\d)"
)
_CARD = re.compile(r"(?<![\d.])(?:62\d{14,17}|[45]\d{15})(?!\d)")
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_WIDE = re.compile("[０-９]")
_LONG = re.compile(r"\d(?:[ -]?\d){10}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def found_in(text: str, numbers_are_codes: bool = False) -> Word | None:
    """Return what a text holds that is never stored; identifiers of things may look like phone or card numbers."""
    folded = unicodedata.normalize("NFKC", text) if _WIDE.search(text) else text
    if not _LONG.search(folded):
        return None
    for match in IDENTITY_NUMBER.finditer(folded):
        if _checks_out("".join(match.groups())):
            return IDENTITY
    if numbers_are_codes:
        return None
    if any(_luhn(match.group()) for match in _CARD.finditer(folded)):
        return MONEY
    return CONTACT if _MOBILE.search(folded) else None


def found_in_line(text: str) -> Word | None:
    """Return what a line that somebody writes holds and is never stored; signs that hide or turn it are among that."""
    return found_in(text) if text.isprintable() else UNSEEN


def refuse(*lines: str) -> None:
    """Raise Refused when a line that somebody writes holds what is never stored."""
    for line in lines:
        if what := found_in_line(line):
            raise Refused(N_("Take out %(what)s: they are never stored here."), what=what)


def _checks_out(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
