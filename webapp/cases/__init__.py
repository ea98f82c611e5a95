"""Cases on the screen: the list and one case, reporting from the street, and the steps."""

from __future__ import annotations

from webapp.cases import bringing, clusters, many, pages, reporting, working

BLUEPRINTS = (pages.bp, reporting.bp, working.bp, many.bp, bringing.bp, clusters.bp)
