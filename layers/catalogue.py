"""Every layer of the product: open this file and you see all that the map shows and the exports hold."""

from __future__ import annotations

from collections.abc import Mapping

from gis import areas, barriers, boundaries, cases, indicators, party, premises, resources, staffing
from gis.words import N_
from layers.forces import HONOURS, MEETINGS, PROJECTS, TEAMS, VACANCIES
from layers.layer import Catalogue, Class, Field, Layer, Style
from layers.unvisited import UNVISITED


def coloured(words: Mapping[str, str], colours: Mapping[str, str]) -> tuple[Class, ...]:
    """Return one class for each value that has a colour, labelled with its word."""
    return tuple(Class(words[value], colour, value) for value, colour in colours.items())


CODE = Field("code", N_("Code"), in_tiles=True, filtered=True, searched=True)
NAME = Field("name", N_("Name"), in_tiles=True, searched=True)
GRID_CODE = Field("grid_code", N_("Grid code"), filtered=True)
PHONE = Field("contact_phone", N_("Contact phone"))

AREAS = Layer(
    "areas", N_("Districts, towns, villages"), N_("The division of the district, with 12-digit codes."),
    areas.rows, "polygon",
    (
        CODE,
        NAME,
        Field("name_en", N_("English name")),
        Field("level", N_("Level"), words=areas.LEVELS, in_tiles=True, filtered=True),
        Field("kind", N_("Kind"), words=areas.KINDS, filtered=True),
        Field("parent_code", N_("Code of the area above")),
        Field("parent", N_("Area above")),
    ),
    tables=("areas",),
    style=Style(fill="none", line="#3b4450", width=2.0, by="level", label="name", classes=(
        Class(N_("district"), "#1f2933", "district"),
        Class(N_("town or street"), "#3b4450", "town"),
        Class(N_("village or community"), "#7b8794", "village"),
    )),
    on=True, found_as="area", found_at_zoom=12,
)  # fmt: skip

GRID_FIELDS = (
    CODE,
    NAME,
    Field("kind", N_("Kind"), words=boundaries.KINDS, in_tiles=True, filtered=True),
    Field("village_code", N_("Village code"), filtered=True),
    Field("village", N_("Village or community")),
    Field("town", N_("Town or street")),
    Field("households", N_("Households"), "integer"),
    Field("residents", N_("Residents"), "integer"),
    Field("buildings", N_("Buildings"), "integer"),
)

GRIDS = Layer(
    "grids", N_("Grids"), N_("The grids in force on the day, with their counts and open cases."),
    indicators.by_grid, "polygon",
    (
        *GRID_FIELDS,
        Field("area_m2", N_("Land area"), "number", "m²"),
        Field("since", N_("In force since"), "date"),
        Field("open_cases", N_("Open cases"), "integer"),
        Field("overdue_cases", N_("Overdue cases"), "integer"),
        Field("due_today_cases", N_("Due today"), "integer"),
        Field("due_soon_cases", N_("Due soon"), "integer"),
        Field("due_cases", N_("Cases due in the last 30 days"), "integer"),
        Field("on_time_cases", N_("Cases closed on time, last 30 days"), "integer"),
        Field("teams", N_("Volunteer teams"), "integer"),
        Field("volunteers", N_("Active volunteers"), "integer"),
        Field("service_points", N_("Service points"), "integer"),
        Field("nearest_m", N_("Distance to the nearest team"), "integer", "m"),
        Field("full_time", N_("Full-time grid workers"), "integer"),
        Field("part_time", N_("Part-time grid workers"), "integer"),
    ),
    tables=("grid_outlines", "grids"),
    style=Style(line="#5b6470", width=1.0, label="name"),
    on=True, timed=True, found_as="grid", found_at_zoom=15,
)  # fmt: skip

COVERAGE = Layer(
    "coverage", N_("Coverage"), N_("How far visits, organisation, link cadres, advisers and care reach, grid by grid."),
    indicators.by_grid, "polygon",
    (
        *GRID_FIELDS[:7],
        Field("visited", N_("Households visited"), "integer"),
        Field("households_listed", N_("Households on the list"), "integer"),
        Field("branch_cover", N_("Party branch (2 own, 1 joint, 0 none)"), "integer"),
        Field("deepest_tier", N_("Deepest tier of the Party chain"), "integer"),
        Field("functional_kinds", N_("Kinds of functional branch in the village"), "integer"),
        Field("functional_branches", N_("Functional branches in the village"), "integer"),
        Field("link_cadres", N_("Link cadres"), "integer"),
        Field("office_cadres", N_("Office cadres"), "integer"),
        Field("leaders", N_("Grid leaders"), "integer"),
        Field("adviser_state", N_("Legal adviser (2 yes, 1 contract ending, 0 none)"), "integer"),
        Field("legal_forces", N_("Judges, prosecutors, police officers and lawyers"), "integer"),
        Field("care_enrolled", N_("Care enrolments"), "integer", permission="care.count", suppressed_by="care_hidden"),
        Field("care_in_time", N_("Care enrolments visited in time"), "integer", permission="care.count", suppressed_by="care_hidden"),
    ),
    tables=("grid_outlines", "grids", "visits", "plan_households", "organisations", "assignments", "care_tallies"),
    style=Style(line="#5b6470", width=1.0),
    timed=True, drawn=False,
)  # fmt: skip

GAPS = Layer(
    "gaps", N_("Gaps and unassigned buildings"),
    N_("Land in no grid or in two, and buildings that no grid holds whole; found anew after each change."),
    boundaries.gap_rows, "polygon",
    (
        Field("kind", N_("Kind"), words=boundaries.GAP_KINDS, in_tiles=True, filtered=True),
        Field("area_m2", N_("Land area"), "number", "m²"),
        Field("village", N_("Village or community")),
        Field("grid_codes", N_("Grid codes"), "list"),
        Field("found_at", N_("Found at"), "time"),
    ),
    tables=("gaps",),
    style=Style(line="#1f2933", width=1.5, by="kind", classes=(
        Class(N_("land in no grid"), "#e69f00", "gap", pattern="diagonal"),
        Class(N_("land in two grids"), "#cc79a7", "overlap", pattern="cross"),
        Class(N_("building in no grid"), "#d55e00", "building"),
        Class(N_("building cut by a grid line"), "#f0e442", "cut"),
    )),
)  # fmt: skip

BUILDINGS = Layer(
    "buildings", N_("Buildings"), N_("Building footprints with floors and counts of households."),
    premises.building_rows, "polygon",
    (
        Field("code", N_("Building code"), filtered=True, searched=True),
        Field("name", N_("Name"), searched=True),
        Field("compound", N_("Residential compound"), searched=True),
        Field("address", N_("Address"), searched=True),
        Field("kind", N_("Kind"), words=premises.BUILDING_KINDS, in_tiles=True, filtered=True),
        Field("floors", N_("Floors"), "integer"),
        Field("households", N_("Households"), "integer"),
        Field("residents", N_("Residents"), "integer"),
        Field("honour", N_("Honour"), words=premises.HONOUR_KINDS),
        GRID_CODE,
    ),
    tables=("buildings", "grids", "honours"), permission="building.view",
    style=Style(line="#8d8678", width=0.6, by="kind", classes=coloured(premises.BUILDING_KINDS, {
        "residential": "#d9b99b", "homestead": "#e3cdb4", "commercial": "#b8c4d6", "office": "#c5cbd6",
        "school": "#b5d0b0", "hospital": "#d6b8c9", "factory": "#c9c1d9", "public": "#a9cfd0", "other": "#d8d5cf",
    })),
    minzoom=10, drawn_from=13, counts_below=14, on=True, found_as="building", found_at_zoom=17,
)  # fmt: skip

HOUSEHOLDS = Layer(
    "households", N_("Household outlines"), N_("Homesteads and flats, with floor and unit; counts and dates, no names."),
    premises.household_rows, "polygon",
    (
        Field("label", N_("Label")),
        Field("kind", N_("Kind"), words={"homestead": N_("homestead"), "flat": N_("flat")}, in_tiles=True, filtered=True),
        Field("unit", N_("Unit")),
        Field("floor", N_("Floor"), "integer"),
        Field("registered_on", N_("Registered on"), "date"),
        Field("building_id", N_("Building number"), "integer", filtered=True),
        GRID_CODE,
    ),
    tables=("households", "grids"), permission="household.view",
    style=Style(fill="#f5efe6", line="#8c6d46", width=0.5, opacity=0.6),
    minzoom=12, drawn_from=14, counts_below=16,
)  # fmt: skip

CASES = Layer(
    "cases", N_("Open cases"), N_("Cases that are open at the moment; restricted ones wordless, at the middle of their grid."),
    cases.rows, "point",
    (
        Field("case_no", N_("Case number"), filtered=True, searched=True),
        Field("category", N_("Category"), words=cases.CATEGORIES, in_tiles=True, filtered=True),
        Field("title", N_("Title"), free_text=True),
        Field("address", N_("Address"), free_text=True),
        Field("status", N_("Status"), words=cases.STATUSES, filtered=True),
        Field("state", N_("State"), in_tiles=True, filtered=True, words={
            "open": N_("open"), "due_today": N_("due today"), "overdue": N_("overdue"), "suspended": N_("suspended"),
        }),
        Field("urgency", N_("Urgency"), words={"normal": N_("normal"), "urgent": N_("urgent")}, filtered=True),
        Field("source", N_("Source"), words=cases.SOURCES, filtered=True),
        Field("lead_body", N_("Lead body")),
        Field("reported_at", N_("Reported at"), "time"),
        Field("due_at", N_("Due at"), "time"),
        Field("rework_count", N_("Rework"), "integer"),
        Field("return_count", N_("Returns"), "integer"),
        GRID_CODE,
    ),
    tables=("cases", "plan_cases", "grid_outlines"), permission="case.view",
    style=Style(line="#ffffff", width=1.2, by="state", classes=(
        Class(N_("open"), "#0072b2", "open", shape="circle"),
        Class(N_("due today"), "#e69f00", "due_today", shape="square"),
        Class(N_("overdue"), "#a63603", "overdue", shape="triangle"),
        Class(N_("suspended"), "#7b8794", "suspended", shape="ring"),
    )),
    counts_below=14, timed=True, clocked=True, masked=True, found_as="case", found_at_zoom=17,
)  # fmt: skip

ORGANISATIONS = Layer(
    "organisations", N_("Party organisations"), N_("The five tiers and the functional branches, with member counts."),
    party.rows, "point",
    (
        Field("name", N_("Name"), searched=True),
        Field("kind", N_("Kind"), words=party.KINDS, in_tiles=True, filtered=True),
        Field("tier", N_("Tier"), "integer", filtered=True),
        Field("form", N_("Form"), words=party.FORMS),
        Field("force", N_("Force"), words=party.FORCES, filtered=True),
        Field("member_count", N_("Members"), "integer"),
        Field("is_joint", N_("Joint branch"), "boolean"),
        Field("parent", N_("Organisation above")),
        Field("area_code", N_("Area code"), filtered=True),
        GRID_CODE,
        PHONE,
    ),
    tables=("organisations",),
    style=Style(line="#ffffff", width=1.2, by="kind", classes=(
        Class(party.KINDS["town_committee"], "#4d004b", "town_committee", shape="star"),
        Class(party.KINDS["village_org"], "#810f7c", "village_org", shape="diamond"),
        Class(party.KINDS["grid_branch"], "#88419d", "grid_branch", shape="square"),
        Class(party.KINDS["party_group"], "#8c96c6", "party_group", shape="circle"),
        Class(party.KINDS["contact_household"], "#b3cde3", "contact_household", shape="dot"),
        Class(party.KINDS["functional_branch"], "#009e73", "functional_branch", shape="triangle"),
    )),
    counts_below=12, timed=True,
)  # fmt: skip

STAFFING = Layer(
    "staffing", N_("Staffing"), N_("Who is assigned to a grid or village in which role on the day, or how many."),
    staffing.rows, "point",
    (
        Field("role", N_("Role"), words=staffing.ROLES, in_tiles=True, filtered=True),
        Field("name", N_("Name")),
        Field("work_phone", N_("Work phone")),
        Field("headcount", N_("Persons"), "integer"),
        Field("employment", N_("Employment"), words={"full_time": N_("full-time"), "part_time": N_("part-time")}),
        Field("code", N_("Code of the grid or area"), filtered=True),
        Field("place", N_("Grid or area")),
        Field("since", N_("Since"), "date"),
        Field("contract_ends_on", N_("Contract ends on"), "date"),
    ),
    tables=("assignments", "staff", "grid_outlines", "areas"),
    style=Style(fill="#56b4e9", line="#ffffff"), minzoom=8, counts_below=18, timed=True,
)  # fmt: skip

VOLUNTEERS = Layer(
    "volunteers", N_("Volunteer teams"), N_("Teams at their base points; no volunteer's home is known."),
    resources.team_rows, "point",
    (
        NAME,
        Field("skills", N_("Skills"), "list", words=resources.SKILLS),
        Field("active_count", N_("Active volunteers"), "integer", in_tiles=True),
        Field("registered_count", N_("Registered volunteers"), "integer"),
        Field("availability", N_("Availability"), words=resources.AVAILABILITY, filtered=True),
        Field("radius_m", N_("Radius"), "integer", "m"),
        PHONE,
        GRID_CODE,
    ),
    tables=("volunteer_teams",), counts_below=12, timed=True, style=Style(
        fill="#009e73", line="#ffffff", width=1.2, classes=(Class(N_("volunteer team"), "#009e73", shape="diamond"),)),
)  # fmt: skip

SERVICE_POINTS = Layer(
    "service_points", N_("Service points"), N_("Party-masses service centres and other places that serve residents."),
    resources.point_rows, "point",
    (
        NAME,
        Field("kind", N_("Kind"), words=resources.POINT_KINDS, in_tiles=True, filtered=True),
        Field("capacity", N_("Capacity"), "integer"),
        Field("opening_hours", N_("Opening hours")),
        Field("items", N_("What can be handled here"), "list"),
        PHONE, GRID_CODE,
    ),
    tables=("service_points",), counts_below=12, timed=True, style=Style(
        fill="#cc79a7", line="#ffffff", width=1.2, classes=(Class(N_("service point"), "#cc79a7", shape="square"),)),
)  # fmt: skip

BARRIERS = Layer(
    "barriers", N_("Roads and waters"), N_("Roads, rivers, rails and walls: the backdrop that grid lines follow."),
    barriers.rows, "line",
    (
        Field("name", N_("Name"), in_tiles=True),
        Field("kind", N_("Kind"), words=barriers.KINDS, in_tiles=True, filtered=True),
        Field("rank", N_("Rank"), words=barriers.RANKS, in_tiles=True, filtered=True),
    ),
    tables=("barriers", "areas", "grid_outlines"),
    style=Style(fill="#bcd7e6", line="#ffffff", width=1.5, by="kind", classes=coloured(barriers.KINDS, {
        "road": "#ffffff", "river": "#bcd7e6", "rail": "#7b8794", "wall": "#8d8678",
    })),
    sparse=(
        (11, "rank", ("arterial",)),
        (13, "rank", ("arterial", "major")),
        (15, "rank", ("arterial", "major", "minor")),
    ),
    on=True, timed=True, placeless=True,
)  # fmt: skip

CATALOGUE = Catalogue((
    BARRIERS, GRIDS, COVERAGE, AREAS, TEAMS, PROJECTS, VACANCIES, BUILDINGS, HOUSEHOLDS, UNVISITED, GAPS, STAFFING, ORGANISATIONS, SERVICE_POINTS, VOLUNTEERS, MEETINGS, HONOURS, CASES,
))  # fmt: skip

SEARCHED = (AREAS, GRIDS, BUILDINGS, CASES, ORGANISATIONS, SERVICE_POINTS, VOLUNTEERS)
"""The layers that a search looks in, in the order of its answer."""
