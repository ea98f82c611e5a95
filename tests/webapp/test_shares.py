"""A share that falls short of all is never shown as all, wherever a page or a table tells it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from gis.indicators.kpis import BY_CODE, share
from webapp import answers, grid_card
from webapp.indicators import drawing, told
from webapp.visits import reach

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("part", "whole", "shown"), [
    (1_299_687_982, 1_299_999_990, "99.9%"), (9_996, 10_000, "99.9%"), (9_994, 10_000, "99.9%"),
    (998, 1_000, "99.8%"), (1_000, 1_000, "100.0%"), (0, 10, "0.0%"),
])  # fmt: skip
def test_all_is_told_of_all_only(app: Flask, part: int, whole: int, shown: str) -> None:
    with app.test_request_context("/"):
        assert told.value(BY_CODE["spatial_coverage"], share(part, whole)) == shown
        assert drawing.percent(part, whole) == shown
        assert reach.percent(part / whole) == shown
        assert grid_card.share("", part, whole)["text"] == shown
        assert answers.share_entry("", "", part, whole, "")["value"] == shown


def test_a_difference_is_that_of_what_is_shown(app: Flask) -> None:
    kpi = BY_CODE["spatial_coverage"]
    assert told.change(kpi, share(10_000, 10_000), share(9_998, 10_000)) == ("▲ 0.1", True)
    assert told.change(kpi, share(9_999, 10_000), share(9_998, 10_000)) == ("±0", None)


def test_shares_are_rounded_in_one_place() -> None:
    """On the server in webapp/language.py, in the browser in static/js/words.js, on no page."""
    rounding = [
        path.relative_to(ROOT).as_posix()
        for ring in ("gis", "layers", "webapp")
        for path in (ROOT / ring).rglob("*.py")
        if re.search(r"format_percent\(|:[.0-9]*%}", path.read_text(encoding="utf-8"))
    ]
    assert rounding == ["webapp/language.py"]
    pages = [
        path.name for path in (ROOT / "webapp").rglob("*.html") if re.search(r"\* ?100\b", path.read_text("utf-8"))
    ]
    assert pages == []
