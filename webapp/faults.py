"""What went wrong, in the user's language: a page for people, JSON for scripts; a 500 says nothing of its cause."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from gis.errors import Conflict, Invalid, NotAllowed, NotFound, Refused, TooMany, Unavailable, WanggeError
from gis.words import N_
from webapp import transaction
from webapp.access import by_script
from webapp.language import gettext

STATUS = {NotFound: 404, NotAllowed: 403, Invalid: 400, Conflict: 409, Refused: 422, TooMany: 429, Unavailable: 503}
TITLES = {
    400: N_("That cannot be read"),
    401: N_("Please log in"),
    403: N_("Not included in your role"),
    404: N_("Not found"),
    405: N_("Not possible here"),
    409: N_("That contradicts what is stored"),
    413: N_("The file is too large"),
    422: N_("Refused"),
    429: N_("Too many tries"),
    500: N_("Something went wrong on the server"),
    503: N_("The database does not answer"),
}
TOO_LARGE = ("22003", "22008")
"""Codes of PostgreSQL: a number, a day out of range."""
SENTENCES = {
    400: N_("A value is out of range, or holds a sign that cannot be written."),
    404: N_("There is nothing at this address, or it lies outside your territory."),
    405: N_("This address does not take that kind of request."),
    413: N_("A file may have at most %(limit)s MB. Send a smaller one, or split it."),
    429: N_("Too many wrong passwords. Wait 15 minutes, then try again."),
    500: N_("It was written to the log. Try again; if it stays, tell the administrator the time."),
    503: N_("Try again in a minute; if it stays, tell the administrator."),
}


def init_app(app: Flask) -> None:
    """Answer every error in one place."""
    app.register_error_handler(WanggeError, told)
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(OperationalError, without_database)
    app.register_error_handler(DataError, out_of_range)
    app.before_request(refuse_zero)
    app.register_error_handler(Exception, unforeseen)


def told(error: WanggeError) -> ResponseReturnValue:
    """Answer with the sentence of a domain error."""
    return answer(STATUS.get(type(error), 400), gettext(error.message, **error.params))


def forged(_error: CSRFError) -> ResponseReturnValue:
    """Answer a form that does not come from a page of this session."""
    return answer(400, gettext("This form has expired. Go back, reload the page and send it again."))


def refused(error: HTTPException) -> ResponseReturnValue:
    """Answer an HTTP error with our own words."""
    code = error.code or 500
    if code < 400:
        return error.get_response()
    limit = (current_app.config["MAX_CONTENT_LENGTH"] or 0) // 2**20
    return answer(code, gettext(SENTENCES.get(code, SENTENCES[404]), limit=limit))


def without_database(error: OperationalError) -> ResponseReturnValue:
    """Answer while the database is down."""
    current_app.logger.error("database: %s", error.orig)
    let_go()
    return answer(503, gettext(SENTENCES[503]))


def refuse_zero() -> ResponseReturnValue | None:
    """Refuse the sign of number zero, which no text of ours holds and the database does not take."""
    signs = {"application/json": b"\\u0000", "application/x-www-form-urlencoded": b"%00"}
    sign = signs.get(request.mimetype)
    held = b"%00" in request.query_string or "\0" in request.path or (sign and sign in request.get_data())
    return answer(400, gettext(SENTENCES[400])) if held else None


def out_of_range(error: DataError) -> ResponseReturnValue:
    """Answer for a number or a day that fits into no column; whatever else is wrong with data is ours."""
    if getattr(error.orig, "pgcode", None) not in TOO_LARGE:
        return unforeseen(error)
    current_app.logger.warning("out of range: %s", error.orig)
    let_go()
    return answer(400, gettext(SENTENCES[400]))


def unforeseen(error: Exception) -> ResponseReturnValue:
    """Log what nobody foresaw and say nothing of its cause."""
    current_app.logger.exception("unforeseen", exc_info=error)
    let_go()
    return answer(500, gettext(SENTENCES[500]))


def let_go() -> None:
    """Give the session back as it is: the page of the error asks the database nothing, not even who is logged in."""
    transaction.close(None)
    g.setdefault("_login_user", AnonymousUserMixin())


def answer(code: int, sentence: str) -> ResponseReturnValue:
    """Return the sentence as JSON or as a page, as the address and who asks want it."""
    g.faulty = True
    if by_script():
        return {"error": sentence}, code
    title = gettext(TITLES.get(code, TITLES[404]))
    return render_template("error.html", code=code, title=title, message=sentence, back=came_from()), code


def came_from() -> str | None:
    """Return the page of ours that a form was sent from, to go back to."""
    before = urlsplit(request.referrer or "")
    ours = request.method == "POST" and before.netloc == request.host
    return urlunsplit(("", "", before.path, before.query, "")) if ours else None
