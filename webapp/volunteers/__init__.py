"""Volunteers and resources on the screen: teams, service points, density, and calls of teams to cases."""

from __future__ import annotations

from webapp.volunteers import calls, density, points, teams

BLUEPRINTS = (teams.bp, points.bp, density.bp, calls.bp)
