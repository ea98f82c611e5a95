"""Cases of another system come in through a page: shown first, and written whole or not at all."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis.errors import Invalid
from gis.words import N_
from webapp import access
from webapp.language import gettext

bp = Blueprint("bringing", __name__)
SHOWN = 200


@bp.get("/cases/bring")
def page() -> ResponseReturnValue:
    """Show the form."""
    access.viewer().require("case.import")
    return shown(None)


@bp.post("/cases/bring")
def take() -> ResponseReturnValue:
    """Bring a table in, or only say what that would do."""
    from gis.cases import incoming  # it takes its share of a worker's memory

    session, viewer = access.database().session(), access.viewer()
    viewer.require("case.import")
    found = looked_at()
    if request.form.get("try") or not found.acceptable:
        return shown(found)
    written = incoming.accept(session, viewer, found, access.now())
    said = N_("%(count)s cases were brought in; %(known)s were here before.")
    flash(gettext(said, count=written, known=len(found.rows) - written), "success")
    return redirect(url_for("cases.listed", state="all", source="dept_transfer"))


def looked_at() -> Any:
    """Return what is found in the file that was sent (an Examination)."""
    from gis.cases import incoming
    from gis.cases.incoming.columns import mapped

    form, sent = request.form, request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(N_("Choose a file first."))
    options = incoming.Options(form.get("source", ""), form.get("crs", "4490"), mapped(form.get("columns", "")))
    session, viewer = access.database().session(), access.viewer()
    return incoming.examine(session, viewer, sent.filename, sent.read(), options, access.now())


def shown(found: Any) -> str:
    """Return the page, with what was found in a file (an Examination, or None)."""
    from gis.cases.incoming.columns import FIELDS, REQUIRED, SYSTEMS
    from gis.imports.findings import SEVERITY_NAMES

    said: list[dict[str, Any]] = []
    for each in (found.findings if found else [])[:SHOWN]:
        wrong, remedy = each.told(gettext)
        said.append({"row": each.row, "field": each.field, "severity": each.severity, "wrong": wrong, "remedy": remedy})
    return render_template(
        "cases/bring.html", found=found, said=said, given=request.form, fields=FIELDS, required=REQUIRED,
        systems=SYSTEMS, severities=SEVERITY_NAMES,
    )  # fmt: skip
