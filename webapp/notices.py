"""The public notice board of a grid: the one map page that everyone may read, made to be printed on A3."""

from __future__ import annotations

import segno
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from gis import notices
from gis.database import admit
from gis.resources import POINT_KINDS
from gis.staffing import ROLES
from layers.poster import poster
from webapp import access
from webapp.limits import limiter

bp = Blueprint("notices", __name__)


@bp.get("/notice/<code>")
@access.public
@limiter.limit("120 per minute", key_func=get_remote_address)
def show(code: str) -> ResponseReturnValue:
    """Show who works in a grid and whom to call, with its map and a QR code that leads back here."""
    anyone = notices.passer_by(code, access.today())
    session = access.database().session()
    admit(session, anyone)
    found = notices.notice(session, anyone, code)
    here = url_for("notices.show", code=code, _external=True)
    mark = segno.make(here, error="m").svg_inline(border=0, svgclass="qr-code", omitsize=True)
    return render_template(
        "notice.html", notice=found, poster=poster(found), here=here, mark=mark, roles=ROLES, kinds=POINT_KINDS,
        settings=access.settings(), day=access.today(), printable=request.args.get("print") is not None,
    )  # fmt: skip
