"""The two languages of the interface: Chinese first, English complete."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel, format_decimal, format_percent, get_translations
from flask_babel import gettext as translate

from gis.indicators.kpis import shown
from gis.words import Word
from webapp.addresses import local_path

LANGUAGES = ("zh", "en")
bp = Blueprint("language", __name__)


def gettext(message: str, **params: Any) -> str:
    """Return a message in the language of the request, and with it the parameters that are messages themselves."""
    said = {name: translate(value) if isinstance(value, Word) else value for name, value in params.items()}
    return str(translate(message, **said))


def ngettext(one: str, many: str, num: int) -> str:
    """Return a message about a number of things, the number with its thousands apart."""
    return str(get_translations().ungettext(one, many, num)).replace("%(num)s", format_decimal(num))


def limit(amount: int, unit: str) -> str:
    """Return how long something may take, as every page writes it; the unit is one of the duty list's."""
    if unit == "working_day":
        return ngettext("%(num)s working day", "%(num)s working days", amount)
    if unit == "working_hour":
        return ngettext("%(num)s working hour", "%(num)s working hours", amount)
    return ngettext("%(num)s hour", "%(num)s hours", amount)


def percent(share: float) -> str:
    """Return a share to a tenth of a percent, as it is shown."""
    return format_percent(shown(share), "0.0%")


def init_app(app: Flask) -> None:
    """Choose the language by the session, else Chinese."""
    Babel(app, locale_selector=current)
    words = cast(Any, app.jinja_env)
    words.install_gettext_callables(lambda text: get_translations().ugettext(text), ngettext, newstyle=True)
    app.context_processor(lambda: {"language": current()})
    app.add_template_filter(limit)
    app.register_blueprint(bp)


def current() -> str:
    """Return zh or en."""
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else "zh"


def choose(language: str) -> ResponseReturnValue:
    """Keep the language for the session and go back to the page."""
    session["language"] = language if language in LANGUAGES else "zh"
    return redirect(local_path(request.referrer))


choose.public = True  # type: ignore[attr-defined]
bp.add_url_rule("/language/<language>", "choose", choose, methods=["POST"])
