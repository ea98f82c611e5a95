"""Villages drawn in metres, and what has to hold for every fabric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely import box

from gis import geometry
from gis.fabric.build import Built, around, build
from gis.fabric.material import Barriers, Buildings, Material, Units, no_units

PLANE = geometry.plane(121.5, 28.7)
VILLAGE = "999901100001"


def shapes(drawn: Sequence[Any]) -> Any:
    found = np.empty(len(drawn), object)
    found[:] = drawn
    return geometry.degrees(found, PLANE)


def village(
    outline: Any,
    buildings: Sequence[Any] = (),
    barriers: Sequence[tuple[str, Any]] = (),
    *,
    households: Sequence[int] | None = None,
    units: Units | None = None,
    first: int = 1,
    seams: Sequence[Any] = (),
) -> Material:
    """Return what a fabric is made of: shapes in metres east and north of 121.5, 28.7."""
    count = len(buildings)
    homes = np.array(households or [4] * count, np.int64)
    ids = np.arange(first, first + count)
    codes = np.array([f"{VILLAGE}{number:05d}" for number in ids], object)
    kinds = np.array([kind.split()[0] for kind, _ in barriers], object)
    ranks = np.array([([*kind.split(), "minor"])[1] for kind, _ in barriers], object)
    return Material(
        VILLAGE,
        geometry.degrees(outline, PLANE),
        Buildings(ids, codes, homes, 3 * homes, shapes(buildings)),
        units or no_units(),
        Barriers(shapes([shape for _, shape in barriers]), kinds, ranks),
        shapes(seams),
    )


def block(columns: int, rows: int, *, gap: float = 20.0, west: float = 0.0, south: float = 0.0) -> list[Any]:
    """Return houses of 12 by 10 metres in rows."""
    step = 12 + gap
    places = [(west + step * i + gap / 2, south + step * j + gap / 2) for j in range(rows) for i in range(columns)]
    return [box(x, y, x + 12, y + 10) for x, y in places]


def metric(built: Built) -> Any:
    return geometry.metres(built.outlines, PLANE)


def sound(material: Material, built: Built | None = None, *, cut: float = 0.001) -> Built:
    """Return the fabric of a village after looking at everything that has to hold of it.

    `cut` is the ground in m² that a building may leave to others: what another building covers too.
    """
    built = built or build(material)
    assert shapely.is_valid(built.outlines).all()
    assert shapely.coverage_is_valid(built.outlines)
    assert abs(shapely.area(built.outlines).sum() / shapely.area(material.outline) - 1) < 1e-8
    assert (shapely.area(built.outlines) > 0).all()
    standing = np.setdiff1d(material.buildings.ids, built.outside)
    found = material.buildings.ids[built.building[built.building >= 0]]
    assert np.unique(found).tolist() == standing.tolist(), "a building has no cell"
    whole = built.part == 0
    assert len(np.unique(built.building[whole & (built.building >= 0)])) == (whole & (built.building >= 0)).sum()
    on = around(material.outline)
    own = geometry.derive(built.outlines, built.building, len(material.buildings))
    ground = geometry.metres(shapely.intersection(material.buildings.outlines, material.outline), on)
    left = shapely.difference(ground, geometry.metres(own, on))
    assert np.nan_to_num(shapely.area(left)).max(initial=0) <= cut, "a building straddles cells"
    assert ((built.borders.length_m >= 1) | built.borders.bridge).all()
    assert (built.borders.a < built.borders.b).all()
    return built


def pairs(built: Built) -> set[tuple[int, int]]:
    """Return the cells that meet, whether one can cross or not."""
    return set(zip(built.borders.a.tolist(), built.borders.b.tolist(), strict=True))


def border(built: Built, one: int, other: int) -> dict[str, Any]:
    """Return what is known of the border of two cells."""
    low, high = min(one, other), max(one, other)
    (at,) = np.flatnonzero((built.borders.a == low) & (built.borders.b == high))
    return {name: getattr(built.borders, name)[at] for name in ("length_m", "along", "rank", "blocked", "bridge")}
