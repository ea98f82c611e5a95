"""Log in, log out, change the password."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from gis import users
from gis.errors import Invalid
from gis.viewer import ROLE_NAMES
from gis.words import N_
from webapp import access
from webapp.addresses import local_path
from webapp.language import gettext
from webapp.limits import limiter

bp = Blueprint("login", __name__)
LONGEST_NAME = 100


def tried() -> str:
    """Return the name that somebody tries to log in with."""
    return request.form.get("name", "").strip()[:LONGEST_NAME]


def failed(response: Response) -> bool:
    """Tell whether a log-in failed: only those count, as a whole office may come from one address."""
    return response.status_code >= 400


@bp.get("/login")
@access.public
def log_in() -> ResponseReturnValue:
    """Show the log-in page, and say why to those whose session has ended meanwhile."""
    ended = access.forget_ended()
    target = local_path(request.args.get("next"))
    return render_template("login.html", next=target, ended=ended, accounts=demo_accounts())


@bp.post("/login")
@access.public
@limiter.limit("10 per 15 minutes", key_func=lambda: f"{get_remote_address()} {tried()}", deduct_when=failed)
@limiter.limit("200 per 15 minutes", deduct_when=failed)
def enter() -> ResponseReturnValue:
    """Log in and go where the user wanted to."""
    database, target = access.database(), local_path(request.form.get("next"))
    try:
        viewer = users.log_in(database.session(), tried(), request.form.get("password", ""), access.today())
    except Invalid as error:
        with database.apart() as session:
            users.note_failure(session, tried())
        said = gettext(error.message, **error.params)
        return render_template("login.html", next=target, name=tried(), error=said, accounts=demo_accounts()), 400
    access.enter(viewer)
    return redirect(target)


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    """End this session and every other one of the account."""
    users.log_out(access.database().session(), access.viewer())
    access.leave()
    return redirect(url_for("login.log_in"))


@bp.get("/password")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    access.viewer().require("password.change")
    return render_template("password.html")


@bp.post("/password")
def change_password() -> ResponseReturnValue:
    """Change the password and stay logged in here."""
    form, viewer = request.form, access.viewer()
    if form.get("new") != form.get("again"):
        raise Invalid(N_("The two new passwords are not the same."))
    session = access.database().session()
    users.change_password(session, viewer, current=form.get("current", ""), new=form.get("new", ""))
    access.enter(viewer)
    flash(gettext("The password is changed."), "success")
    return redirect(url_for("login.password"))


def demo_accounts() -> list[dict[str, str]]:
    """Return the demo accounts that the log-in page names, none outside the demo."""
    found: list[dict[str, str]] = current_app.config.get("DEMO_ACCOUNTS", [])
    return [{**each, "label": gettext(ROLE_NAMES[each["name"]])} for each in found]
