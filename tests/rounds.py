"""How long the random tests run: a taste of it in the suite, all of it with SOAK=1."""

from __future__ import annotations

import os

SOAKING = os.environ.get("SOAK") == "1"


def rounds(taste: int, full: int) -> int:
    """Return how many rounds a random test goes."""
    return full if SOAKING else taste
