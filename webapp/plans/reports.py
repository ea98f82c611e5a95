"""What a plan does, to be read and printed: its impact, and its comparison with what is in force."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from gis.errors import NotFound
from gis.fabric import store as fabrics
from gis.party import KINDS as ORGANISATION_KINDS
from gis.plans import compare as comparing
from gis.plans import impact as impacts
from gis.plans import store
from gis.plans.impact.account import LINES
from gis.plans.tables import Plan
from gis.staffing import ROLES
from gis.words import N_
from layers import differences
from layers.files.table import harmless
from webapp import access
from webapp.plans import paper
from webapp.plans.pages import relatives

bp = Blueprint("reports", __name__)


@bp.get("/plans/<int:plan_id>/impact")
def impact(plan_id: int) -> ResponseReturnValue:
    """Show what the plan does: grids, buildings, cases, loads and organisations, before and after, and a map pair."""
    session, viewer = access.database().session(), access.viewer()
    plan, account = store.find(session, viewer, plan_id), account_of(plan_id)
    return render_template(
        "plans/impact.html", plan=plan, account=account, pair=pair(account["maps"]), parts=LINES,
        fates=impacts.FATES, roles=ROLES, kinds=ORGANISATION_KINDS,
    )  # fmt: skip


@bp.get("/plans/<int:plan_id>/impact.csv")
def impact_csv(plan_id: int) -> ResponseReturnValue:
    """Send one part of the impact as a table."""
    part = request.args.get("part", "grids")
    if part not in LINES:
        raise NotFound(N_("There is no part %(part)s of the impact report."), part=part)
    rows = impacts.report(access.database().session(), access.viewer(), plan_id).table(part)
    out = io.StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    name = f"plan-{plan_id}-impact-{part}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


@bp.get("/plans/<int:plan_id>/compare")
def compare(plan_id: int) -> ResponseReturnValue:
    """Show which cells change, over the outlines in force, or beside another plan."""
    session, viewer, number = access.database().session(), access.viewer(), request.args.get("with", None, int)
    plan = store.find(session, viewer, plan_id)
    other = None if number is None else store.find(session, viewer, number)
    found = comparing.against_force(session, viewer, plan_id)
    if other is not None:
        found = comparing.between(session, viewer, other.id, plan_id)
    drawn = drawing(plan, found.cells) if other is None else None
    page = {"plan": plan, "other": other, "found": found, "drawn": drawn, "others": relatives(plan)}
    return render_template("plans/compare.html", **page)


def drawing(plan: Plan, cells: list[int]) -> dict[str, Any]:
    """Return the outlines in force, those of the plan, and the cells that change, on one sheet."""
    session, viewer = access.database().session(), access.viewer()
    maps = account_of(plan.id)["maps"]
    outlines = fabrics.shapes(session, viewer, list(plan.fabrics))
    return pair({**maps, "moved": differences.moved(*outlines, cells)})


def account_of(plan_id: int) -> dict[str, Any]:
    """Return the account of a plan: of a published one as it was kept, else as of today."""
    account = impacts.report(access.database().session(), access.viewer(), plan_id).json()
    account["load"] = [{**line, "changed": changes(line)} for line in account["load"]]
    return account


def changes(line: dict[str, Any]) -> bool:
    """Tell whether somebody answers for other grids, households or cases than before."""
    return any(line[f"{name}_before"] != line[f"{name}_after"] for name in ("grids", "households", "cases"))


def pair(maps: dict[str, Any]) -> dict[str, Any]:
    """Return the outlines before and after on sheets of the same frame."""
    shared = paper.sheet(maps.values())
    return {"sheet": shared, **{name: shared.shapes(collection) for name, collection in maps.items()}}
