"""What a plan does, to be read and printed: its impact, and its comparison with what is in force."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from gis import areas
from gis.errors import NotFound
from gis.fabric import store as fabrics
from gis.plans import compare as comparing
from gis.plans import impact as impacts
from gis.plans import store
from gis.plans.impact.account import COLUMNS, FATES, KINDS, Impact
from gis.plans.impact.figures import SHARES, TITLES
from gis.plans.tables import Plan
from gis.staffing import ROLES
from gis.words import N_
from layers import differences, paper, sheets
from webapp import access
from webapp.plans.account import indicators, table

bp = Blueprint("reports", __name__)
Named = tuple[str, dict[str, Any]]
"""The name of a village, and what is drawn of it."""
QUIET = ("same", "fitted")
"""Fates of grids that keep their ground."""


@bp.get("/plans/<int:plan_id>/impact")
def impact(plan_id: int) -> ResponseReturnValue:
    """Show what the plan does: figures, buildings, cases, loads and organisations, before and after, and a map pair."""
    session, viewer = access.database().session(), access.viewer()
    plan, account = store.find(session, viewer, plan_id), impacts.report(session, viewer, plan_id)
    names = areas.names(session, {line.code for line in account.areas})
    return render_template(
        "plans/impact.html", plan=plan, account=told(account), rows=indicators(account, names),
        drawn=sheets.sheets(*maps(plan, account, comparing.against_force(session, viewer, plan_id).cells)),
        titles=TITLES, shares=SHARES, fates=FATES, roles=ROLES, kinds=KINDS,
    )  # fmt: skip


@bp.get("/plans/<int:plan_id>/impact.csv")
def impact_csv(plan_id: int) -> ResponseReturnValue:
    """Send one part of the impact as a table."""
    part = request.args.get("part", "grids")
    if part not in COLUMNS:
        raise NotFound(N_("There is no part %(part)s of the impact report."), part=part)
    account = impacts.report(access.database().session(), access.viewer(), plan_id)
    headers = {"Content-Disposition": f'attachment; filename="plan-{plan_id}-impact-{part}.csv"'}
    return Response("\ufeff" + table(account, part), mimetype="text/csv", headers=headers)


@bp.get("/plans/<int:plan_id>/compare")
def compare(plan_id: int) -> ResponseReturnValue:
    """Show which cells change, over the outlines in force, or beside another plan."""
    session, viewer, number = access.database().session(), access.viewer(), request.args.get("with", None, int)
    plan, other = store.find(session, viewer, plan_id), number and store.find(session, viewer, number)
    drawn: list[Named]
    if other:
        found, drawn, still = comparing.between(session, viewer, other.id, plan_id), [], 0
    else:
        found = comparing.against_force(session, viewer, plan_id)
        drawn, still = over(*maps(plan, impacts.report(session, viewer, plan_id), found.cells))
    page = {"plan": plan, "other": other, "found": found, "drawn": drawn, "still": still}
    return render_template("plans/compare.html", others=store.relatives(session, viewer, plan), **page)


def maps(plan: Plan, account: Impact, cells: list[int]) -> tuple[sheets.Maps, dict[str, str], int]:
    """Return the outlines of an account with the cells that change, the names of its villages, and how many stay out.

    A village where nothing but the fit of a line changes stays out, unless that is so in all of them.
    """
    session, viewer = access.database().session(), access.viewer()
    moved = differences.moved(*fabrics.shapes(session, viewer, list(plan.fabrics)), cells)
    names = areas.names(session, list(plan.fabrics))
    touched = {line.code[:12] for line in account.grids if line.fate not in QUIET}
    shown = {code: name for code, name in names.items() if code in touched} or names
    return {**account.maps, "moved": moved}, shown, len(names) - len(shown)


def over(found: sheets.Maps, shown: dict[str, str], still: int) -> tuple[list[Named], int]:
    """Return a plan over what is in force, a named sheet for each village, and how many villages stay out."""
    moving = sheets.moved(found)
    parts = {code: sheets.within(found, [code], moving) for code in sorted(shown)}
    return [(shown[code], paper.drawn(part, villages=[shown[code]])) for code, part in parts.items()], still


def told(account: Impact) -> dict[str, Any]:
    """Return an account as its page shows it: what changes stands first."""
    plain = account.json()
    plain["load"] = [{**line, "changed": changes(line)} for line in plain["load"]]
    plain["grids"] = [{**line, "changed": alters(line)} for line in plain["grids"]]
    plain["organisations"] = [{**line, "changed": line["before"] != line["after"]} for line in plain["organisations"]]
    return plain


def alters(line: dict[str, Any]) -> bool:
    """Tell whether a grid becomes another one, or anything that is told of it does."""
    if line["fate"] not in QUIET:
        return True
    return any(line["before"][name] != line["after"][name] for name in line["before"] if name != "area_m2")


def changes(line: dict[str, Any]) -> bool:
    """Tell whether somebody answers for other grids, households or cases than before."""
    return any(line[f"{name}_before"] != line[f"{name}_after"] for name in ("grids", "households", "cases"))
