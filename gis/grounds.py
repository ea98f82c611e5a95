"""The ground of projects out of GeoJSON, drawn or brought in: what is wrong is told by row and field."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import shape

from gis.errors import Invalid, WanggeError
from gis.geometry import invalidity
from gis.premises import PROJECT_STAGES
from gis.private import refuse
from gis.tabular import Wrong
from gis.words import N_

MOST_ROWS, MOST_CORNERS = 200, 20_000
LARGEST = 400_000
"""Signs of a file: outlines of a few hundred compounds."""
DEGREES = re.compile(r"(EPSG:{1,2}(4326|4490)|CRS:?84)$", re.IGNORECASE)
FIELDS = {"name": N_("Name"), "lead_body": N_("Lead body"), "stage": N_("Stage"), "budget_band": N_("Budget"),
          "geometry": N_("Outline")}  # fmt: skip
"""Property of a feature → what it is called on the pages."""


@dataclass(frozen=True)
class Ground:
    """A project as a row of the file has it, its outline as a multipolygon in degrees of CGCS2000."""

    row: int
    name: str
    lead_body: str
    shape: Any
    stage: str = "planned"
    budget_band: str | None = None


def read(text: str) -> tuple[list[Ground], list[Wrong]]:
    """Return the projects of a file and what is wrong with its rows; raises Invalid for what is no such file."""
    features = features_of(text)
    grounds: list[Ground] = []
    wrong: list[Wrong] = []
    for row, feature in enumerate(features, 1):
        ground = looked_at(row, feature if isinstance(feature, dict) else {}, wrong)
        if ground is not None:
            grounds.append(ground)
    return grounds, wrong


def features_of(text: str) -> list[Any]:
    """Return the features of a GeoJSON text in degrees; raises Invalid with how to mend it."""
    if len(text) > LARGEST:
        raise Invalid(N_("The file has more than 400,000 signs. Send fewer projects at a time."))
    try:
        told = json.loads(text)
    except ValueError as error:
        raise Invalid(N_("This is no GeoJSON. Export the outlines as a FeatureCollection.")) from error
    if isinstance(told, dict) and told.get("type") == "Feature":
        told = {"type": "FeatureCollection", "features": [told]}
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not 1 <= len(features) <= MOST_ROWS:
        raise Invalid(N_("A file has one to 200 features, each a project with name, lead_body and outline."))
    crs = told.get("crs")
    named = str((crs.get("properties") or {}).get("name", "")) if isinstance(crs, dict) else "EPSG:4326"
    if not DEGREES.search(named):
        raise Invalid(N_("“%(crs)s” is not taken: export in EPSG:4490 or EPSG:4326."), crs=named[:60])
    return features


def looked_at(row: int, feature: dict[str, Any], wrong: list[Wrong]) -> Ground | None:
    """Return what a feature says, None when something is wrong with it, which is added to the list."""
    given = feature.get("properties")
    told = given if isinstance(given, dict) else {}
    found: dict[str, Any] = {}
    for field, part, value in (
        ("name", words, told.get("name")),
        ("lead_body", words, told.get("lead_body")),
        ("stage", stage, told.get("stage")),
        ("budget_band", budget, told.get("budget_band")),
        ("geometry", outline, feature.get("geometry")),
    ):
        try:
            found[field] = part(value)
        except WanggeError as error:
            wrong.append(Wrong(row, field, error))
    if len(found) < len(FIELDS):
        return None
    return Ground(row, found["name"], found["lead_body"], found["geometry"], found["stage"], found["budget_band"])


def words(value: Any) -> str:
    """Return a name; raises Invalid for its length, Refused for a person's number in it."""
    text = " ".join(str(value or "").split())
    if not 1 < len(text) <= 60:
        raise Invalid(N_("Needs 2 to 60 characters."))
    refuse(text)
    return text


def budget(value: Any) -> str | None:
    """Return a band of the budget, None without one."""
    return words(value) if value else None


def stage(value: Any) -> str:
    """Return a stage, the first without one; raises Invalid for another word."""
    text = str(value or "planned")
    if text not in PROJECT_STAGES:
        known = ", ".join(PROJECT_STAGES)
        raise Invalid(N_("“%(value)s” is no stage; known are: %(known)s."), value=text[:30], known=known)
    return text


def outline(geometry: Any) -> Any:
    """Return a geometry as a multipolygon; raises Invalid for what has no sound area in degrees."""
    from gis.crs import CHINA  # its library takes its share of a worker's memory

    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise Invalid(N_("An outline is a Polygon or a MultiPolygon."))
    try:
        made = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Invalid(N_("Its coordinates cannot be read.")) from error
    if made.is_empty or shapely.get_num_coordinates(made) > MOST_CORNERS:
        raise Invalid(N_("An outline has at least 3 and at most 20,000 corners."))
    west, south, east, north = made.bounds
    if not (CHINA[0] <= west and east <= CHINA[2] and CHINA[1] <= south and north <= CHINA[3]):
        raise Invalid(N_("Its coordinates are no longitude and latitude in China: export in EPSG:4490 or EPSG:4326."))
    if not made.is_valid:
        reason, place = invalidity(made)
        where = "%.6f, %.6f" % (place or made.bounds[:2])
        raise Invalid(
            N_("The outline is not valid at %(place)s: %(reason)s. Mend it there."), place=where, reason=reason
        )
    return shapely.MultiPolygon(shapely.get_parts(made).tolist())
