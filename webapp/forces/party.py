"""The Party chain as a tree beside a map, and the functional branches village by village: numbers, no members."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gis import chain
from gis.party import FORCES, FORMS, KINDS, TIERS
from gis.words import N_
from layers import footing, paper
from webapp import access
from webapp.forces.asked import choice, kept, place, scope_of, sent
from webapp.language import gettext

bp = Blueprint("party", __name__)
WORDS = {"tiers": TIERS, "organisation_kinds": KINDS, "forms": FORMS, "forces": FORCES, "states": chain.STATES}
HEADS = (N_("Tier"), N_("Kind"), N_("Form"), N_("Force"), N_("Name"), N_("Members"), N_("Joint branch"),
         N_("Organisation above"), N_("Contact phone"))  # fmt: skip
VILLAGES = (N_("Town or street"), N_("Area code"), N_("Village or community"), N_("State"), FORCES["sunken_force"],
            FORCES["social_force"], N_("Members"))  # fmt: skip


@bp.get("/party/")
def show() -> ResponseReturnValue:
    """Show the tree with its first level, the figures of the chain, and the map of the chosen organisation."""
    session, viewer, scope = access.database().session(), access.viewer(), scope_of(request.args)
    rows, more = chain.level(session, viewer, scope, None)
    chosen = request.args.get("org", 0, int) or (rows[0].id if rows else 0)
    return render_template(
        "forces/party.html", rows=rows, more=more, place=place(), given=kept(), day=scope.day, parent=None, start=0,
        figures=chain.figures(session, viewer, scope), chosen=about(chosen) if chosen else None, depth=1,
        flagged=chain.flagged(session, viewer, scope), odd=is_odd, today=access.today(), **WORDS,
    )  # fmt: skip


@bp.get("/party/level/<int:number>")
def level(number: int) -> ResponseReturnValue:
    """Send the organisations right under one of them, as items of the tree."""
    start = max(request.args.get("start", 0, int), 0)
    rows, more = chain.level(access.database().session(), access.viewer(), scope_of(request.args), number, start)
    depth = min(max(request.args.get("depth", 2, int), 2), 9)
    return render_template("forces/level.html", rows=rows, more=more, parent=number, start=start, depth=depth,
                           odd=is_odd, given=kept(), **WORDS)  # fmt: skip


@bp.get("/party/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """Send one organisation with the map of its grids, as a fragment."""
    return render_template("forces/organisation.html", chosen=about(number), odd=is_odd, given=kept(), **WORDS)


@bp.get("/party/list.csv")
def table() -> ResponseReturnValue:
    """Send every organisation of the area as a table."""
    rows = chain.listed(access.database().session(), access.viewer(), scope_of(request.args))
    return sent("party", HEADS, map(line, rows))


@bp.get("/party/villages")
def villages() -> ResponseReturnValue:
    """Show which villages have functional branches of both kinds, of one, or none."""
    state = choice(request.args.get("state", ""), chain.STATES)
    rows = chain.by_village(access.database().session(), access.viewer(), scope_of(request.args))
    counts = {name: sum(each == name for each, _row in rows) for name in chain.STATES}
    shown = [(each, row) for each, row in rows if state in ("", each)]
    return render_template("forces/villages.html", rows=shown, counts=counts, state=state, total=len(rows),
                           place=place(), given=kept("state"), **WORDS)  # fmt: skip


@bp.get("/party/villages.csv")
def village_table() -> ResponseReturnValue:
    """Send exactly the villages that the page shows."""
    state = choice(request.args.get("state", ""), chain.STATES)
    rows = chain.by_village(access.database().session(), access.viewer(), scope_of(request.args))
    lines = ((row.town, row.code, row.name, gettext(chain.STATES[each]), row.sunken, row.social, row.members)
             for each, row in rows if state in ("", each))  # fmt: skip
    return sent("functional-branches", VILLAGES, lines)


def about(number: int) -> dict[str, Any]:
    """Return an organisation and the drawing of what it covers."""
    session, viewer, scope = access.database().session(), access.viewer(), scope_of(request.args)
    found = chain.one(session, viewer, scope, number)
    code, grids = chain.ground(session, viewer, scope, found)
    maps = footing.around(session, viewer, scope, code, grids)
    drawn = paper.drawn(maps) if any(each["features"] for each in maps.values()) else None
    return {"row": found, "drawn": drawn, "grids": len(grids), "code": code}


def is_odd(row: Any) -> str | None:
    """Return what is odd in the size of a branch, in words."""
    if row.kind not in chain.BRANCHES:
        return None
    if row.is_joint and row.units > chain.MOST_JOINT:
        return gettext(N_("joins more than 5 units"))
    if row.member_count < chain.FEWEST:
        return gettext(N_("fewer than 3 members"))
    return gettext(N_("more than 50 members")) if row.member_count > chain.MOST else None


def line(row: Any) -> tuple[Any, ...]:
    """Return one organisation as the table has it."""
    force = gettext(FORCES[row.force]) if row.force else None
    return (row.tier, gettext(KINDS[row.kind]), gettext(FORMS[row.form]), force, row.name, row.member_count,
            gettext(N_("yes")) if row.is_joint else "", row.above, row.contact_phone)  # fmt: skip
