"""Every scenario and every nasty input has a test of its name."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"^def test_(scenario|nasty_input)_(\d+)_\w+", re.MULTILINE)


def test_all_are_here() -> None:
    found = {match.groups() for path in TESTS.rglob("test_*.py") for match in NAMED.finditer(path.read_text("utf-8"))}
    assert found == {(kind, str(number)) for kind in ("scenario", "nasty_input") for number in range(1, 11)}
