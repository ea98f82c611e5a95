"""Indicators: pure functions, counts from rows, and what was kept."""
