"""What the addresses of the forces ask for, and the tables that they send."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import Response, request

from gis import areas, audit
from gis.errors import Invalid
from gis.scope import Scope
from gis.words import N_
from layers.files.table import harmless
from layers.query import Asked
from webapp import access
from webapp.addresses import area_of, day_of, folded, written_day
from webapp.language import gettext


def scope_of(args: Mapping[str, str]) -> Scope:
    """Return the part of the territory and the day that the address asks for."""
    viewer = access.viewer()
    day = day_of(args.get("date"), access.today())
    return Asked(day, access.now(), area=area_of(args.get("area"), viewer)).scope(viewer)


def place() -> Any:
    """Return where the area of the address lies."""
    viewer = access.viewer()
    code = area_of(request.args.get("area"), viewer) or viewer.territory.home or ""
    return areas.whereabouts(access.database().session(), viewer, code, viewer.day)


def kept(*names: str) -> dict[str, Any]:
    """Return the parameters of the address that links go on with."""
    return {name: request.args[name] for name in ("area", "date", *names) if request.args.get(name)}


def day_in(name: str, otherwise: date | None = None) -> date:
    """Return a day of the form; raises Invalid without one."""
    text = folded(request.form.get(name))
    return otherwise if not text and otherwise is not None else written_day(text)


def number_in(name: str, least: int = 0, most: int = 999_999_999) -> int | None:
    """Return a whole number of the form, None when it is left empty; raises Invalid with its bounds for another."""
    text = folded(request.form.get(name))
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        told = N_("%(value)s is not a whole number from %(least)s to %(most)s.")
        raise Invalid(told, value=text[:40], least=least, most=most)
    return int(text)


def choice(value: str, known: Mapping[str, Any]) -> str:
    """Return a value of a filter that has a list of them; raises Invalid for another."""
    if value and value not in known:
        raise Invalid(N_("%(value)s is no value of a filter."), value=value)
    return value


def sent(name: str, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> Response:
    """Send a list as a table, and write down that it was taken."""
    access.viewer().require("layer.export")
    out, lines = io.StringIO(newline=""), [list(row) for row in rows]
    audit.record(access.database().session(), access.viewer(), "post.export", name, rows=len(lines))
    table = csv.writer(out)
    table.writerow([gettext(head) for head in heads])
    table.writerows([harmless("" if cell is None else cell) for cell in row] for row in lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)
