"""What a fabric is woven of: a village, the buildings on it, the units of its towers, and the barriers through it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gis.geometry import Floats, Shapes

Ints = NDArray[np.int64]
Words = NDArray[np.object_]


@dataclass(frozen=True)
class Buildings:
    """Buildings in the order of their ids, with registered counts; outlines in degrees."""

    ids: Ints
    codes: Words
    households: Ints
    residents: Ints
    outlines: Shapes

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Units:
    """The units (单元) of tall buildings: what lives in each, and the middle of its flats in degrees (n × 2).

    A unit without a name holds the households of a building that have none.
    """

    building_ids: Ints
    names: Words
    households: Ints
    residents: Ints
    middles: Floats


@dataclass(frozen=True)
class Barriers:
    """Roads, rails, walls and waters with their ranks, as lines and surfaces in degrees."""

    shapes: Shapes
    kinds: Words
    ranks: Words


@dataclass(frozen=True)
class Material:
    """Everything that the fabric of one village is made of; outline and seams are in degrees.

    `seams` are grids in force, along whose outlines water is parted, and land too where there are no buildings.
    """

    village: str
    outline: object
    buildings: Buildings
    units: Units
    barriers: Barriers
    seams: Shapes = field(default_factory=lambda: np.empty(0, object))


def no_units() -> Units:
    """Return the units of a village without towers."""
    none = np.empty(0, np.int64)
    return Units(none, np.empty(0, object), none, none, np.empty((0, 2)))
