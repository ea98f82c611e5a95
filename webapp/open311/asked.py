"""What a program sends: the filters of requests, and a report; the words of persons go no further than here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from gis.cases import filing, requests
from gis.errors import Invalid
from gis.words import N_
from webapp.addresses import folded

DROPPED = ("first_name", "last_name", "email", "phone", "device_id", "account_id", "media_url", "media")
"""Fields of the specification that are never read: who reports, with what, and pictures by address."""
STATES = ("open", "closed")
KEY = 200
"""How long the key may be with which a program makes sending a report twice harmless."""
LOGGED = 500
FILTERS = ("service_request_id", "service_code", "status", "start_date", "end_date", "page", "page_size")


def wanted_of(args: Mapping[str, str]) -> requests.Wanted:
    """Return which requests are asked for; raises Invalid for what cannot be read."""
    status = listed(args.get("status"))
    if set(status) - set(STATES):
        raise Invalid(N_("%(value)s is no value of a filter."), value=", ".join(status))
    return requests.Wanted(
        numbers=listed(args.get("service_request_id")), services=listed(args.get("service_code")), status=status,
        since=moment_of(args.get("start_date")), until=moment_of(args.get("end_date")),
        page=whole(args.get("page"), 1, 100_000), size=whole(args.get("page_size"), requests.MOST, requests.MOST),
    )  # fmt: skip


def listed(text: str | None) -> tuple[str, ...]:
    """Return values that commas separate."""
    return tuple(dict.fromkeys(each.strip() for each in folded(text).split(",") if each.strip()))[: requests.MOST]


def whole(text: str | None, otherwise: int, most: int) -> int:
    """Return a whole number from 1 to a most; raises Invalid for another."""
    said = folded(text)
    if not said:
        return otherwise
    if not said.isdigit() or len(said) > 6 or not 0 < int(said) <= most:
        raise Invalid(N_("%(value)s is no whole number from 1 to %(most)s."), value=said[:20], most=most)
    return int(said)


def moment_of(text: str | None) -> datetime | None:
    """Return a moment like 2026-01-31T00:00:00Z; without a zone it is taken as UTC."""
    said = folded(text)
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said.replace(" ", "+"))
    except ValueError:
        raise Invalid(N_("%(value)s is no moment; write it as 2026-01-31T00:00:00Z."), value=said[:40]) from None
    if not 1970 <= found.year < 9990:
        raise Invalid(N_("%(value)s is no moment; write it as 2026-01-31T00:00:00Z."), value=said[:40])
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def filter_of(args: Mapping[str, str]) -> dict[str, str]:
    """Return the filters that were given, for the log."""
    return {name: args[name][:LOGGED] for name in FILTERS if args.get(name)}


def key_of(given: str | None, user: int | None) -> str | None:
    """Return the key of an account's report, None without one; raises Invalid for one that is too long."""
    said = (given or "").strip()
    if len(said) > KEY:
        raise Invalid(N_("Idempotency-Key has at most %(most)s characters."), most=KEY)
    return f"open311 {user} {said}" if said else None


def report_of(form: Mapping[str, str], key: str | None) -> filing.Report:
    """Return what a program reports; raises Invalid for what is missing."""
    code = form.get("service_code", "").strip()
    description = " ".join(form.get("description", "").split())
    if not code:
        raise Invalid(N_("service_code is missing."))
    if not description:
        raise Invalid(N_("description is missing: say in a few words what it is."))
    if len(description) < 2:
        raise Invalid(N_("description is too short: say in a few words what it is."))
    lon, lat = (degrees(form, name, most) for name, most in (("long", 180.0), ("lat", 90.0)))
    title = requests.titled(description)
    return filing.Report(
        code, title, lon, lat, description="" if title == description else description,
        address=" ".join(form.get("address_string", "").split()), source=requests.SOURCE,
        urgency=form.get("attribute[urgency]", "normal") or "normal", key=key,
    )  # fmt: skip


def degrees(form: Mapping[str, str], name: str, most: float) -> float:
    """Return a coordinate; raises Invalid for one that is missing, as addresses are not looked up here."""
    said = folded(form.get(name))
    if not said:
        raise Invalid(N_("lat and long are needed: an address alone is not looked up here."))
    try:
        found = float(said)
    except ValueError:
        found = float("nan")
    if not -most <= found <= most:
        raise Invalid(N_("%(name)s is no coordinate in degrees (WGS 84)."), name=name)
    return found


def dropped(form: Mapping[str, str]) -> list[str]:
    """Return which fields came filled in and are not kept."""
    return [name for name in DROPPED if form.get(name, "").strip()]
