"""Cases as other systems know them (Open311 GeoReport v2): services, reports that come in, and requests that go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Select, Text, column, func, select, table
from sqlalchemy.orm import Session

from gis.cases import filing
from gis.cases.states import ENDED
from gis.cases.tables import CATEGORIES, Case
from gis.database import SRID
from gis.errors import Invalid, NotFound
from gis.viewer import Viewer
from gis.words import N_

DAYS = 90
"""How far back is looked without a date, and how long a time may be at most, as the specification has it."""
MOST = 1000
SOURCE = "resident_app"

requests = table(
    "case_requests",
    *(
        column(name, kind)
        for name, kind in (
            ("id", BigInteger()), ("case_no", Text()), ("territory", BigInteger()), ("category", Text()),
            ("status", Text()),
            ("closure_reason", Text()), ("lead_body", Text()), ("urgency", Text()), ("near", Boolean()),
            ("reported_at", DateTime(timezone=True)), ("closed_at", DateTime(timezone=True)),
            ("due_at", DateTime(timezone=True)), ("updated_at", DateTime(timezone=True)), ("description", Text()),
            ("address", Text()), ("point", Geometry("POINT", SRID)),
        )
    ),
)  # fmt: skip
"""The view of what a program may know: never a restricted case, and words and exact place by its role only."""


@dataclass(frozen=True)
class Wanted:
    """Which requests are asked for; without numbers and dates those of the last 90 days."""

    numbers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    status: tuple[str, ...] = ()
    page: int = 1
    size: int = MOST


def follow(viewer: Viewer) -> None:
    """Ask for the right to know how cases stand."""
    if not viewer.may("case.view"):
        viewer.require("case.status")


def known(viewer: Viewer, service: str) -> str:
    """Return a service's code; raises NotFound for one that is none."""
    follow(viewer)
    if service not in CATEGORIES:
        raise NotFound(N_("There is no service %(code)s."), code=service)
    return service


def take(session: Session, viewer: Viewer, given: filing.Report, now: datetime) -> Case:
    """Store what a program reports; raises NotFound for a service that is none."""
    viewer.require("case.report")
    if given.category not in CATEGORIES:
        raise NotFound(N_("There is no service %(code)s."), code=given.category)
    return filing.report(session, viewer, given, now)


def titled(description: str, longest: int = filing.LONGEST["title"]) -> str:
    """Return a title for a report that has a description only: its first sentence, as far as a title goes."""
    words = " ".join(description.split())
    ends = [at + 1 for at in (words.find(sign) for sign in "。！？!?；;") if at > 0]
    first = words[: min(ends)].rstrip("。；;") if ends else words
    return first if len(first) <= longest else f"{first[: longest - 1]}…"


def listed(session: Session, viewer: Viewer, wanted: Wanted, now: datetime) -> tuple[list[Any], bool]:
    """Return the requests that are asked for, the newest first, and whether there are more."""
    follow(viewer)
    found = narrowed(select(*columns()), wanted, now)
    found = found.order_by(requests.c.reported_at.desc(), requests.c.id.desc())
    rows = list(session.execute(found.offset((wanted.page - 1) * wanted.size).limit(wanted.size + 1)))
    return rows[: wanted.size], len(rows) > wanted.size


def one(session: Session, viewer: Viewer, number: str) -> Any:
    """Return a request; raises NotFound for one that is none, is restricted, or lies outside the territory."""
    follow(viewer)
    row = session.execute(select(*columns()).where(requests.c.case_no == number)).first()
    if row is None:
        raise NotFound(N_("There is no request %(number)s."), number=number)
    return row


def columns() -> list[Column[Any] | Any]:
    """Return what is told of a request."""
    place = func.st_x(requests.c.point).label("lon"), func.st_y(requests.c.point).label("lat")
    names = ("case_no", "category", "status", "closure_reason", "lead_body", "reported_at", "updated_at", "due_at",
             "closed_at", "description", "address", "near")  # fmt: skip
    return [*(requests.c[name] for name in names), *place]


def narrowed(found: Select[Any], wanted: Wanted, now: datetime) -> Select[Any]:
    """Add the conditions of what is asked for; numbers override every other one, as the specification has it."""
    if wanted.numbers:
        return found.where(requests.c.case_no.in_(wanted.numbers))
    since, until = span(wanted, now)
    found = found.where(requests.c.reported_at >= since, requests.c.reported_at <= until)
    if wanted.services:
        found = found.where(requests.c.category.in_(wanted.services))
    if wanted.status and set(wanted.status) != {"open", "closed"}:
        ended = requests.c.status.in_(ENDED)
        found = found.where(ended if "closed" in wanted.status else ~ended)
    return found


def span(wanted: Wanted, now: datetime) -> tuple[datetime, datetime]:
    """Return first and last moment of what is asked for; raises Invalid for more than 90 days."""
    longest = timedelta(days=DAYS)
    until = wanted.until or (min(wanted.since + longest, now) if wanted.since else now)
    since = wanted.since or until - longest
    if not timedelta(0) <= until - since <= longest:
        raise Invalid(
            N_("From start_date to end_date there are at most %(days)s days, and not less than none."), days=DAYS
        )
    return since, until
