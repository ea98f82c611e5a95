"""Putting somebody on a role, handing it over, ending it; and from one vacancy to the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis import leaving, posts, vacancies
from gis.errors import Invalid, NotFound
from gis.staffing import ROLES
from gis.words import N_
from webapp import access
from webapp.addresses import folded
from webapp.forces.asked import choice, day_in, kept, number_in, scope_of
from webapp.forces.pages import EMPLOYMENT
from webapp.language import gettext

bp = Blueprint("posts", __name__)


@bp.get("/forces/<code>/<role>")
def edit(code: str, role: str) -> ResponseReturnValue:
    """Show who holds a role on a place, and the form that puts somebody on it."""
    if role not in ROLES:
        raise NotFound(N_("There is no such role."))
    session, viewer, today = access.database().session(), access.viewer(), access.today()
    found = posts.place_of(session, viewer, folded(code), today)
    holders, state = posts.holders(session, viewer, found.code, role, today)
    kind = choice(request.args.get("kind", ""), vacancies.KINDS)
    return render_template(
        "forces/post.html", place=found, role=role, roles=ROLES, holders=holders, state=state, today=today, kind=kind,
        candidates=posts.candidates(session, viewer, found.code, role, today), counted=posts.COUNTED,
        left=vacancies.listed(session, viewer, scope_of(request.args), kind) if kind else [], kinds=vacancies.KINDS,
        employment=EMPLOYMENT, given=kept("kind"), year=today + timedelta(days=365), follower=leaving.follower,
    )  # fmt: skip


@bp.post("/forces/<code>/<role>")
def assign(code: str, role: str) -> ResponseReturnValue:
    """Put somebody on a role, and lead to the next vacancy of the kind that was worked on."""
    form, today = request.form, access.today()
    ends = day_in("contract_ends_on") if form.get("contract_ends_on") else None
    given = posts.Post(
        role, folded(code), day_in("since", today), number_in("staff"),
        number_in("headcount", 1, posts.MOST_HEADS) or 1, form.get("employment") or None, ends, form.get("seen", ""),
    )  # fmt: skip
    posts.assign(access.database().session(), access.viewer(), given, today)
    flash(gettext(N_("Assigned: %(role)s."), role=gettext(ROLES[role])), "success")
    return redirect(behind(given.code, role))


@bp.post("/forces/posts/<int:post_id>/end")
def end(post_id: int) -> ResponseReturnValue:
    """Let a post end after a day."""
    last = day_in("last", access.today())
    post = leaving.end(access.database().session(), access.viewer(), post_id, last, access.today())
    flash(gettext(N_("The post ends on %(day)s; what was stays as it was."), day=last), "success")
    return redirect(back(post))


@bp.post("/forces/posts/<int:post_id>/take-back")
def take_back(post_id: int) -> ResponseReturnValue:
    """Take back what is arranged of a post for a day ahead."""
    session, viewer, today = access.database().session(), access.viewer(), access.today()
    post = leaving.take_back(session, viewer, post_id, request.form.get("seen", ""), today)
    flash(gettext(N_("Taken back; it is as if it had not been arranged.")), "success")
    return redirect(back(post))


@bp.post("/forces/posts/<int:post_id>/hand-over")
def hand_over(post_id: int) -> ResponseReturnValue:
    """Let another member of staff go on with a post."""
    staff, since = number_in("staff"), day_in("since", access.today())
    if staff is None:
        raise Invalid(N_("Choose somebody."))
    ends = day_in("contract_ends_on") if request.form.get("contract_ends_on") else None
    made = leaving.hand_over(access.database().session(), access.viewer(), post_id, staff, since, access.today(), ends,
                           request.form.get("employment") or None)  # fmt: skip
    flash(gettext(N_("Handed over from %(day)s on."), day=since), "success")
    return redirect(back(made))


def behind(code: str, role: str) -> str:
    """Return the address of the next vacancy of the kind, of the list when none is left, else of the post itself."""
    kind = choice(request.args.get("kind", ""), vacancies.KINDS)
    if not kind or not request.form.get("next"):
        return url_for("posts.edit", code=code, role=role, **kept("kind"))
    session, viewer = access.database().session(), access.viewer()
    following = vacancies.next_after(session, viewer, scope_of(request.args), kind, code)
    if following is None or following.code == code:
        return url_for("forces.vacant", **kept("kind"))
    return url_for("posts.edit", code=following.code, role=role, **kept("kind"))


def back(post: Any) -> str:
    """Return the address of the page of a post."""
    code = post.area_code or str(post.territory)
    return url_for("posts.edit", code=code, role=post.role, **kept("kind"))
