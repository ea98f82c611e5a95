"""What every route is: open to the anonymous or not, and which audit row each write leaves."""

from __future__ import annotations

GRID = "999901100001001"
PUBLIC = {"login.log_in", "notices.show", "language.choose", "login.enter", "static", "healthz"}
AUDITED = {
    "login.enter": "log_in",
    "login.log_out": "log_out",
    "login.change_password": "change_password",
    "plans.create": "plan.create",
    "plans.change": "plan.change",
    "plans.branch": "plan.branch",
    "plans.drop": "plan.drop",
    "plans.carry": "plan.carry",
    "drafts.fork": "plan.branch",
    "decisions.submit": "plan.submit",
    "decisions.withdraw": "plan.withdraw",
    "decisions.give_back": "plan.give_back",
    "decisions.approve": "plan.approve",
    "decisions.publish": "plan.publish",
    "decisions.roll_back": "plan.roll_back",
    "decisions.comment": "plan.comment",
    "exchange.take": "plan.import",
    "reporting.create": "case.report",
    "working.act": "case.step",
    "working.add_photo": "case.photo",
    "clusters.merge": "case.merge",
    "calls.make": "call.make",
    "calls.answer": "call.answer",
    "teams.create": "team.put",
    "teams.change": "team.put",
    "teams.record": "team.activity",
    "points.create": "point.put",
    "points.change": "point.put",
    "duties.put": "duty.put",
    "duties.end": "duty.end",
    "duties.bring": "duty.import",
    "calendar.fill": "calendar.fill",
    "calendar.bring": "calendar.fill",
    "calendar.put": "calendar.put",
}
"""Endpoint that writes → the action of its audit row."""
LOGGED = {"drafts.edit", "drafts.undo", "drafts.redo"}
"""Writes whose audit is the plan's own log, append-only too: a row per stroke, by whom, from what to what."""
NOT_STORED = {
    "language.choose": "only the session cookie changes",
    "exchange.look": "the file is shown, and stored nowhere",
}
"""Endpoint that takes a form and writes nothing → why."""
PAGES: dict[str, str | None] = {
    "/login": None,
    "/map": "town_manager",
    "/exports": "town_manager",
    "/password": "town_manager",
    "/audit": "auditor",
    "/audit/exports": "auditor",
    "/users": "sys_admin",
    "/no/such/page": "town_manager",
    "/map/card/999901100001001": "town_manager",
    "/plans/": "planner",
    "/cases/": "town_manager",
    "/cases/clusters": "town_manager",
    "/volunteers/": "town_manager",
    "/volunteers/teams/1": "town_manager",
    "/volunteers/teams/new": "town_manager",
    "/volunteers/points/": "town_manager",
    "/volunteers/points/new": "town_manager",
    "/volunteers/density": "town_manager",
    "/duties": "district_manager",
    "/calendar": "data_steward",
}
"""Page → the account that may see it."""
ARGUMENTS: dict[str, object] = {
    "language": "en",
    "code": "999901100001001",
    "name": "grids",
    "z": 14,
    "x": 1,
    "y": 1,
    "suffix": "geojson",
    "filename": "x",
    "plan_id": 1,
    "form": "csv",
    "case_no": "20261118000001",
    "photo_id": 1,
    "team_id": 1,
    "point_id": 1,
    "call_id": 1,
    "year": 2026,
}
"""Argument of a rule → a value it takes."""
