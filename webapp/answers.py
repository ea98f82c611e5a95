"""Puts words to what the core found: JSON for the map's scripts, and the card's lines."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from flask import request, url_for
from flask_babel import format_date, format_decimal

from gis.areas import Whereabouts
from gis.indicators.registry import ON_TIME
from gis.premises import HONOUR_KINDS
from gis.viewer import Viewer
from layers.catalogue import BUILDINGS, CATALOGUE
from layers.figures import Figure, Totals
from layers.find import Hit
from layers.forces import HONOURS
from layers.layer import Field
from layers.query import Asked
from layers.stamps import stamp
from layers.themes import Measure
from webapp import access
from webapp.language import gettext, ngettext, percent


def figures(measure: Measure, found: list[Figure], totals: Totals, wanted: Asked) -> dict[str, Any]:
    """Return header, values, number per class, and a sentence when there is nothing to paint."""
    numbers = [0] * (len(measure.classes) + 1)
    for figure in found:
        numbers[class_of(measure, figure.value)] += 1
    viewer, writes, tiles = access.viewer(), access.writes(), Asked(wanted.day, wanted.now)
    return {
        "header": header(totals, request.args),
        "values": {str(f.id): [f.value, f.numerator, f.denominator, f.code, *f.parts] for f in found},
        "legend": [{"n": n} for n in numbers],
        "empty": nothing(found),
        "versions": {layer.name: stamp(layer, writes, viewer, tiles) for layer in CATALOGUE.seen_by(viewer)},
    }


def nothing(found: list[Figure]) -> str | None:
    """Return why the map is not painted, or None when it is."""
    if not found:
        return gettext("No grid of your territory was in force here on this day.")
    if all(figure.value is None for figure in found):
        return gettext("There is nothing to measure this figure by in this area yet.")
    return None


def class_of(measure: Measure, value: float | None) -> int:
    """Return the place of the first class whose upper bound holds the value; no figure comes last."""
    if value is None:
        return len(measure.classes)
    places = range(len(measure.classes))
    return next(i for i in places if (bound := measure.classes[i].upto) is None or value <= bound)


def header(totals: Totals, args: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the line on top; cases that lie outside every grid are named, so that the sums can be checked."""
    outside = totals.outside_cases
    aside = ngettext("%(num)s outside every grid", "%(num)s outside every grid", outside) if outside else None
    cases, live = gettext("cases"), totals.due_today_cases is not None
    teams = ngettext("%(num)s team", "%(num)s teams", totals.teams)
    care = share_entry(
        "care",
        gettext("Care visits in time"),
        totals.care_in_time,
        totals.care_enrolled,
        link(args, "coverage", "care"),
    )
    counted = teams if live else f"{teams} · " + gettext("members as of %(day)s", day=access.today())
    return [
        entry("open", gettext("Open"), totals.open_cases, cases, aside, link(args, "cases", "open")),
        entry("overdue", gettext("Overdue"), totals.overdue_cases, cases, None, link(args, "cases", "overdue")),
        entry("due_today", gettext("Due today"), totals.due_today_cases, cases,
              None if live else gettext("only for today"), link(args, "cases", "due_today")),
        entry("due_soon", gettext("Due soon"), totals.due_soon_cases, cases, None, link(args, "cases", "due_soon")),
        share_entry("on_time", gettext(ON_TIME.title), totals.on_time, totals.due, link(args, "cases", "on_time")),
        share_entry("visits", gettext("Visited"), totals.visited, totals.households_listed,
                    link(args, "coverage", "visits")),
        share_entry("link", gettext("With link cadre"), totals.linked, totals.grids, link(args, "coverage", "link")),
        entry("volunteers", gettext("Active volunteers"), totals.volunteers, gettext("persons"), counted,
              link(args, "volunteers", "density")),
        *([care] if totals.care_enrolled is not None else []),
        entry("grids", gettext("Grids"), totals.grids, "", None, link(args, "grids", "size")),
        entry("households", gettext("Households"), totals.households, "", None, link(args, "grids", "size")),
    ]  # fmt: skip


def entry(name: str, label: str, value: int | None, unit: str, aside: str | None, href: str) -> dict[str, Any]:
    """Return one figure of the line on top."""
    state = "warn" if name == "overdue" and value else None
    return {
        "name": name,
        "label": label,
        "value": None if value is None else format_decimal(value),
        "unit": unit,
        "n": aside,
        "href": href,
        "state": state,
    }


def share_entry(name: str, label: str, numerator: int | None, denominator: int | None, href: str) -> dict[str, Any]:
    """Return one share of the line on top, with what it is a share of; a dash where there is nothing to divide by."""
    if not denominator:
        return {
            "name": name,
            "label": label,
            "value": None,
            "unit": "",
            "n": gettext("nothing on the list"),
            "href": href,
            "state": None,
        }
    value = percent((numerator or 0) / denominator)
    part, whole = format_decimal(numerator or 0), format_decimal(denominator)
    aside = gettext("%(part)s / %(whole)s listed", part=part, whole=whole) if name == "visits" else f"{part} / {whole}"
    return {"name": name, "label": label, "value": value, "unit": "", "n": aside, "href": href, "state": None}


def link(args: Mapping[str, str], theme: str, measure: str) -> str:
    """Return the address of the map with another theme over the same area and day."""
    kept: dict[str, Any] = {name: args[name] for name in ("area", "date") if args.get(name)}
    return url_for("maps.show", theme=theme, measure=measure, **kept)


def territory(found: Whereabouts) -> dict[str, Any]:
    """Return an area's place in the tree for the breadcrumbs."""
    west, south, east, north = found.box
    return {
        "area": in_part(place(found.area)),
        "crumbs": [place(each) for each in found.crumbs],
        "children": [place(each) for each in found.children],
        "bounds": [[south, west], [north, east]],
    }


def in_part(area: dict[str, str]) -> dict[str, str]:
    """Return an area that reaches beyond the viewer's territory with a name that says so."""
    if access.viewer().territory.holds(area["code"]):
        return area
    return {**area, "name": gettext("%(name)s (your part)", name=area["name"])}


def place(row: Any) -> dict[str, str]:
    """Return code, name and level of an area or a grid."""
    return {"code": row.code, "name": row.name, "level": row.level}


TOLD_BY_THE_OTHER = {
    "buildings": ("honour",),
    "honours": ("kind", "code", "name", "compound", "address", "grid_code", "village"),
}
"""Layer → the fields that are left out where a building and its honour are told together."""


def spot(grid: Any, hits: list[Hit], viewer: Viewer) -> dict[str, Any]:
    """Return the grid at a spot and what else lies there."""
    built, honoured = ({hit.row["code"] for hit in hits if hit.layer is layer} for layer in (BUILDINGS, HONOURS))
    twice = (built & honoured) - {None}
    return {
        "grid": None if grid is None else {"code": grid["code"], "name": grid["name"]},
        "hits": [hit_entry(hit, viewer, twice) for hit in hits if hit.layer.name != "grids"],
    }


def hit_entry(hit: Hit, viewer: Viewer, twice: Container[str]) -> dict[str, Any]:
    """Return one thing at a spot: its name and its fields with values; `twice` are codes of honoured buildings."""
    honoured = hit.layer.name in TOLD_BY_THE_OTHER and hit.row["code"] in twice
    left_out = TOLD_BY_THE_OTHER[hit.layer.name] if honoured else ()
    name = gettext(HONOUR_KINDS[hit.row["kind"]]) if honoured and hit.layer is HONOURS else title(hit)
    lines = [
        [gettext(f.title), told(f, hit.row[f.name])]
        for f in hit.layer.seen_by(viewer)
        if hit.row.get(f.name) not in (None, name) and f.name not in left_out
    ]
    return {
        "layer": hit.layer.name,
        "title": gettext(hit.layer.title),
        "id": hit.row["id"],
        "name": name,
        "rows": lines,
        "act": honours_of(hit, viewer),
    }


def honours_of(hit: Hit, viewer: Viewer) -> dict[str, str] | None:
    """Return the way to the honours of a building, for who gives and ends them."""
    if hit.layer is not BUILDINGS or not hit.row["code"] or not viewer.may("honour.manage"):
        return None
    return {"label": gettext("Give or end an honour"), "href": url_for("honours.show", building=hit.row["code"])}


def title(hit: Hit) -> str:
    """Return what a row is called: its name, title or label, else the layer's."""
    for name in ("name", "title", "address", "compound", "label", "case_no", "code"):
        if hit.row.get(name):
            return str(hit.row[name])
    return gettext(hit.layer.title)


def told(f: Field, value: Any) -> str:
    """Return a value in the user's language, with its unit."""
    if f.kind == "list":
        return gettext(", ").join(
            gettext(f.words[item]) if f.words and item in f.words else str(item) for item in value
        )
    if f.words is not None:
        return gettext(f.words[value]) if value in f.words else str(value)
    if f.kind in ("date", "time"):
        return format_date(value, "yyyy-MM-dd")
    if f.kind == "boolean":
        return gettext("yes") if value else gettext("no")
    if f.kind in ("integer", "number") and f.name != "year":
        return f"{format_decimal(round(value))} {f.unit}".strip()
    return str(value)


def search(hits: list[Hit], more: bool) -> dict[str, Any]:
    """Return what bears the name, each with where to go, and whether there is more of it."""
    return {"hits": [search_entry(hit) for hit in hits], "more": more, "said": None}


def too_short() -> dict[str, Any]:
    """Return the answer to a search for one sign, which half of the names bear."""
    return {"hits": [], "more": False, "said": gettext("Type at least two signs.")}


def search_entry(hit: Hit) -> dict[str, Any]:
    """Return one search hit: what it is, where it lies, and how close to look."""
    code = hit.row.get("code") if hit.layer.found_as in ("area", "grid") else None
    below = hit.row.get("case_no") or hit.row.get("address") or hit.row.get("code") or hit.row.get("grid_code")
    return {
        "kind": hit.layer.found_as,
        "label": title(hit),
        "sub": " · ".join(part for part in (gettext(hit.layer.title), below) if part),
        "code": code,
        "lat": hit.lat,
        "lng": hit.lon,
        "zoom": hit.layer.found_at_zoom,
    }
