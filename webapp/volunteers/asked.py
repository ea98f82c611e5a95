"""What addresses and forms of these pages ask for; a wrong value is said, never guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response

from gis import areas
from gis.errors import Invalid
from gis.resources import AVAILABILITY, POINT_KINDS, SKILLS
from gis.scope import Scope
from gis.viewer import Viewer
from gis.volunteers import places, points, teams
from gis.words import N_
from layers.files.table import harmless
from layers.query import Asked
from webapp import access
from webapp.addresses import area_of, day_of, folded, grid_of, words_of

DISTANCES = (500, 1000, 2000, 5000)


def asked_of(args: Mapping[str, str], viewer: Viewer) -> Asked:
    """Return the part of the territory that the address asks for, now."""
    return Asked(access.today(), access.now(), area=area_of(args.get("area"), viewer))


def asked_on_day(args: Mapping[str, str], viewer: Viewer) -> Asked:
    """Return the part of the territory that the address asks for, on its day."""
    return replace(asked_of(args, viewer), day=day_of(args.get("date"), access.today()))


def scope_of(args: Mapping[str, str], viewer: Viewer) -> Scope:
    """Return the part of the territory that the address asks for, as a core function takes it."""
    return asked_of(args, viewer).scope(viewer)


def place_of(args: Mapping[str, str], viewer: Viewer) -> areas.Whereabouts:
    """Return where the area of the address lies in the tree."""
    code = area_of(args.get("area"), viewer) or viewer.territory.home or ""
    return areas.whereabouts(access.database().session(), viewer, code, viewer.day)


def team_filters(args: Mapping[str, str]) -> teams.Wanted:
    """Return the filters of the list of teams."""
    near = folded(args.get("near"))
    return teams.Wanted(
        skill=choice(args.get("skill"), SKILLS),
        availability=choice(args.get("availability"), AVAILABILITY),
        text=words_of(args.get("text")),
        near=grid_of(near) if near else "",
        within=number(args.get("within") or "2000"),
        free=args.get("free") == "1",
        closed=args.get("closed") == "1",
    )


def point_filters(args: Mapping[str, str]) -> points.Wanted:
    """Return the filters of the list of service points."""
    kind = choice(args.get("kind"), POINT_KINDS)
    return points.Wanted(kind=kind, item=words_of(args.get("item")), open=args.get("open") == "1",
                         closed=args.get("closed") == "1")  # fmt: skip


def told(args: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return the parameters of an address that ask for something."""
    return {name: args[name] for name in ("area", *names) if args.get(name)}


def choice(value: str | None, known: Mapping[str, str]) -> str:
    """Return a value of a list, empty for none; raises Invalid for another."""
    text = folded(value)
    if text and text not in known:
        raise Invalid(N_("%(value)s is no value of a filter."), value=text)
    return text


def number(text: str | None) -> int:
    """Return a whole number; raises Invalid for what is none."""
    digits = folded(text)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise Invalid(N_("“%(value)s” is not a whole number."), value=text or "")
    return int(digits)


def decimal(text: str | None) -> float:
    """Return a number; raises Invalid for what is none."""
    try:
        found = float(folded(text))
    except ValueError:
        found = float("nan")
    if not -1e9 < found < 1e9:
        raise Invalid(N_("“%(value)s” is not a number."), value=text or "")
    return found


def day(text: str | None) -> date:
    """Return a day; raises Invalid for what is none."""
    try:
        return date.fromisoformat(folded(text))
    except ValueError:
        raise Invalid(N_("%(value)s is not a day; write it as 2026-01-31."), value=text or "") from None


def closing_of(form: Mapping[str, str], action: str, number_: int) -> places.Closing:
    """Return the closing that a form asks for; without a day it is taken back."""
    last = day(form.get("closed_on")) if form.get("closed_on") else None
    return places.Closing(action, number_, number(form.get("revision")), last)


def table(name: str, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> Response:
    """Return rows as a table that a spreadsheet opens and takes no formula from."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(heads)
    lines.writerows(["" if cell is None else harmless(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)
