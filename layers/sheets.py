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
    focus = within(maps, shown)
    if len(shown) == 1:
        return Sheets(paper.drawn(focus, paper.HALF, shown.values()), [], still)
    pairs = [(name, paper.drawn(within(maps, [code]), paper.HALF, [name])) for code, name in sorted(shown.items())]
    return Sheets(overview(focus, shown), pairs, still)


def within(maps: Maps, villages: Iterable[str]) -> Maps:
    """Return what of some maps lies in villages; ground that moves goes where the grids are that it lies on."""
    inside = set(villages)
    sides = {
        name: collection(each for each in maps[name]["features"] if village_of(each) in inside)
        for name in ("before", "after")
    }
    ground = shapely.union_all([area(each) for side in sides.values() for each in side["features"]])
    shapely.prepare(ground)
    parts = np.array([part for each in maps["moved"]["features"] for part in shapely.get_parts(area(each))], object)
    held = parts[shapely.intersects(ground, shapely.point_on_surface(parts))] if len(parts) else parts
    moved = features(np.array([shapely.multipolygons(held)]), [{"name": "", "changed": True}]) if len(held) else []
    return {**sides, "moved": collection(moved)}


def overview(maps: Maps, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the maps of several villages, on which the villages are named and not the grids."""
    ground = [shapely.union_all([area(each) for each in maps["after"]["features"] if village_of(each) == code])
              for code in names]  # fmt: skip
    named = collection(
        features(np.array(ground, object), [{"name": name, "changed": False} for name in names.values()])
    )
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
