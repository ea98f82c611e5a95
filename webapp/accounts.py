"""The accounts page: who may log in, in which role and territory; for the system administrator."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gis import users
from webapp import access

bp = Blueprint("accounts", __name__)


@bp.get("/users")
def show() -> ResponseReturnValue:
    """Show the accounts and their territories today."""
    session, viewer = access.database().session(), access.viewer()
    return render_template("users.html", accounts=users.accounts(session, viewer, access.today()))
