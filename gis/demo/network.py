"""Barriers of the district: water surfaces, roads along every border, the sea wall in the east."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from gis.demo import names
from gis.demo.flaws import largest
from gis.demo.geography import METRIC, Geography
from gis.demo.numbers import Frame
from gis.demo.settlement import LANE_TO_HOME

STREAM_SHARE = 0.14
STREAM_HALF_WIDTH = 9.0


def borders(geography: Geography) -> Frame:
    """Return every border between two grids, or a grid and the outside, as one line: the rows it parts and its rank."""
    cells = np.asarray([*geography.grids["geometry"], geography.flaws.gap], dtype=object)
    points, ring = shapely.get_coordinates(cells, return_index=True)
    fixed = np.round(points * 1000).astype(np.int64)
    inner = ring[:-1] == ring[1:]
    start, end, owner = fixed[:-1][inner], fixed[1:][inner], ring[:-1][inner]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    sides = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    order = np.lexsort(sides.T[::-1])
    sides, owner = sides[order], owner[order]
    first = np.append(True, (sides[1:] != sides[:-1]).any(axis=1))
    at = np.flatnonzero(first)
    twice = np.append(np.diff(at), len(owner) - at[-1]) == 2
    low = owner[at]
    high = np.where(twice, owner[np.minimum(at + 1, len(owner) - 1)], -1)
    low, high = np.where(high < 0, low, np.minimum(low, high)), np.where(high < 0, -1, np.maximum(low, high))
    lines = np.asarray(shapely.linestrings(sides[at].reshape(-1, 2, 2) / 1000.0))
    return _joined(geography, lines, low, high)


def _joined(geography: Geography, lines: NDArray[np.object_], low: NDArray[np.int64], high: NDArray[np.int64]) -> Frame:
    pair = low * 100_000 + high + 1
    order = np.argsort(pair, kind="stable")
    key, group = np.unique(pair[order], return_inverse=True)
    merged = shapely.line_merge(shapely.multilinestrings(lines[order], indices=group))
    first, second = key // 100_000, key % 100_000 - 1
    town, village = (np.append(geography.grids[c].to_numpy(), "") for c in ("town", "village"))
    town[-1], village[-1] = geography.flaws.gap_village[:9] + "000", geography.flaws.gap_village
    rank = np.where(village[first] == village[second], "minor", "major")
    rank = np.where(town[first] != town[second], "arterial", rank)
    rank = np.where(second < 0, "edge", rank)
    return pd.DataFrame({"first": first, "second": second, "rank": rank, "village": village[first], "geometry": merged})


def water(geography: Geography, lines: Frame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the water surfaces: the rivers, wider towards the sea, and streams along some village borders."""
    land: Polygon = geography.district["geometry"].iloc[0]
    rows = []
    for river in geography.rivers.itertuples():
        wide = (0.7, 3.6) if river.kind == "river" else (1.2, 0.7)
        surface = shapely.intersection(ribbon(river.geometry, river.half_width, *wide), land)
        rows.append({"name": river.name, "rank": "arterial" if river.kind == "river" else "major", "geometry": surface})
    streams = lines["geometry"].to_numpy()[stream_rows(geography, lines, rng)]
    for number, line in enumerate(streams):
        surface = shapely.intersection(shapely.buffer(line, STREAM_HALF_WIDTH), land)
        rows.append({"name": f"{names.VILLAGE_FIRST[number % 20]}中沟", "rank": "minor", "geometry": surface})
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=METRIC)


def stream_rows(geography: Geography, lines: Frame, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose the village borders that a stream runs along."""
    rural = ~geography.grids["urban"].to_numpy()[np.minimum(lines["first"], len(geography.grids) - 1)]
    between = np.flatnonzero((lines["rank"] == "major").to_numpy() & (rural | (len(lines) < 100)))
    count = max(round(len(between) * STREAM_SHARE), 1)
    return np.sort(rng.choice(between, count, replace=False))


def ribbon(line: LineString, half_width: float, start: float, end: float) -> Polygon:
    """Return a surface along a line whose half width goes from `start` to `end` times the given metres."""
    path = shapely.get_coordinates(shapely.segmentize(line, 150.0))
    step = np.gradient(path, axis=0)
    normal = np.column_stack([-step[:, 1], step[:, 0]]) / np.hypot(step[:, 0], step[:, 1])[:, None]
    along = np.linspace(0, 1, len(path))
    if path[0, 0] > path[-1, 0]:
        along = along[::-1]
    width = half_width * (start + (end - start) * along**3) * (1 + 0.15 * np.sin(40 * along))
    banks = np.vstack([path + normal * width[:, None], (path - normal * width[:, None])[::-1]])
    whole = shapely.union_all([shapely.buffer(Polygon(banks), 0), shapely.buffer(line, half_width * 0.6)])
    return largest(whole)


def roads(geography: Geography, lines: Frame, surfaces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the roads along the borders that are not under water, and the sea wall along the east coast."""
    shape = lines["geometry"].to_numpy()
    wet = shapely.union_all(surfaces["geometry"].to_numpy())
    shapely.prepare(wet)
    dry = np.array([part if not shapely.intersects(wet, part) else shapely.difference(part, wet) for part in shape])
    east = geography.district["geometry"].iloc[0].centroid.x + 12_000
    coast = (lines["rank"] == "edge").to_numpy() & (shapely.get_coordinates(shapely.centroid(shape))[:, 0] > east)
    keep = ((lines["rank"] != "edge").to_numpy() | coast) & (shapely.length(dry) > 20)
    rank = np.where(coast, "major", lines["rank"])[keep]
    number = lines["village"].str[6:12].astype(int).to_numpy()[keep] + np.flatnonzero(keep) % 7
    ending = {"arterial": "大道", "major": "路", "minor": "巷"}
    first = names.STREET_FIRST
    title = [f"{first[n % len(first)]}{ending[r]}" for n, r in zip(number, rank, strict=True)]
    kind = np.where(coast[keep], "wall", "road")
    frame = pd.DataFrame({"kind": kind, "rank": rank, "name": np.where(kind == "wall", "海堤", title)})
    return gpd.GeoDataFrame(frame, geometry=dry[keep], crs=METRIC)


def lanes(geography: Geography, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the lanes between the homestead rows of each grid, from the first house to the last."""
    homes = pd.DataFrame(buildings[buildings["side"] != 0].drop(columns="geometry"))
    homes["x"] += homes["side"] * LANE_TO_HOME * np.sin(homes["angle"])
    homes["y"] -= homes["side"] * LANE_TO_HOME * np.cos(homes["angle"])
    homes = homes.sort_values(["grid", "lane", "x"], kind="stable")
    key = homes.groupby(["grid", "lane"], sort=False).ngroup().to_numpy()
    size = np.bincount(key)
    kept = size[key] > 2
    _, group = np.unique(key[kept], return_inverse=True)
    lines = shapely.linestrings(homes[["x", "y"]].to_numpy()[kept], indices=group)
    grid = homes["grid"].to_numpy()[kept][np.unique(group, return_index=True)[1]]
    within = shapely.intersection(lines, geography.grids["geometry"].to_numpy()[grid])
    frame = pd.DataFrame({"kind": "road", "rank": "path", "name": [f"{names.VILLAGE_FIRST[n % 20]}埭路" for n in grid]})
    return gpd.GeoDataFrame(frame, geometry=within, crs=METRIC)[shapely.length(within) > 30]
