"""Puts words to the card of a grid: the lines that the fragment shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import format_date, format_decimal

from gis import party, posts, staffing
from gis import vacancies as lacking
from gis.boundaries import KINDS, GridOutline
from gis.cases import CATEGORIES
from gis.resources import POINT_KINDS
from gis.scope import ZONE, moment_of
from gis.viewer import Viewer
from layers.card import GridCard
from layers.files import FORMATS
from layers.query import Asked
from webapp import access
from webapp.language import gettext, ngettext, percent

STATES = {"open": "open", "due_today": "due today", "overdue": "overdue", "suspended": "suspended"}


def lines(found: GridCard, asked: Asked, viewer: Viewer) -> dict[str, Any]:
    """Return everything that the fragment shows, section by section."""
    grid = found.grid
    return {
        "grid": {
            **{name: grid[name] for name in ("code", "name", "village", "town")},
            **{name: format_decimal(grid[name]) for name in ("households", "residents", "buildings")},
            "kind_label": gettext(KINDS[grid["kind"]]),
            "area_km2": format_decimal(grid["area_m2"] / 1e6, "0.00"),
        },
        "gaps": missing(found),
        "coverage": coverage(found.coverage),
        "cases": cases(found, asked),
        "chain": chain(found.chain),
        "people": people(found.people),
        "corps": [
            {"name": team.name, "force": gettext(staffing.FORCES[team.force]), "size": team.size}
            for team in found.corps
        ],
        "honours": found.honours,
        "honours_href": url_for("honours.show", area=grid["code"]),
        "assign": vacancies(found, asked, viewer),
        "teams": teams(found.teams),
        "service_points": [
            {"name": point["name"], "kind": gettext(POINT_KINDS[point["kind"]])} for point in found.points
        ],
        "history": [since_until(outline) for outline in found.history],
        "notice": url_for("notices.show", code=grid["code"]),
        "exports": exports(grid["code"], asked, viewer),
    }


def day(value: Any) -> str:
    """Return a day as people file it: 2026-01-31."""
    return format_date(value, "yyyy-MM-dd")


def teams(found: list[Any]) -> list[dict[str, Any]]:
    """Return the volunteer teams, the nearest first."""
    return [
        {
            "name": team.name,
            "distance_m": format_decimal(metres),
            "active": team.active_count,
            "phone": team.contact_phone,
            "radius_m": format_decimal(team.radius_m),
            "busy": team.open_calls > 0,
            "href": url_for("teams.show", team_id=team.id),
        }
        for team, metres in found
    ]


def since_until(outline: GridOutline) -> dict[str, Any]:
    """Return the days of an outline and the code it bore; the one in force has no last day."""
    after = outline.valid.upper
    last = day(after - timedelta(days=1)) if after else None
    return {"from": day(outline.valid.lower), "to": last, "code": outline.code}


def missing(found: GridCard) -> list[str]:
    """Return a sentence for each thing that the grid lacks."""
    row = found.coverage
    lacks = (
        (row["leaders"] == 0, gettext("No grid leader is assigned.")),
        (
            found.grid["kind"] == "general" and found.grid["full_time"] == 0,
            gettext("No full-time grid worker is assigned."),
        ),
        (row["link_cadres"] == 0, gettext("No link cadre is assigned.")),
        (row["branch_cover"] == 0 and found.grid["kind"] == "general", gettext("No Party branch covers this grid.")),
        (row["adviser_state"] == 0, gettext("The village has no legal adviser under contract.")),
        (row["adviser_state"] == 1, gettext("The legal adviser's contract ends within 30 days.")),
        (found.grid["households"] > 500, gettext("More than 500 households: the grid is larger than wanted.")),
    )
    odd = [each for each in found.chain if each.force and not 3 <= each.member_count <= 50]
    sizes = [gettext("%(name)s has %(n)s members; 3 to 50 are expected.", name=b.name, n=b.member_count) for b in odd]
    return [sentence for lacking, sentence in lacks if lacking] + sizes


def vacancies(found: GridCard, asked: Asked, viewer: Viewer) -> list[dict[str, str]]:
    """Return where the viewer assigns what the grid lacks today."""
    row, code = found.coverage, found.grid["code"]
    lacks = {
        "no_link_cadre": row["link_cadres"] == 0,
        "no_leader": row["leaders"] == 0,
        "no_full_time": found.grid["kind"] == "general" and found.grid["full_time"] == 0,
        "no_adviser": row["adviser_state"] == 0,
        "adviser_ending": row["adviser_state"] == 1,
    }
    roles = {kind: lacking.ROLES[kind] for kind, so in lacks.items() if so and asked.day == viewer.day}
    return [
        {
            "label": gettext("Assign: %(role)s", role=gettext(staffing.ROLES[role])),
            "href": url_for("posts.edit", code=code if role in posts.ON_GRIDS else code[:12], role=role, kind=kind),
        }
        for kind, role in roles.items()
        if viewer.may(posts.permission(role))
    ]


def coverage(row: Any) -> list[dict[str, Any]]:
    """Return the shares of the grid with the numerator and denominator behind each."""
    found = [share(gettext("Households visited in 183 days"), row["visited"], row["households_listed"])]
    if "care_enrolled" in row:
        found.append(care(row["care_enrolled"], row["care_in_time"]))
    branch = (gettext("none"), gettext("joint branch"), gettext("own branch"))[row["branch_cover"]]
    found.append(fact(gettext("Party branch"), branch))
    found.append(fact(gettext("Link cadres"), format_decimal(row["link_cadres"])))
    found.append(fact(gettext("Office cadres"), format_decimal(row["office_cadres"])))
    found.append(fact(gettext("Functional branches in the village"), format_decimal(row["functional_branches"])))
    found.append(fact(gettext("Judges, prosecutors, police officers and lawyers"), format_decimal(row["legal_forces"])))
    return found


def share(label: str, numerator: int | None, denominator: int | None) -> dict[str, Any]:
    """Return one share; without a denominator there is nothing to count."""
    value = (numerator or 0) / denominator if denominator else None
    return {
        "label": label,
        "share": value,
        "text": None if value is None else percent(value),
        "numerator": format_decimal(numerator or 0),
        "denominator": format_decimal(denominator) if denominator else None,
    }


def care(enrolled: int | None, in_time: int | None) -> dict[str, Any]:
    """Return the care share; counts below five never leave, not even as a share."""
    label = gettext("Care visits in time")
    if enrolled is None or in_time is None:
        return fact(label, gettext("not shown (a small count)"))
    return share(label, in_time, enrolled)


def fact(label: str, text: str) -> dict[str, Any]:
    """Return one line that is no share."""
    return {"label": label, "text": text, "share": None, "numerator": None, "denominator": None, "plain": True}


def cases(found: GridCard, asked: Asked) -> dict[str, Any]:
    """Return the open cases, the oldest first, and how many there are in all: their list, or on a past day the map."""
    code, listed = found.grid["code"], found.open_cases is not None and asked.day == access.today()
    on_map = url_for("maps.show", theme="cases", area=code, date=asked.day.isoformat())
    return {
        "total": found.grid["open_cases"],
        "href": url_for("cases.listed", area=code) if listed else on_map,
        "items": None if found.open_cases is None else [case(row, asked) for row in found.open_cases],
    }


def case(row: Any, asked: Asked) -> dict[str, Any]:
    """Return one open case; a restricted one keeps its words to its handler."""
    due = row["due_at"]
    return {
        "no": row["case_no"],
        "title": row["title"] or gettext("Restricted case"),
        "category": gettext(CATEGORIES[row["category"]]),
        "state": row["state"],
        "state_label": gettext(STATES[row["state"]]),
        "overdue": row["state"] == "overdue",
        "days": (moment_of(asked.day, asked.now) - row["reported_at"]).days,
        "due": day(due.astimezone(ZONE)) if due else None,
    }


def chain(found: list[party.Organisation]) -> list[dict[str, Any]]:
    """Return the five tiers with their organisations, a missing one said so, then the functional branches."""
    shown = []
    for tier, title in party.TIERS.items():
        here = [each for each in found if each.tier == tier]
        shown += [link(gettext(title), each) for each in here[:4]]
        if not here:
            shown.append({"tier": gettext(title), "name": None, "members": None, "missing": True})
        elif len(here) > 4:
            shown.append({"tier": gettext(title), "name": gettext("and %(n)s more", n=len(here) - 4), "members": None})
    return shown + [link(gettext(party.FORCES[each.force]), each) for each in found if each.force]


def link(tier: str, organisation: party.Organisation) -> dict[str, Any]:
    """Return one organisation of the chain."""
    return {"tier": tier, "name": organisation.name, "members": organisation.member_count, "missing": False}


def people(found: list[Any]) -> list[dict[str, Any]]:
    """Return everyone on duty by role; a bare headcount shows its number."""
    return [
        {
            "role": gettext(staffing.ROLES[row.role]),
            "name": row.name or ngettext("%(num)s person", "%(num)s persons", row.headcount),
            "phone": row.work_phone,
            "since": day(row.since),
        }
        for row in found
    ]


def exports(code: str, asked: Asked, viewer: Viewer) -> list[dict[str, str]]:
    """Return the files of this grid that the viewer may take away."""
    if not viewer.may("layer.export"):
        return []
    to = url_for("exports.choose", area=code, date=asked.day.isoformat())
    return [{"href": to, "label": " / ".join(FORMATS)}]
