"""Volunteer teams: the list, a team's page, the form to add or change one, and what it did."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis import audit, deadlines
from gis.resources import AVAILABILITY, SKILLS, VolunteerTeam
from gis.volunteers import calls, places, reach, teams
from gis.volunteers.calls import ANSWERS
from gis.words import N_
from layers import circle, paper
from webapp import access, small_map
from webapp.language import gettext
from webapp.volunteers.asked import (
    DISTANCES,
    closing_of,
    day,
    decimal,
    number,
    place_of,
    scope_of,
    table,
    team_filters,
    told,
)

bp = Blueprint("teams", __name__)
FILTERS = ("skill", "availability", "text", "near", "within", "free", "closed")
WORDS = {"skills": SKILLS, "availabilities": AVAILABILITY, "answers": ANSWERS}


@bp.get("/volunteers/")
def listed() -> ResponseReturnValue:
    """Show the teams that the address asks for."""
    args, rows = request.args, found()
    shown = {"wanted": team_filters(args), "given": told(args, *FILTERS), "place": place_of(args, access.viewer())}
    return render_template("volunteers/teams.html", rows=rows, free=free(rows), distances=DISTANCES, **shown, **WORDS)


@bp.get("/volunteers/teams.csv")
def export() -> ResponseReturnValue:
    """Send what the list shows as a table."""
    session, viewer = access.database().session(), access.viewer()
    viewer.require("layer.export")
    rows = found()
    audit.record(session, viewer, "resource.export", "teams", rows=len(rows), filter=told(request.args, *FILTERS))
    return table("teams", map(gettext, HEADS), map(cells, rows))


@bp.get("/volunteers/teams/<int:team_id>")
def show(team_id: int) -> ResponseReturnValue:
    """Show one team: where it stands, what it reaches and can do, what it did, and whereto it was called."""
    session, viewer = access.database().session(), access.viewer()
    row = teams.found(session, viewer, team_id)
    return render_template("volunteers/team.html", row=row, today=access.today(), **about(row.VolunteerTeam), **WORDS)


@bp.get("/volunteers/teams/new")
def new() -> ResponseReturnValue:
    """Show the form for a new team."""
    access.viewer().require("resource.manage")
    return form_of(None)


@bp.get("/volunteers/teams/<int:team_id>/edit")
def edit(team_id: int) -> ResponseReturnValue:
    """Show the form of a team."""
    access.viewer().require("resource.manage")
    return form_of(teams.found(access.database().session(), access.viewer(), team_id))


def form_of(row: Any) -> str:
    """Return the form of a team, of a new one without a row."""
    team = row.VolunteerTeam if row else None
    return render_template("volunteers/team_form.html", at=row, thing=team, farthest=reach.FARTHEST_M,
                           today=access.today(), **WORDS, **small_map.of_page())  # fmt: skip


@bp.post("/volunteers/teams")
def create() -> ResponseReturnValue:
    """Store a new team."""
    made = teams.put(access.database().session(), access.viewer(), team_of(request.form))
    flash(gettext(N_("Stored: %(name)s."), name=made.name), "success")
    return redirect(url_for("teams.show", team_id=made.id))


@bp.post("/volunteers/teams/<int:team_id>")
def change(team_id: int) -> ResponseReturnValue:
    """Change a team on the revision that the form showed."""
    revision = number(request.form.get("revision"))
    made = teams.put(access.database().session(), access.viewer(), team_of(request.form), team_id, revision)
    flash(gettext(N_("Stored: %(name)s."), name=made.name), "success")
    return redirect(url_for("teams.show", team_id=made.id))


@bp.post("/volunteers/teams/<int:team_id>/close")
def close(team_id: int) -> ResponseReturnValue:
    """Close a team from a day on, or take that back while it lies ahead."""
    asked = closing_of(request.form, "team.close", team_id)
    made = places.close(access.database().session(), access.viewer(), VolunteerTeam, asked)
    flash(gettext(N_("Stored: %(name)s."), name=made.name), "success")
    return redirect(url_for("teams.show", team_id=team_id))


@bp.post("/volunteers/teams/<int:team_id>/activities")
def record(team_id: int) -> ResponseReturnValue:
    """Store what a team did."""
    form = request.form
    activity = teams.Activity(
        day(form.get("held_on")),
        form.get("name", ""),
        form.get("site", ""),
        number(form.get("participants")),
        decimal(form.get("hours")),
    )
    teams.record(access.database().session(), access.viewer(), team_id, activity, access.now())
    flash(gettext(N_("The activity is recorded.")), "success")
    return redirect(url_for("teams.show", team_id=team_id))


def found() -> list[Any]:
    """Return the teams that the address asks for."""
    viewer = access.viewer()
    return teams.listed(access.database().session(), viewer, scope_of(request.args, viewer), team_filters(request.args))


def free(rows: list[Any]) -> dict[int, bool]:
    """Return which of the teams can come now, as their hours say."""
    calendar, now = deadlines.calendar(access.database().session()), access.now()
    return {row.VolunteerTeam.id: reach.free(row.VolunteerTeam.availability, now, calendar) for row in rows}


def about(team: VolunteerTeam) -> dict[str, Any]:
    """Return what a team's page shows beside the team itself."""
    session, viewer = access.database().session(), access.viewer()
    return {
        "team": team,
        "grids": reach.grids_of(session, viewer, team),
        "drawn": paper.drawn(circle.around(session, viewer, team)),
        "activities": teams.activities(session, viewer, team.id),
        "months": teams.months(session, viewer, team.id),
        "calls": calls.of_team(session, viewer, team.id),
    }


def team_of(form: Any) -> teams.Told:
    """Return what the form says of a team."""
    return teams.Told(
        form.get("name", ""),
        tuple(form.getlist("skills")),
        form.get("availability", ""),
        number(form.get("active")),
        number(form.get("registered")),
        number(form.get("radius_m")),
        decimal(form.get("lon")),
        decimal(form.get("lat")),
        form.get("phone", ""),
    )


def cells(row: Any) -> list[Any]:
    """Return a team as a line of the table."""
    team = row.VolunteerTeam
    return [
        team.name,
        row.village,
        row.grid_code,
        gettext(", ").join(gettext(SKILLS[each]) for each in team.skills),
        team.active_count,
        team.registered_count,
        gettext(AVAILABILITY[team.availability]),
        team.radius_m,
        gettext("yes") if team.open_calls else gettext("no"),
        None if row.metres is None else int(row.metres),
        f"{row.lon:.6f}",
        f"{row.lat:.6f}",
        team.closed_on,
    ]


HEADS = (
    N_("Name"),
    N_("Village or community"),
    N_("Grid code"),
    N_("Skills"),
    N_("Active volunteers"),
    N_("Registered volunteers"),
    N_("Availability"),
    N_("Radius"),
    N_("busy"),
    N_("Metres"),
    N_("Longitude"),
    N_("Latitude"),
    N_("Closed from"),
)
"""The columns of the table."""
