"""Who is responsible on a day, how many there are of each force, and what is vacant; all of it in the address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gis import posts, staffing, vacancies
from gis.staffing import FORCES, LEGAL_FORCES, ROLES
from gis.words import N_
from webapp import access
from webapp.addresses import words_of
from webapp.forces.asked import choice, kept, place, scope_of, sent
from webapp.language import gettext

bp = Blueprint("forces", __name__)
PAGE, LAST_PAGE = 50, 10_000
EMPLOYMENT = {"full_time": N_("full-time"), "part_time": N_("part-time")}
HEADS = (N_("Role"), N_("Name"), N_("Work phone"), N_("Persons"), N_("Employment"), N_("Code of the grid or area"),
         N_("Grid or area"), N_("Since"), N_("Contract ends on"))  # fmt: skip
VACANT = (N_("What is lacking"), N_("Code of the grid or area"), N_("Grid or area"), N_("Village or community"),
          N_("Town or street"), N_("Contract ends on"))  # fmt: skip


@bp.get("/forces/")
def show() -> ResponseReturnValue:
    """Show who is responsible in an area on a day, with the numbers of each force."""
    session, viewer, scope, wanted = access.database().session(), access.viewer(), scope_of(request.args), asked()
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    rows, more = posts.listed(session, viewer, scope, wanted, (page - 1) * PAGE, PAGE)
    heads, shown = posts.heads(session, viewer, scope), page == 1 and scope.day == access.today()
    return render_template(
        "forces/show.html", rows=rows, more=more, page=page, heads=heads, legal=sum(heads[r] for r in LEGAL_FORCES),
        coming=posts.listed(session, viewer, scope, replace(wanted, ahead=True), most=PAGE)[0] if shown else [],
        legal_roles=LEGAL_FORCES, wanted=wanted, day=scope.day, place=place(), roles=ROLES, employment=EMPLOYMENT,
        given=kept("role", "employment", "text"), totals=posts.totals(session, viewer, scope, wanted),
        tally=vacancies.tally(session, viewer, scope), kinds=vacancies.KINDS, today=access.today(),
    )  # fmt: skip


@bp.get("/forces/list.csv")
def table() -> ResponseReturnValue:
    """Send what the list shows, all pages of it, as a table."""
    found = posts.listed(access.database().session(), access.viewer(), scope_of(request.args), asked())[0]
    return sent("forces", HEADS, map(line, found))


@bp.get("/forces/vacancies")
def vacant() -> ResponseReturnValue:
    """Show what is vacant, of one kind or of all."""
    session, viewer, scope = access.database().session(), access.viewer(), scope_of(request.args)
    kind = choice(request.args.get("kind", ""), vacancies.KINDS)
    return render_template(
        "forces/vacancies.html", rows=vacancies.listed(session, viewer, scope, kind), kind=kind, kinds=vacancies.KINDS,
        tally=vacancies.tally(session, viewer, scope), fills=vacancies.ROLES, permission=posts.permission,
        day=scope.day, place=place(), given=kept("kind"), today=access.today(),
    )  # fmt: skip


@bp.get("/forces/vacancies.csv")
def vacant_table() -> ResponseReturnValue:
    """Send exactly the vacancies that the page shows."""
    kind = choice(request.args.get("kind", ""), vacancies.KINDS)
    found = vacancies.listed(access.database().session(), access.viewer(), scope_of(request.args), kind)
    return sent("vacancies", VACANT, ((gettext(vacancies.KINDS[row.kind]), *row[1:]) for row in found))


@bp.get("/forces/teams")
def teams() -> ResponseReturnValue:
    """Show the corps and squads with their size and the area that they serve."""
    force = choice(request.args.get("force", ""), FORCES)
    found = staffing.teams(access.database().session(), access.viewer(), scope_of(request.args), force)
    sizes = {name: sum(row.size for row in found if row.force == name and row.rank == "corps") for name in FORCES}
    return render_template("forces/teams.html", rows=found, force=force, forces=FORCES, ranks=staffing.RANKS,
                           sizes=sizes, place=place(), given=kept("force"))  # fmt: skip


def asked() -> posts.Wanted:
    """Return role, employment and words of the address."""
    args = request.args
    role, employment = choice(args.get("role", ""), ROLES), choice(args.get("employment", ""), EMPLOYMENT)
    return posts.Wanted(role, employment, words_of(args.get("text")))


def line(row: Any) -> tuple[Any, ...]:
    """Return one post as the table has it."""
    employed = gettext(EMPLOYMENT[row.employment]) if row.employment else None
    return (gettext(ROLES[row.role]), row.name, row.work_phone, row.headcount, employed, row.code, row.place, row.since,
            row.contract_ends_on)  # fmt: skip
