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
    "visits.record": "visit.record",
    "visits.undo": "visit.undo",
    "care.record": "care.visit",
    "care.undo": "care.undo",
    "care.enrol": "care.enrol",
    "care.end": "care.end",
    "care.hand_over": "care.hand_over",
    "many.act": "case.together",
    "many.keep": "view.keep",
    "many.rename": "view.rename",
    "many.open_first": "view.first",
    "many.drop": "view.drop",
    "bringing.take": "case.import",
    "open311.create": "case.report",
    "stages.put": "stage.put",
    "stages.end": "stage.end",
    "stages.bring": "stage.import",
    "duties.put": "duty.put",
    "duties.end": "duty.end",
    "duties.bring": "duty.import",
    "indicators.keep": "figure.keep",
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
BY_TOKEN = {"open311.discovery", "open311.root", "open311.services", "open311.definition", "open311.create",
            "open311.listed", "open311.one", "open311.token"}  # fmt: skip
"""Endpoints for programs: a token decides, a cookie does not count, and so there is no form to be forged."""
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
    "/figures/": "town_manager",
    "/figures/report": "town_manager",
    "/visits/": "grid_worker",
    "/visits/coverage": "town_manager",
    "/visits/unvisited": "village_manager",
    "/care/": "village_manager",
    "/cases/bring": "dispatcher",
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
    "number": "20261118000001",
    "view_id": 1,
    "case_no": "20261118000001",
    "photo_id": 1,
    "year": 2026,
}
"""Argument of a rule → a value it takes."""
