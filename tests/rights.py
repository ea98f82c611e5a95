"""What the role of the application may write: everything else belongs to the owner's functions."""

from __future__ import annotations

PARTS_OF_PLANS = ("plan_grids", "plan_cells", "plan_events", "plan_comments")
INSERTED = (
    "audit_log", "export_log", "fabrics", "cells", "cell_borders", "plans", *PARTS_OF_PLANS,
    "grids", "grid_outlines", "gaps", "cases", "case_events", "case_photos", "calendar_days", "duty_items",
    "kpi_snapshots", "visits", "care.visits", "care.enrolments", "case_views", "stage_limits", "withdrawn_visits",
    "assignments", "reception_days", "reception_cases", "council_meetings", "projects",
    "case_calls", "volunteer_teams", "volunteer_activities", "service_points", "honours",
)  # fmt: skip
"""Tables that it may add rows to."""
DELETED = ("cell_borders", "plan_cells", "gaps", "calendar_days", "visits", "care.visits", "case_views")
"""Tables that it may delete rows of."""
UPDATED: dict[str, tuple[str, ...]] = {
    "care.enrolments": ("next_due",), "care.register": ("staff_id", "ended_on"),
    "assignments": ("valid",), "honours": ("ended_on",),
    "projects": ("stage", "started_on", "completed_on", "valid", "name", "lead_body", "outline", "area_code",
                 "territory"),
    "reception_days": ("held_on", "site", "host_role", "received", "revision", "cancelled"),
    "council_meetings": ("held_on", "topic", "outcome", "case_id", "revision", "cancelled"),
    "duty_items": ("valid",), "stage_limits": ("valid",), "case_views": ("label", "filters", "first"),
    "case_calls": ("answer", "closed_at"),
    "volunteer_teams": ("area_code", "grid_id", "territory", "name", "skills", "active_count", "registered_count",
                        "availability", "radius_m", "contact_phone", "point", "revision", "closed_on"),
    "service_points": ("area_code", "grid_id", "territory", "kind", "name", "capacity", "opening_hours",
                       "hours_workdays", "hours_days_off", "items", "contact_phone", "point", "revision",
                       "closed_on"),
    "export_log": ("rows", "bytes", "ended_at"), "users": ("password_hash", "session_epoch", "language"),
    "fabrics": ("cells",), "cells": ("until",), "plan_cells": ("plan_grid_id", "locked"),
    "cell_borders": ("length_m", "along", "rank", "blocked", "bridge"),
    "plan_grids": ("name", "kind", "locked", "retired", "published_id"),
    "grids": ("name", "kind", "status"), "grid_outlines": ("valid", "closed_figures"),
    "plans": ("name", "note", "status", "revision", "fabrics", "lines", "households_min", "households_max",
              "effective_from", "submitted_at", "reviewer_id", "reviewer_name", "reviewed_at", "published_at",
              "report"),
}  # fmt: skip
"""Table → the columns of it that it may change."""
