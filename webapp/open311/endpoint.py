"""The addresses of GeoReport v2 under /open311/v2/; a token decides role and territory, and no cookie counts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException

from gis import audit
from gis.cases import CATEGORIES, REASONS, STATUSES, Case, requests
from gis.cases.states import ENDED
from gis.errors import WanggeError
from gis.words import N_
from webapp import access
from webapp.faults import SENTENCES, STATUS, let_go
from webapp.language import gettext
from webapp.limits import limiter
from webapp.open311.asked import dropped, filter_of, key_of, report_of, wanted_of
from webapp.open311.forms import answer, moment

bp = Blueprint("open311", __name__, url_prefix="/open311")
SUFFIX = '<any("json","xml"):form>'
PER_MINUTE = "120 per minute"
NOTICE = N_("Not stored: %(fields)s. No words of persons are kept here, and pictures are not taken by address.")
UNTOLD = N_("Requests of this service are restricted: this one is worked on and is not told here again.")
URGENCY = {"normal": N_("normal"), "urgent": N_("urgent")}


def protect(csrf: CSRFProtect, app: Flask) -> None:
    """Take the forms of programs without a page's token: they never come with a cookie that counts."""
    csrf.exempt(bp)
    app.register_blueprint(bp)


def caller() -> str:
    """Return by what requests are counted: the token's account."""
    return f"open311 {access.viewer().user_id}"


@bp.get(f"/discovery.{SUFFIX}")
@access.by_token
def discovery(form: str) -> ResponseReturnValue:
    """Say where the endpoint is and what it speaks."""
    formats = ["text/xml", "application/json"]
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": url_for("open311.root", _external=True).rstrip("/"),
        "changeset": "2026-11-01T00:00:00+08:00", "type": "production", "formats": formats,
    }  # fmt: skip
    told = {"changeset": "2026-11-01T00:00:00+08:00", "contact": gettext(N_("the administrator of this server")),
            "key_service": gettext(N_("an account’s token, from the administrator")),
            "endpoints": [endpoint]}  # fmt: skip
    return answer("discovery", told)


@bp.get("/v2/")
@access.by_token
def root() -> ResponseReturnValue:
    """Say where the services are."""
    return {"services": url_for("open311.services", form="json")}


@bp.get(f"/v2/services.{SUFFIX}")
@access.by_token
@limiter.limit(PER_MINUTE, key_func=caller)
def services(form: str) -> ResponseReturnValue:
    """List what can be reported."""
    requests.follow(access.viewer())
    return answer("services", [service(code) for code in CATEGORIES])


@bp.get(f"/v2/services/<code>.{SUFFIX}")
@access.by_token
@limiter.limit(PER_MINUTE, key_func=caller)
def definition(code: str, form: str) -> ResponseReturnValue:
    """Tell the attributes of a service."""
    requests.known(access.viewer(), code)
    values = [{"key": key, "name": gettext(label)} for key, label in URGENCY.items()]
    urgency = {
        "variable": True, "code": "urgency", "datatype": "singlevaluelist", "required": False, "order": 1,
        "datatype_description": None, "description": gettext(N_("Urgency")), "values": values,
    }  # fmt: skip
    return answer("service_definition", {"service_code": code, "attributes": [urgency]})


@bp.post(f"/v2/requests.{SUFFIX}")
@access.by_token
@limiter.limit(PER_MINUTE, key_func=caller)
def create(form: str) -> ResponseReturnValue:
    """Take a report, and answer its number."""
    viewer = access.viewer()
    viewer.require("case.report")
    given = report_of(request.form, key_of(request.headers.get("Idempotency-Key"), viewer.user_id))
    made = requests.take(access.database().session(), viewer, given, access.now())
    told = {"service_request_id": made.case_no, "service_notice": notice(made), "account_id": None}
    return answer("service_requests", [told], 201)


@bp.get(f"/v2/requests.{SUFFIX}")
@access.by_token
@limiter.limit(PER_MINUTE, key_func=caller)
def listed(form: str) -> ResponseReturnValue:
    """List the requests that are asked for, of the last 90 days without a date."""
    wanted = wanted_of(request.args)
    session, viewer = access.database().session(), access.viewer()
    rows, more = requests.listed(session, viewer, wanted, access.now())
    audit.record(session, viewer, "request.export", None, rows=len(rows), filter=filter_of(request.args))
    made = answer("service_requests", [told(row) for row in rows])
    if more:
        kept = {name: value for name, value in request.args.items() if name not in ("api_key", "page")}
        made.headers["Link"] = f'<{request.path}?{urlencode({**kept, "page": wanted.page + 1})}>; rel="next"'
    return made


@bp.get(f"/v2/requests/<number>.{SUFFIX}")
@access.by_token
@limiter.limit(PER_MINUTE, key_func=caller)
def one(number: str, form: str) -> ResponseReturnValue:
    """Tell how a request stands."""
    session, viewer = access.database().session(), access.viewer()
    found = requests.one(session, viewer, number)
    audit.record(session, viewer, "request.export", number, rows=1)
    return answer("service_requests", [told(found)])


@bp.get(f"/v2/tokens/<number>.{SUFFIX}")
@access.by_token
@limiter.limit(PER_MINUTE, key_func=caller)
def token(number: str, form: str) -> ResponseReturnValue:
    """Answer the number of a request by its token: numbers are given at once here, so they are the same."""
    found = requests.one(access.database().session(), access.viewer(), number)
    return answer("service_requests", [{"service_request_id": found.case_no, "token": found.case_no}])


def notice(made: Case) -> str | None:
    """Return what the answer to a report has to say: what was not stored, and that it is not told again."""
    fields = [*dropped(request.form), *(["media"] if request.files else [])]
    said = [gettext(NOTICE, fields=", ".join(fields))] if fields else []
    return " ".join([*said, *([gettext(UNTOLD)] if made.visibility == "restricted" else [])]) or None


def service(code: str) -> dict[str, Any]:
    """Return a category as a service."""
    title = gettext(CATEGORIES[code])
    return {"service_code": code, "service_name": title, "description": title, "metadata": True, "type": "realtime",
            "keywords": None, "group": None}  # fmt: skip


def told(row: Any) -> dict[str, Any]:
    """Return a case as a request: open or closed, and in the notes what is more exact."""
    words = REASONS[row.closure_reason] if row.closure_reason else STATUSES[row.status]
    return {
        "service_request_id": row.case_no, "status": "closed" if row.status in ENDED else "open",
        "status_notes": gettext(words), "service_name": gettext(CATEGORIES[row.category]),
        "service_code": row.category, "description": row.description, "agency_responsible": row.lead_body,
        "service_notice": None, "requested_datetime": moment(row.reported_at),
        "updated_datetime": moment(row.updated_at), "expected_datetime": moment(row.due_at), "address": row.address,
        "address_id": None, "zipcode": None,
        "lat": round(row.lat, 6), "long": round(row.lon, 6), "media_url": None,
    }  # fmt: skip


def refused(code: int, sentence: str) -> Response:
    """Return an error in the shape of the specification."""
    return answer("errors", [{"code": code, "description": sentence}], code)


@bp.errorhandler(WanggeError)
def wrong(error: WanggeError) -> Response:
    """Answer with the sentence of a domain error; a key that is none is a 403, as the specification has it."""
    code = STATUS.get(type(error), 400)
    return refused(code, gettext(error.message, **error.params))


@bp.errorhandler(HTTPException)
def http(error: HTTPException) -> Response:
    """Answer what Flask refuses."""
    code = error.code or 500
    sentences = {**SENTENCES, 429: N_("Too many requests in a minute. Wait, then try again.")}
    return refused(code, gettext(sentences.get(code, SENTENCES[404])))


@bp.errorhandler(Exception)
def unforeseen(error: Exception) -> Response:
    """Log what nobody foresaw and say nothing of its cause."""
    current_app.logger.exception("open311", exc_info=error)
    let_go()
    return refused(500, gettext(SENTENCES[500]))
