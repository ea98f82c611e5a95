"""Visits on the screen: the round of a worker, and how far visits reach."""

from __future__ import annotations

from webapp.visits import reach, rounds

BLUEPRINTS = (rounds.bp, reach.bp)
