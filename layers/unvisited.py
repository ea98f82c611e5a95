"""The unvisited households as a layer, for the worker in charge and the village."""

from __future__ import annotations

from gis import visits
from gis.words import N_
from layers.layer import Class, Field, Layer, Style

STATES = {name: visits.STATES[name] for name in visits.UNVISITED}

UNVISITED = Layer(
    "unvisited", N_("Unvisited households"), N_("Households where nobody was met in the last 183 days; no names."),
    visits.unvisited_rows, "polygon",
    (
        Field("label", N_("Label")),
        Field("unit", N_("Unit")),
        Field("floor", N_("Floor"), "integer"),
        Field("state", N_("State"), words=STATES, in_tiles=True, filtered=True),
        Field("last_met_on", N_("Last visited on"), "date"),
        Field("last_try_on", N_("Last tried on"), "date"),
        Field("due_on", N_("Visit due on"), "date"),
        Field("building_id", N_("Building number"), "integer", filtered=True),
        Field("grid_code", N_("Grid code"), filtered=True),
    ),
    tables=("households", "visits", "plan_households", "grids"), permission="household.view",
    style=Style(line="#7f2704", width=0.8, opacity=0.8, by="state", classes=(
        Class(visits.STATES["never"], "#d55e00", "never", pattern="cross"),
        Class(visits.STATES["overdue"], "#e69f00", "overdue", pattern="diagonal"),
    )),
    minzoom=12, drawn_from=14, counts_below=16, timed=True,
)  # fmt: skip
