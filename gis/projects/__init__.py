"""Renovation projects: a polygon from chosen buildings, drawn or brought in, and a stage that is in the log."""

from __future__ import annotations

from gis.projects.bringing import bring, examine
from gis.projects.keeping import begin, correct, end, move
from gis.projects.shown import around, cases_of, listed, one, rows

__all__ = ["around", "begin", "bring", "cases_of", "correct", "end", "examine", "listed", "move", "one", "rows"]
