"""Reads what an address asks for: day, area, box, filters; a wrong value is said, never guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from gis.errors import Invalid, NotFound
from gis.viewer import Viewer, ancestors, level
from gis.words import N_
from layers.query import Asked, Box

RESERVED = {"area", "bbox", "date", "purpose", "v", "theme", "measure", "layers", "at", "grid", "q"}
FIRST_DAY, LAST_DAY = date(1949, 10, 1), date(2199, 12, 31)
CODE = re.compile(r"[0-9]{12}([0-9]{3})?")
VIEW = re.compile(r"([0-9]{1,2}(?:\.[0-9]+)?)/(-?[0-9]{1,3}(?:\.[0-9]*)?)/(-?[0-9]{1,3}(?:\.[0-9]*)?)")
FARTHEST = 22
WIDE_DIGITS = {ord("０") + digit: str(digit) for digit in range(10)}
"""Full-width digits, which a Chinese keyboard types, and the ones that they mean."""


def folded(text: str | None) -> str:
    """Return a code, a day or a number in the signs that it means: ２０２６－０１－３１ is 2026-01-31."""
    return unicodedata.normalize("NFKC", text or "").strip()


def local_path(address: str | None, otherwise: str = "/") -> str:
    """Return the path and query of an address on this host; never another host."""
    try:
        parts = urlsplit(address or otherwise)
    except ValueError:
        return otherwise
    path = parts.path if parts.path.startswith("/") and not parts.path.startswith(("//", "/\\")) else otherwise
    return f"{path}?{parts.query}" if parts.query else path


def written_day(text: str) -> date:
    """Return a day as it is written; raises Invalid for another word."""
    try:
        return date.fromisoformat(folded(text))
    except ValueError:
        raise Invalid(N_("%(value)s is not a day; write it as 2026-01-31."), value=text) from None


def calendar_day(text: str) -> date:
    """Return a day that a calendar of ours can have; raises Invalid for another word, and for days far away."""
    day = written_day(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(N_("%(value)s is too far away; choose a day from 1949 to 2199."), value=text)
    return day


def day_of(text: str | None, today: date) -> date:
    """Return the day of `?date=`, today without one."""
    text = folded(text)
    if not text:
        return today
    day = written_day(text)
    if not FIRST_DAY <= day <= today:
        raise Invalid(N_("%(value)s cannot be shown; choose today or a day before, from 1949 on."), value=text)
    return day


def numbers_of(text: str | None) -> set[int]:
    """Return the numbers that a form says it was shown, divided by commas."""
    if not re.fullmatch("([0-9]{1,18}(,[0-9]{1,18})*)?", text or ""):
        raise Invalid(N_("“%(value)s” is not a list of numbers."), value=(text or "")[:40])
    return {int(each) for each in (text or "").split(",") if each}


def words_of(text: str | None) -> str:
    """Return the words of `?q=` without what no name holds; brackets stay full-width, as names have them."""
    return " ".join("".join(c for c in text or "" if c.isprintable()).translate(WIDE_DIGITS).split())[:100]


def zoom_of(text: str | None) -> int:
    """Return the zoom of `?z=`, a street's one without it."""
    text = folded(text)
    if not text:
        return 14
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) > FARTHEST:
        raise Invalid(N_("%(value)s is not a zoom; it goes from 0 to 22."), value=text)
    return int(text)


def spot_of(args: MultiDict[str, str]) -> tuple[float, float]:
    """Return longitude and latitude of `?lng=&lat=`."""
    try:
        lon, lat = float(folded(args.get("lng"))), float(folded(args.get("lat")))
    except ValueError:
        lon = lat = float("nan")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Invalid(N_("The place has no coordinates: choose it on the map again."))
    return lon, lat


def area_of(text: str | None, viewer: Viewer) -> str | None:
    """Return the code of `?area=`, of an area above the viewer's territory that of the territory.

    What is shown is the viewer's own; it is not to stand under the name of the whole. Raises NotFound for an area that
    shares nothing with it.
    """
    text = folded(text)
    if not text:
        return None
    if not CODE.fullmatch(text):
        raise Invalid(N_("%(value)s is not a code: an area has 12 digits, a grid 15."), value=text)
    home = viewer.territory.home
    if home and text in ancestors(home):
        return home
    if not viewer.territory.holds(text) and not any(text in ancestors(code) for code in viewer.territory.codes):
        raise NotFound(N_("There is no area %(code)s in your territory."), code=text)
    return text


def grid_of(text: str) -> str:
    """Return the code of a grid in a path; raise NotFound for what cannot be one."""
    code = folded(text)
    if not CODE.fullmatch(code) or level(code) != "grid":
        raise NotFound(N_("There is no grid %(code)s in your territory on this day."), code=text)
    return code


def view_of(text: str | None) -> str | None:
    """Return zoom/latitude/longitude of `?at=`, None for a view that no map of a Chinese district can have."""
    found = VIEW.fullmatch(folded(text))
    if found is None:
        return None
    zoom, lat, lon = map(float, found.groups())
    return found.group() if zoom <= FARTHEST and 3 <= lat <= 54 and 73 <= lon <= 136 else None


def box_of(text: str | None) -> Box | None:
    """Return west, south, east, north of `?bbox=`."""
    text = folded(text)
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(N_("%(value)s is not a box; write west,south,east,north in degrees."), value=text)
    return west, south, east, north


def values_of(given: list[str]) -> tuple[str, ...]:
    """Return the values of a filter that is given once or more, each with one or more of them."""
    values = tuple(folded(value) for each in given for value in each.split(","))
    for value in values:
        if not value.isprintable():
            raise Invalid(N_("%(value)s is no value of a filter."), value=ascii(value))
    return tuple(value for value in values if value)


def asked(args: MultiDict[str, str], viewer: Viewer, today: date, now: object) -> Asked:
    """Return what the address asks of a layer; every other name is a filter of the layer."""
    filters = {name: values_of(args.getlist(name)) for name in args if name not in RESERVED and args[name]}
    return Asked(
        day_of(args.get("date"), today),
        now,  # type: ignore[arg-type]
        area=area_of(args.get("area"), viewer),
        bbox=box_of(args.get("bbox")),
        filters=filters,
    )
