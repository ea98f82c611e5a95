"""One figure of the dashboard: what is drawn, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis.indicators.board import Board
from webapp import language
from webapp.indicators.listed import Listed
from webapp.indicators.words import ABOUT
from webapp.language import gettext

Rows = list[list[Any]]


@dataclass(frozen=True)
class Drawing:
    """One figure: `kind` names its builder in static/js/indicators, `data` is what it draws, head and rows a table."""

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
    cases: tuple[str, ...] = ()
    listed: tuple[Listed, ...] = ()


Maker = Callable[[Board, tuple[int, int]], Drawing | None]
"""Makes a figure of the numbers and of the wanted range of households; None where there is nothing to draw."""


def words(*messages: str) -> list[str]:
    """Return messages in the language of the request."""
    return [gettext(message) for message in messages]


def formula(name: str) -> str:
    """Return how a figure is counted, in the language of the request."""
    about = ABOUT[name]
    return gettext(about)


def percent(part: float | None, whole: float | None) -> str:
    """Return a share as a text, n/a over nothing."""
    return language.percent((part or 0) / whole) if whole else gettext("n/a")
