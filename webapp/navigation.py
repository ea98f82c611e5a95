"""The pages that a role's header leads to, and the one it starts on."""

from __future__ import annotations

from flask import Flask, request, url_for
from flask_babel import format_date, format_datetime, format_decimal
from flask_login import current_user

from gis.viewer import ROLE_NAMES
from gis.words import N_
from webapp.language import gettext

PAGES = (
    ("map.view", "maps.show", N_("Map")),
    ("case.view", "cases.listed", N_("Cases")),
    ("map.view", "indicators.show", N_("Indicators")),
    ("map.view", "visits.due", N_("Visits")),
    ("care.view", "care.show", N_("Care")),
    ("map.view", "forces.show", N_("Forces")),
    ("map.view", "teams.listed", N_("Volunteers")),
    ("plan.view", "plans.listed", N_("Plans")),
    ("duty.manage", "duties.listed", N_("Duty list")),
    ("layer.export", "exports.choose", N_("Exports")),
    ("audit.view", "audit.entries", N_("Audit log")),
    ("audit.view", "audit.export_entries", N_("Export log")),
    ("user.manage", "accounts.show", N_("Accounts")),
)

BELOW = {
    "plans.listed": ("plans", "editor", "decisions", "reports", "exchange"),
    "indicators.show": ("indicators", "behind"),
    "visits.due": ("visits", "reach"),
    "care.show": ("care",),
    "cases.listed": ("cases", "reporting", "working", "many", "bringing", "clusters"),
    "duties.listed": ("duties", "calendar", "stages"),
    "forces.show": ("forces", "posts", "party", "meetings", "projects", "honours"),
    "teams.listed": ("teams", "points", "density"),
}
"""Page → the blueprints of what lies below it."""
BADGES = {"cases.listed": "/cases/pressing"}
"""Page → the address that answers the numbers on its badges."""


def init_app(app: Flask) -> None:
    """Hand the navigation to every template."""
    app.context_processor(lambda: {"nav": navigation(), "role_names": ROLE_NAMES, "may": may})
    app.add_template_filter(format_decimal, "numberformat")
    app.add_template_filter(lambda moment: format_datetime(moment, "yyyy-MM-dd HH:mm:ss"), "datetimeformat")
    app.add_template_filter(lambda day: format_date(day, "yyyy-MM-dd"), "dateformat")


def navigation() -> list[dict[str, object]]:
    """Return the pages that the user's role includes."""
    if not current_user.is_authenticated:
        return []
    return [
        {"href": url_for(endpoint), "label": gettext(label), "current": is_current(endpoint),
         "badge": BADGES.get(endpoint)}
        for permission, endpoint, label in PAGES
        if current_user.viewer.may(permission)
    ]  # fmt: skip


def may(permission: str) -> bool:
    """Tell whether the user's role includes a permission."""
    return bool(current_user.is_authenticated and current_user.viewer.may(permission))


def is_current(endpoint: str) -> bool:
    """Tell whether the page that is shown is this one, or one below it."""
    return request.endpoint == endpoint or request.blueprint in BELOW.get(endpoint, ())


def start() -> str:
    """Return the address of the first page that the user's role includes."""
    pages = navigation()
    return str(pages[0]["href"]) if pages else url_for("login.password")
