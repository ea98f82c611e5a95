"""What the page of a plan shows, made ready for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from gis import areas, boundaries, checks
from gis.checks import Finding
from gis.checks.load import counted
from gis.plans import freshness, review
from gis.plans.change import codes_to_come
from gis.plans.draft import Draft, Totals, totals
from gis.plans.tables import EVENT_KINDS, Plan, PlanEvent
from gis.viewer import Viewer
from gis.words import N_
from webapp.language import gettext

BEGUN = N_("begun")
STEPS = ("draft", "submitted", "approved", "published")
HIGHEST_BAR = 1.6
"""Where the bar of a grid ends, in parts of the most households."""


def page(session: Session, found: Draft, viewer: Viewer) -> dict[str, Any]:
    """Return plan, villages, sums per grid and in all, findings, and what the viewer may do now."""
    plan = found.plan
    villages = areas.names(session, {plan.area_code, *plan.fabrics})
    decided = plan.status in ("published", "superseded")
    problems = [] if decided else checks.check(found)  # what is in force is told by its report, not by rules of today
    ahead = {} if decided else codes_to_come(session, viewer, plan.id)
    parent = session.get(Plan, plan.parent_id) if plan.parent_id else None
    made = rows(found, boundaries.codes(session, viewer, published(found)) if decided else ahead)
    return {
        "plan": plan,
        "area": villages.get(plan.area_code, plan.area_code),
        "parent": parent,
        "villages": villages,
        "steps": steps(plan),
        "rows": made,
        "parts": parts(found, made, villages),
        "sums": {**added(made), **loose(found)},
        "findings": by_severity(problems),
        "grid_names": {grid.id: grid.name for grid in found.grids},
        "place": partial(place, found),
        "stale": bool(len(found.fresh) or found.gone),
        "overtaken": None if decided else overtaken(session, plan),
        "bare": "building" not in found.ground.kinds,
        "may": acts(plan, viewer),
        "today": viewer.day,
        "farthest": viewer.day + review.FARTHEST,
        "told": lambda finding: finding.told(gettext),
    }


def place(found: Draft, finding: Finding) -> str | None:
    """Return the village that a finding is of, None for the plan as a whole."""
    grid = next((grid for grid in found.grids if grid.id == finding.grid), None)
    if grid is not None:
        return grid.village_code
    if not finding.cells:
        return None
    land = found.ground
    return land.villages[int(land.village[land.index(finding.cells[:1])[0]])]


def overtaken(session: Session, plan: Plan) -> dict[str, Any] | None:
    """Return what came into force since a plan was begun, in words, and whether nothing is left to go on with."""
    found = freshness.overtaken(session, plan)
    if found is None:
        return None
    return {"said": gettext(found.reason.message, **found.reason.params), "whole": found.whole}


def steps(plan: Plan) -> list[tuple[str, str]]:
    """Return each step with done, now or ahead."""
    at = STEPS.index(plan.status) if plan.status in STEPS else len(STEPS)
    return [(step, "now" if i == at else "done" if i < at else "ahead") for i, step in enumerate(STEPS)]


def published(found: Draft) -> dict[int, int]:
    """Return the grids in force that the grids of a plan have become, by their numbers in the plan."""
    now = {grid.id: grid.published_id or grid.grid_id for grid in found.grids}
    return {number: grid for number, grid in now.items() if grid is not None}


def rows(found: Draft, codes: Mapping[int, str | None] | None = None) -> list[dict[str, Any]]:
    """Return the grids with their sums, how they stand to the targets, and the codes that they have or would get."""
    low, high = found.plan.households_min, found.plan.households_max
    return [
        {
            "grid": grid,
            "code": (codes or {}).get(grid.id),
            "is_new": (codes or {}).get(grid.id) != found.codes.get(grid.id),
            "sums": each,
            "state": state(each, low, high) if has_target else "free",
            "bar": min(each.households / (high * HIGHEST_BAR), 1) * 100,
            "band": (low / (high * HIGHEST_BAR) * 100, (high - low) / (high * HIGHEST_BAR) * 100),
        }
        for grid, each, has_target in zip(found.grids, totals(found), counted(found).tolist(), strict=True)
        if not grid.retired
    ]


def state(each: Totals, low: int, high: int) -> str:
    """Return over, under, good, or empty for a grid without a cell."""
    if not each.cells:
        return "empty"
    return "over" if each.households > high else "under" if each.households < low else "good"


def parts(found: Draft, made: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the villages of a plan with their grids, what these add up to, and how many cells are in none."""
    held: dict[str, list[Mapping[str, Any]]] = {code: [] for code in sorted(found.plan.fabrics)}
    for row in made:
        held[row["grid"].village_code].append(row)
    village, alone = found.ground.village, found.of < 0
    free = {code: int((alone & (village == at)).sum()) for at, code in enumerate(found.ground.villages)}
    return [{"code": code, "name": names[code], "rows": own, "sums": added(own), "loose": free.get(code, 0)}
            for code, own in held.items()]  # fmt: skip


def added(made: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return what some grids add up to, how many they are, and how many are out of the targets."""
    total = {
        name: sum(getattr(row["sums"], name) for row in made) for name in ("households", "residents", "open_cases")
    }
    out = sum(row["state"] in ("over", "under", "empty") for row in made)
    return {**total, "grids": len(made), "out": out}


def loose(found: Draft) -> dict[str, int]:
    """Return how many cells are in no grid, and their households."""
    free = found.of < 0
    return {"loose": int(free.sum()), "loose_households": int(found.ground.households[free].sum())}


def by_severity(found: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Return the findings, errors first."""
    return {name: [each for each in found if each.severity == name] for name in ("error", "warning")}


def events(found: Sequence[PlanEvent], most: int) -> dict[str, Any]:
    """Return the log's newest entries as lines, and whether there are older ones."""
    lines = [
        {
            "event": each,
            "said": BEGUN if each.seq == 1 else EVENT_KINDS[each.kind],
            "cells": len(each.payload.get("cells", ())),
            "grids": len(each.payload.get("grids", ())),
        }
        for each in found[:most]
    ]
    return {"lines": lines, "more": len(found) > most}


def acts(plan: Plan, viewer: Viewer) -> dict[str, bool]:
    """Return what the viewer may do with the plan as it stands."""
    draws, reviews, own = viewer.may("plan.draw"), viewer.may("plan.review"), plan.author_id == viewer.user_id
    status = plan.status
    approved = viewer.may("plan.publish") and status == "approved"
    ahead = plan.effective_from is not None and plan.effective_from > viewer.day
    return {
        "edit": draws and status == "draft",
        "submit": draws and status == "draft",
        "drop": draws and status == "draft",
        "branch": draws,
        "withdraw": draws and status == "submitted",
        "give_back": reviews and status in ("submitted", "approved"),
        "approve": reviews and not own and status == "submitted",
        "publish": approved and not ahead,
        "wait": approved and ahead,
        "roll_back": draws and status in ("published", "superseded"),
    }


def towns(held: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the towns of a territory with the villages below them; villages whose town lies outside stand alone."""
    found: dict[str, dict[str, Any]] = {}
    for row in held:
        if row.level == "town":
            found[row.code] = {"code": row.code, "name": row.name, "villages": []}
    for row in held:
        if row.level == "village":
            found.setdefault(row.parent_code, {"code": None, "name": "", "villages": []})["villages"].append(row)
    return list(found.values())
