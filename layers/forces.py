"""The layers of the forces: what is vacant, whom a corps covers, meetings of the month, projects on the ground."""

from __future__ import annotations

from gis import honours, meetings, premises, projects, staffing, vacancies
from gis.words import N_
from layers.layer import Class, Field, Layer, Style

VACANCIES = Layer(
    "vacancies", N_("Vacancies"),
    N_("Grids and villages that lack somebody or something on the day, one row for each."),
    vacancies.rows, "polygon",
    (
        Field("kind", N_("What is lacking"), words=vacancies.KINDS, in_tiles=True, filtered=True),
        Field("code", N_("Code of the grid or area"), filtered=True),
        Field("name", N_("Grid or area")),
        Field("village", N_("Village or community")),
        Field("town", N_("Town or street")),
        Field("ends_on", N_("Contract ends on"), "date"),
    ),
    tables=("grid_outlines", "grids", "areas", "assignments", "organisations", "organisation_grids"),
    style=Style(line="#7f1d1d", width=2.0, opacity=0.55, by="kind", classes=(
        Class(vacancies.KINDS["no_link_cadre"], "#d55e00", "no_link_cadre", pattern="cross"),
        Class(vacancies.KINDS["no_leader"], "#e69f00", "no_leader", pattern="diagonal"),
        Class(vacancies.KINDS["no_full_time"], "#f0e442", "no_full_time", pattern="diagonal"),
        Class(vacancies.KINDS["no_branch"], "#cc79a7", "no_branch", pattern="dots"),
        Class(vacancies.KINDS["no_adviser"], "#0072b2", "no_adviser", pattern="cross"),
        Class(vacancies.KINDS["adviser_ending"], "#a6cee3", "adviser_ending", pattern="dots"),
        Class(vacancies.KINDS["no_functional"], "#d9d9d9", "no_functional", pattern="dots"),
    )),
    timed=True,
)  # fmt: skip

TEAMS = Layer(
    "teams", N_("Corps and squads"),
    N_("The four forces as corps of a town and squads of a village, over the ground they serve."),
    staffing.team_rows, "polygon",
    (
        Field("name", N_("Name")),
        Field("force", N_("Force"), words=staffing.FORCES, in_tiles=True, filtered=True),
        Field("rank", N_("Rank"), words=staffing.RANKS, in_tiles=True, filtered=True),
        Field("corps", N_("Corps")),
        Field("size", N_("Persons"), "integer"),
        Field("code", N_("Area code"), filtered=True),
        Field("place", N_("Service area")),
    ),
    tables=("teams", "areas"),
    style=Style(line="#3b4450", width=1.2, opacity=0.35, by="force", classes=(
        Class(staffing.FORCES["administrative"], "#0072b2", "administrative", pattern="diagonal"),
        Class(staffing.FORCES["political_legal"], "#cc79a7", "political_legal", pattern="cross"),
        Class(staffing.FORCES["law_enforcement"], "#e69f00", "law_enforcement", pattern="dots"),
        Class(staffing.FORCES["social"], "#009e73", "social"),
    )),
)  # fmt: skip

MEETINGS = Layer(
    "meetings", N_("Reception days and councils"),
    N_("Reception days and deliberation councils of the month before and after the day."),
    meetings.rows, "point",
    (
        Field("kind", N_("Kind"), words=meetings.KINDS, in_tiles=True, filtered=True),
        Field("held_on", N_("Day"), "date"),
        Field("place", N_("Village or community")),
        Field("about", N_("Site or topic")),
        Field("received", N_("Residents received"), "integer"),
        Field("cases_opened", N_("Cases opened"), "integer"),
    ),
    tables=("reception_days", "reception_cases", "council_meetings", "cases", "areas"),
    style=Style(line="#ffffff", width=1.2, by="kind", classes=(
        Class(meetings.KINDS["reception"], "#0072b2", "reception", shape="square"),
        Class(meetings.KINDS["council"], "#d55e00", "council", shape="diamond"),
    )),
    counts_below=11, timed=True,
)  # fmt: skip

PROJECTS = Layer(
    "projects", N_("Renovation projects"), N_("Projects on the ground with their stage and lead body."),
    projects.rows, "polygon",
    (
        Field("name", N_("Name"), in_tiles=True),
        Field("stage", N_("Stage"), words=premises.PROJECT_STAGES, in_tiles=True, filtered=True),
        Field("budget_band", N_("Budget")),
        Field("lead_body", N_("Lead body")),
        Field("place", N_("Village or community")),
        Field("begins_on", N_("Begins on"), "date"),
        Field("ends_on", N_("Ends on"), "date"),
        Field("completed_on", N_("Completed on"), "date"),
    ),
    tables=("projects", "areas", "grid_outlines"),
    style=Style(line="#3b4450", width=1.6, opacity=0.5, by="stage", classes=(
        Class(premises.PROJECT_STAGES["planned"], "#dfc27d", "planned", pattern="dots"),
        Class(premises.PROJECT_STAGES["under_way"], "#80cdc1", "under_way", pattern="diagonal"),
        Class(premises.PROJECT_STAGES["accepted"], "#018571", "accepted"),
    )),
    timed=True, spread=True,
)  # fmt: skip

HONOURS = Layer(
    "honours", N_("Honours"),
    N_("Honours of buildings and compounds that are held; no person and no family bears one."),
    honours.rows, "point",
    (
        Field("kind", N_("Honour"), words=premises.HONOUR_KINDS, in_tiles=True, filtered=True),
        Field("year", N_("Year"), "integer", filtered=True),
        Field("code", N_("Building code"), filtered=True),
        Field("name", N_("Name")),
        Field("compound", N_("Residential compound")),
        Field("address", N_("Address")),
        Field("grid_code", N_("Grid code"), filtered=True),
        Field("village", N_("Village or community")),
    ),
    tables=("honours", "buildings", "grids", "areas"), permission="building.view",
    style=Style(line="#ffffff", width=1.2, by="kind", classes=(
        Class(premises.HONOUR_KINDS["model_building"], "#d55e00", "model_building", shape="star"),
        Class(premises.HONOUR_KINDS["model_compound"], "#0072b2", "model_compound", shape="star"),
    )),
    counts_below=12,
)  # fmt: skip
