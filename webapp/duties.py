"""The powers-and-duties list: read by everyone, changed by who keeps it; every entry has its days."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis import duties, stages
from gis.cases import CATEGORIES, LEVELS
from gis.duties import LEVEL_NAMES, UNITS, DutyItem, Entry
from gis.words import N_
from webapp import access
from webapp.addresses import day_of, numbers_of, words_of
from webapp.language import gettext, limit
from webapp.volunteers.asked import table as csv_of

bp = Blueprint("duties", __name__)
WORDS = {
    "categories": CATEGORIES,
    "levels": LEVEL_NAMES,
    "units": UNITS,
    "level_order": LEVELS,
    "stages": stages.STAGES,
}


@bp.get("/duties")
def listed() -> ResponseReturnValue:
    """Show the list on a day."""
    session, viewer, args = access.database().session(), access.viewer(), request.args
    day, chosen = asked()
    items = duties.listed(session, viewer, day, **chosen)
    told = {"limits": stages.listed(session, viewer, day), "seen": duties.lasting(session, viewer),
            "seen_limits": stages.lasting(session, viewer)}  # fmt: skip
    return render_template("duties.html", items=items, day=day, chosen=chosen, given=args, **told, **WORDS)


def asked() -> tuple[date, dict[str, str]]:
    """Return the day and the filters of the address."""
    args = request.args
    chosen = {name: args.get(name, "") for name in ("category", "level")} | {"text": words_of(args.get("text"))}
    return day_of(args.get("date"), access.today()), chosen


@bp.get("/duties/list.csv")
def taken() -> ResponseReturnValue:
    """Send the list as it is shown, in the words of the page."""
    access.viewer().require("layer.export")
    day, chosen = asked()
    items = duties.listed(access.database().session(), access.viewer(), day, **chosen)
    return csv_of("duty-list", map(gettext, HEADS), map(line, items))


HEADS = (N_("Category"), N_("Level"), N_("Lead body"), N_("Helpers"), N_("Limit"), N_("In force from"))


def line(item: DutyItem) -> list[str]:
    """Return an entry as a row of the page has it."""
    urgency = f" {gettext(item.urgency)}" if item.urgency else ""
    return [gettext(CATEGORIES[item.category]) + urgency, gettext(LEVEL_NAMES[item.level]), item.lead_body,
            "、".join(item.helpers) or "—", limit(item.amount, item.unit),
            str(item.valid.lower or "—")]  # fmt: skip


@bp.get("/duties.csv")
def table() -> ResponseReturnValue:
    """Send the list in force as a table that comes in again as it went out."""
    access.viewer().require("layer.export")
    body = duties.table(access.database().session(), access.viewer(), access.today())
    headers = {"Content-Disposition": 'attachment; filename="duties.csv"'}
    return Response("\ufeff" + body, mimetype="text/csv", headers=headers)


@bp.post("/duties")
def put() -> ResponseReturnValue:
    """Set an entry from today on."""
    seen = numbers_of(request.form.get("seen"))
    duties.put(access.database().session(), access.viewer(), entry(request.form), access.today(), seen)
    return back(N_("The entry holds from today on."))


@bp.post("/duties/end")
def end() -> ResponseReturnValue:
    """End an entry."""
    form = request.form
    place = form.get("category", ""), form.get("level", ""), form.get("urgency", "")
    duties.end(access.database().session(), access.viewer(), place, access.today(), numbers_of(form.get("seen")))
    return back(N_("The entry has ended; what was decided by it stays as it is."))


@bp.post("/duties/import")
def bring() -> ResponseReturnValue:
    """Put a table in the place of the list, or only say what that would do."""
    session, viewer, sent = access.database().session(), access.viewer(), request.files.get("file")
    viewer.require("duty.manage")
    data = sent.read() if sent else b""
    entries, wrong = duties.read(data)
    if request.form.get("try") or wrong:
        changes = duties.compare(session, viewer, entries, access.today())
        found = [(each.row, each.field, gettext(each.error.message, **each.error.params)) for each in wrong]
        return render_template("duties_try.html", changes=changes, wrong=found, **WORDS)
    changes = duties.replace(session, viewer, data, access.today(), numbers_of(request.form.get("seen")))
    said = gettext(N_("%(put)s entries set, %(ended)s ended."), put=len(changes.put), ended=len(changes.ended))
    flash(said, "success")
    return redirect(url_for("duties.listed"))


def entry(form: Any) -> Entry:
    """Return the entry of a form."""
    helpers = tuple(each.strip() for each in form.get("helpers", "").replace("、", ",").split(",") if each.strip())
    amount = duties.amount_of(form.get("amount", ""))
    return Entry(form.get("category", ""), form.get("level", ""), form.get("lead_body", ""), amount,
                 form.get("unit", ""), form.get("urgency", ""), helpers)  # fmt: skip


def back(said: str) -> ResponseReturnValue:
    """Return to the list with a word about what was done."""
    flash(gettext(said), "success")
    return redirect(url_for("duties.listed"))
