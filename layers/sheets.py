"""The maps of what a plan does: a pair for a village; for a town an overview and one for each village that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.sketch import Collection, collection, features
from layers import paper

Maps = dict[str, Collection]
"""`before` and `after` with an outline per grid, and `moved`: the ground that goes to another grid."""


@dataclass(frozen=True)
class Sheets:
    """The overview, a pair of maps for each village that changes where there are several, and how many stay out."""

    overview: dict[str, Any]
    villages: list[tuple[str, dict[str, Any]]]
    still: int


def sheets(maps: Maps, shown: Mapping[str, str], still: int) -> Sheets:
    """Return the maps of the villages with these names, by their codes; `still` others are not drawn."""
    if len(shown) == 1:
        return Sheets(paper.drawn(within(maps, shown), paper.HALF, shown.values()), [], still)
    moving = moved(maps)
    parts = {code: within(maps, [code], moving) for code in sorted(shown)}
    pairs = [(shown[code], paper.drawn(part, paper.HALF, [shown[code]])) for code, part in parts.items()]
    return Sheets(overview(within(maps, shown), parts, shown), pairs, still)


def moved(maps: Maps) -> Any:
    """Return the ground that moves as one shape."""
    return shapely.union_all([area(each) for each in maps["moved"]["features"]])


def within(maps: Maps, villages: Iterable[str], moving: Any = None) -> Maps:
    """Return what of some maps lies in villages, the ground that moves (given where it is known) cut along them."""
    inside = set(villages)
    sides = {
        name: collection(each for each in maps[name]["features"] if village_of(each) in inside)
        for name in ("before", "after")
    }
    ground = shapely.union_all([area(each) for each in sides["after"]["features"]])
    held = shapely.intersection(moved(maps) if moving is None else moving, ground)
    surfaces = [part for part in shapely.get_parts(held) if shapely.get_dimensions(part) == 2]
    cut = features(np.array([shapely.multipolygons(surfaces)]), [{"name": "", "changed": True}]) if surfaces else []
    return {**sides, "moved": collection(cut)}


def overview(maps: Maps, parts: Mapping[str, Maps], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the maps of several villages, on which the villages are named and not the grids."""
    ground = np.array([shapely.union_all([area(each) for each in parts[code]["after"]["features"]]) for code in names])
    named = collection(features(ground, [{"name": name, "changed": False} for name in names.values()]))
    unnamed = {
        side: collection({**each, "properties": {**each["properties"], "name": ""}} for each in maps[side]["features"])
        for side in ("before", "after")
    }
    drawn = paper.drawn({**maps, **unnamed, "villages": named}, paper.HALF)
    return {**drawn, "labels": drawn["villages"]}


def area(feature: Mapping[str, Any]) -> Any:
    """Return the area of a feature."""
    return shapely.make_valid(shapely.geometry.shape(feature["geometry"]))


def village_of(feature: Mapping[str, Any]) -> str:
    """Return the code of the village that a grid is of."""
    return (feature["properties"]["code"] or "")[:12]
