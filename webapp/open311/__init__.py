"""Open311 GeoReport v2: services, reports in, requests out, as JSON and as XML, for programs with a token."""

from __future__ import annotations

from webapp.open311.endpoint import bp, protect

__all__ = ["bp", "protect"]
