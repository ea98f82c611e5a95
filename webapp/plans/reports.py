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
from webapp.plans.pages import relatives

bp = Blueprint("reports", __name__)


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
    plan = store.find(session, viewer, plan_id)
    other = None if number is None else store.find(session, viewer, number)
    found = comparing.against_force(session, viewer, plan_id)
    if other is not None:
        found = comparing.between(session, viewer, other.id, plan_id)
    drawn = None if other else over(*maps(plan, impacts.report(session, viewer, plan_id), found.cells))
    page = {"plan": plan, "other": other, "found": found, "drawn": drawn, "others": relatives(plan)}
    return render_template("plans/compare.html", **page)


def maps(plan: Plan, account: Impact, cells: list[int]) -> tuple[sheets.Maps, dict[str, str]]:
    """Return the outlines in force, those of the plan and the cells that change, and the names of the villages."""
    session, viewer = access.database().session(), access.viewer()
    moved = differences.moved(*fabrics.shapes(session, viewer, list(plan.fabrics)), cells)
    return {**account.maps, "moved": moved}, areas.names(session, list(plan.fabrics))


def over(found: sheets.Maps, names: dict[str, str]) -> dict[str, Any]:
    """Return a plan over what is in force, on one sheet: the villages that change."""
    shown = sheets.changing(found, names)
    return {**paper.drawn(sheets.within(found, shown), villages=shown.values()), "still": len(names) - len(shown)}


def told(account: Impact) -> dict[str, Any]:
    """Return an account as its page shows it: what changes stands first."""
    plain = account.json()
    plain["load"] = [{**line, "changed": changes(line)} for line in plain["load"]]
    plain["grids"] = [{**line, "changed": alters(line)} for line in plain["grids"]]
    return plain


def alters(line: dict[str, Any]) -> bool:
    """Tell whether a grid becomes another one, or anything that is told of it does."""
    if line["fate"] not in ("same", "fitted"):
        return True
    return any(line["before"][name] != line["after"][name] for name in line["before"] if name != "area_m2")


def changes(line: dict[str, Any]) -> bool:
    """Tell whether somebody answers for other grids, households or cases than before."""
    return any(line[f"{name}_before"] != line[f"{name}_after"] for name in ("grids", "households", "cases"))
