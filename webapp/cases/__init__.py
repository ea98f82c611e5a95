"""Cases on the screen: the list and one case, reporting from the street, and the steps."""

from __future__ import annotations

from webapp.cases import clusters, pages, reporting, working

BLUEPRINTS = (pages.bp, reporting.bp, working.bp, clusters.bp)
