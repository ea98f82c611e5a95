"""The indicators on the screen: the dashboard, the monthly report, the tables, and the rows behind each count."""

from __future__ import annotations

from webapp.indicators import pages, rows

BLUEPRINTS = (pages.bp, rows.bp)
