"""The district in memory: land, buildings, and one frame of rows per table, before anything touches a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.demo.geography import Geography
from gis.demo.numbers import Frame, Profile, Town

Say = Callable[[str], None]


@dataclass
class District:
    """What has been made so far.

    `tables` maps a table to its rows: columns named as in the database, ids and foreign ids counted from 0 (-1: none),
    shapes in the metric CRS in the column `geometry`.
    """

    profile: Profile
    seed: int
    day: date
    land: Geography
    buildings: gpd.GeoDataFrame
    households: gpd.GeoDataFrame
    tables: dict[str, Frame] = field(default_factory=dict)
    planted: dict[str, Any] = field(default_factory=dict)

    @property
    def grids(self) -> gpd.GeoDataFrame:
        """The grids, one row each; the row number is the local id."""
        return self.land.grids

    @property
    def villages(self) -> gpd.GeoDataFrame:
        """The villages and communities, one row each."""
        return self.land.villages

    @property
    def began(self) -> date:
        """The day on which the grids were first drawn."""
        return date(self.day.year - 3, 1, 1)

    @property
    def changed(self) -> date:
        """The day of the boundary change: seven months into the year that ends on the reference day."""
        return (self.day - timedelta(days=152)).replace(day=1)

    def rows_of(self, town: Town, kind: str | None = None) -> NDArray[np.int64]:
        """Return the grid rows of a town, of one kind if asked."""
        inside = self.grids["town"] == town.code
        return np.flatnonzero(inside if kind is None else inside & (self.grids["kind"] == kind))

    def villages_of(self, town: Town) -> NDArray[np.int64]:
        """Return the village rows of a town."""
        return np.flatnonzero(self.villages["town"] == town.code)

    def town_of(self, name: str) -> Town:
        """Return a town by name; a district with a single town has every story there."""
        return next((town for town in self.profile.towns if town.name == name), self.profile.towns[0])


def since(start: date) -> str:
    """Return the text of a half-open date range without an end."""
    return f"[{start.isoformat()},)"


def between(start: date, end: date) -> str:
    """Return the text of a half-open date range."""
    return f"[{start.isoformat()},{end.isoformat()})"
