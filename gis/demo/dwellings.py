"""Households: a homestead's part of its row, or the flat's strip of the footprint with floor and unit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.demo.geography import METRIC
from gis.demo.numbers import Frame, share
from gis.demo.settlement import rectangles


def divide(buildings: gpd.GeoDataFrame, grids: Frame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return one row per household: building row, grid row, kind, unit, floor, label, residents, outline (metric)."""
    lived = buildings["households"].to_numpy()
    building = np.repeat(np.arange(len(buildings)), lived)
    order = np.arange(len(building)) - np.repeat(np.cumsum(lived) - lived, lived)
    of = buildings.drop(columns="geometry").iloc[building].reset_index(drop=True)
    flat = (of["kind"] == "residential").to_numpy()
    strips = np.where(flat, 2 * of["units"], of["households"]).astype(np.int64)
    strip, floor = order % strips, order // strips + 1
    unit, door = strip // 2 + 1, floor * 100 + strip % 2 + 1
    label = np.where(flat, _flat_label(unit, door), _home_label(of["address"], order))
    width = of["width"].to_numpy() / strips
    shift = (strip + 0.5) * width - of["width"].to_numpy() / 2
    angle = of["angle"].to_numpy()
    x, y = of["x"] + shift * np.cos(angle), of["y"] + shift * np.sin(angle)
    shapes = rectangles(x.to_numpy(), y.to_numpy(), width, of["depth"].to_numpy(), angle)
    frame = pd.DataFrame(
        {
            "building": building,
            "grid": of["grid"],
            "kind": np.where(flat, "flat", "homestead"),
            "label": label,
            "unit": np.where(flat, np.char.add(unit.astype(str), "单元"), ""),
            "floor": np.where(flat, floor, 0),
            "residents": settle(of["grid"].to_numpy(), grids["residents"].to_numpy(), rng),
        }
    )
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=METRIC)


def _flat_label(unit: NDArray[np.int64], door: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.char.add(np.char.add(unit.astype(str), "单元"), np.char.add(door.astype(str), "室"))


def _home_label(address: Frame, order: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.char.add(np.char.add(address.to_numpy().astype(str), "-"), (order + 1).astype(str))


def settle(grid: NDArray[np.int64], residents: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Give every household residents, at least one, so that each grid's residents add up."""
    lives = np.zeros(len(grid), dtype=np.int64)
    order = np.argsort(grid, kind="stable")
    rows, starts = np.unique(grid[order], return_index=True)
    for row, part in zip(rows, np.split(order, starts[1:]), strict=True):
        lives[part] = share(int(residents[row]), rng.gamma(3.0, 1.0, len(part)), 1)
    return lives
