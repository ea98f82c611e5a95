"""Reads what an address asks for: day, area, box, filters; a wrong value is said, never guessed."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from gis.errors import Invalid, NotFound
from gis.viewer import Viewer, ancestors
from gis.words import N_
from layers.query import Asked, Box

RESERVED = {"area", "bbox", "date", "purpose", "v", "theme", "measure", "layers", "at", "grid", "q"}
CODE = re.compile(r"\d{12}(\d{3})?")


def local_path(address: str | None, otherwise: str = "/") -> str:
    """Return the path and query of an address on this host; never another host."""
    parts = urlsplit(address or otherwise)
    path = parts.path if parts.path.startswith("/") and not parts.path.startswith(("//", "/\\")) else otherwise
    return f"{path}?{parts.query}" if parts.query else path


def day_of(text: str | None, today: date) -> date:
    """Return the day of `?date=`, today without one."""
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(N_("%(value)s is not a day; write it as 2026-01-31."), value=text) from None


def area_of(text: str | None, viewer: Viewer) -> str | None:
    """Return the code of `?area=`; raise NotFound for one that shares nothing with the viewer's territory."""
    if not text:
        return None
    if not CODE.fullmatch(text):
        raise Invalid(N_("%(value)s is not a code: an area has 12 digits, a grid 15."), value=text)
    inside = viewer.territory.holds(text) or any(text in ancestors(code) for code in viewer.territory.codes)
    if not inside:
        raise NotFound(N_("There is no area %(code)s in your territory."), code=text)
    return text


def box_of(text: str | None) -> Box | None:
    """Return west, south, east, north of `?bbox=`."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(N_("%(value)s is not a box; write west,south,east,north in degrees."), value=text)
    return west, south, east, north


def asked(args: MultiDict[str, str], viewer: Viewer, today: date, now: object) -> Asked:
    """Return what the address asks of a layer; every other name is a filter of the layer."""
    filters = {name: tuple(args[name].split(",")) for name in args if name not in RESERVED and args[name]}
    return Asked(
        day_of(args.get("date"), today),
        now,  # type: ignore[arg-type]
        area=area_of(args.get("area"), viewer),
        bbox=box_of(args.get("bbox")),
        filters=filters,
    )
