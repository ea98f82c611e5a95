"""What the address of the list asks for; a wrong value is said, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from flask import url_for

from gis.cases import CATEGORIES, SOURCES, STATUSES
from gis.cases.register import STATES, Wanted
from gis.errors import Invalid
from gis.scope import Scope
from gis.stages import STAGES
from gis.viewer import Viewer
from gis.words import N_
from layers.query import Asked
from webapp import access
from webapp.addresses import area_of, box_of, calendar_day, folded, words_of

CHOICES: dict[str, Mapping[str, str]] = {
    "state": STATES, "category": CATEGORIES, "status": STATUSES, "source": SOURCES,
    "urgency": {"normal": N_("normal"), "urgent": N_("urgent")}, "late": STAGES,
}  # fmt: skip


def wanted_of(args: Mapping[str, str]) -> Wanted:
    """Return the filters of an address; without any, the open cases."""
    chosen = {name: choice(name, folded(args.get(name))) for name in CHOICES}
    days = {name: day(folded(args.get(name))) for name in ("since", "until")}
    state = chosen.pop("state") or "open"
    box = box_of(args.get("bbox"))
    bbox = ",".join(f"{each:.6f}" for each in box) if box else ""
    text, mine = words_of(args.get("text")), args.get("mine") == "1"
    return Wanted(state=state, **chosen, **days, text=text, mine=mine, bbox=bbox)  # type: ignore[arg-type]


def choice(name: str, value: str) -> str:
    """Return a value of a filter that has a list of them; raises Invalid for another."""
    if value and value not in CHOICES[name]:
        raise Invalid(N_("%(value)s is no value of a filter."), value=value)
    return value


def day(value: str) -> date | None:
    """Return a day of the address, None for none."""
    return calendar_day(value) if value else None


def scope_of(args: Mapping[str, str], viewer: Viewer) -> Scope:
    """Return the part of the territory that the address asks for, now."""
    return Asked(access.today(), access.now(), area=area_of(args.get("area"), viewer)).scope(viewer)


def url_of(filters: Mapping[str, Any]) -> str:
    """Return the address of the list with filters."""
    return url_for("cases.listed", **dict(filters))


def told(wanted: Wanted, area: str | None) -> dict[str, Any]:
    """Return the filters as the parameters of an address, those that ask for nothing left out."""
    given = {each.name: getattr(wanted, each.name) for each in fields(wanted)} | {"area": area}
    given["mine"] = "1" if wanted.mine else ""
    return {name: str(value) for name, value in given.items() if value}
