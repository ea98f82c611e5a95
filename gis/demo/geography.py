"""The land of the district: its coast, its river, and towns, villages and grids that tile it on shared edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from gis.demo import cutting, flaws
from gis.demo.flaws import Flaws
from gis.demo.numbers import DISTRICT_CODE, DISTRICT_NAME, Frame, Profile, stream
from gis.demo.register import grid_table, village_table

METRIC = 4549
STORAGE = 4490
PLACE = (120.86, 32.40)
"""Longitude and latitude of the middle of the land; no real place is meant."""

Fork = tuple[str, float, "str | Fork", "str | Fork"]
LAYOUT: Fork = (
    "river",
    4,
    (
        "branch",
        -80,
        ("road", 5, "金穗镇", ("road", -4, "稻香镇", "桑园镇")),
        (
            "branch",
            -96,
            (
                "road",
                -3,
                "盐溪镇",
                (
                    "road",
                    4,
                    "南埭镇",
                    ("road", -84, "学苑街道", ("road", -95, ("road", 2, "新埭街道", "湾心街道"), "临港街道")),
                ),
            ),
            ("road", -6, "海棠镇", ("road", 3, "望潮镇", "云帆镇")),
        ),
    ),
    ("branch", -93, ("road", -84, "北埭镇", "石渠镇"), ("road", -92, "芦汀镇", "听涛镇")),
)
"""How the towns lie: a cut's kind, its direction in degrees from east, what lies south or west, what north or east."""

BENDS = {"river": 0.065, "branch": 0.1, "road": 0.06}
RIVER_NAMES = ("澜江", "金带河", "南通济河", "北埭河", "芦汀河", "盐溪河")


@dataclass(frozen=True)
class Geography:
    """Metric frames: one row of land per area, and the centre lines of the rivers with names and half widths (m).

    The grids tile the villages but for the gap; `flaws` holds what is planted beside that.
    """

    district: gpd.GeoDataFrame
    towns: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    rivers: gpd.GeoDataFrame
    flaws: Flaws


def land(km2: float, rng: np.random.Generator) -> Polygon:
    """Return an outline of the given area: dikes and ditches on three sides, a bay and a headland in the east."""
    turn = np.linspace(0, 2 * np.pi, 1440, endpoint=False)
    square = 1 / (np.abs(np.cos(turn)) ** 5 + np.abs(np.sin(turn)) ** 5) ** (1 / 5)
    radius = square.copy()
    for order in range(2, 130):
        radius += square * rng.normal(0, 0.075 / order**0.95) * np.cos(order * turn + rng.uniform(0, 2 * np.pi))
    east = np.angle(np.exp(1j * turn))
    radius -= 0.13 * np.exp(-(((east - 0.13) / 0.17) ** 2)) - 0.10 * np.exp(-(((east + 0.45) / 0.16) ** 2))
    radius += 0.07 * np.exp(-(((east - 0.62) / 0.12) ** 2))
    shape = Polygon(np.column_stack([1.22 * radius * np.cos(turn), 0.95 * radius * np.sin(turn)]))
    scale = np.sqrt(km2 * 1e6 / shape.area)
    middle = pyproj.Transformer.from_crs(STORAGE, METRIC, always_xy=True).transform(*PLACE)
    centre = shapely.get_coordinates(shape.centroid)[0]
    return Polygon((shapely.get_coordinates(shape) - centre) * scale + np.asarray(middle))


def lay_out(profile: Profile, rng: np.random.Generator) -> tuple[dict[str, Polygon], gpd.GeoDataFrame]:
    """Return each town's land by name and the rivers between them as centre lines."""
    size = {town.name: town.km2 for town in profile.towns}
    shapes: dict[str, Polygon] = {}
    waters: list[tuple[str, LineString]] = []

    def area(node: str | Fork) -> float:
        return size[node] if isinstance(node, str) else area(node[2]) + area(node[3])

    def divide(node: str | Fork, polygon: Polygon) -> None:
        if isinstance(node, str):
            shapes[node] = polygon
            return
        kind, degrees, first, second = node
        samples = 90 if kind != "road" else 40
        sides = cutting.cut(polygon, area(first) / area(node), np.radians(degrees), BENDS[kind], rng, samples)
        if kind != "road":
            waters.append((kind, sides.line))
        divide(first, sides.left)
        divide(second, sides.right)

    start: str | Fork = LAYOUT if len(size) > 1 else next(iter(size))
    divide(start, land(sum(size.values()), rng))
    return shapes, _rivers(waters)


def _rivers(waters: list[tuple[str, LineString]]) -> gpd.GeoDataFrame:
    rows = [
        {"name": RIVER_NAMES[at], "kind": kind, "half_width": 55.0 if kind == "river" else 32.0, "geometry": line}
        for at, (kind, line) in enumerate(waters)
    ]
    columns = ["name", "kind", "half_width", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=METRIC)


def _rank(points: NDArray[np.float64], bands: int) -> NDArray[np.int64]:
    """Return the reading order of points: bands from north to south, within a band from west to east."""
    north = np.argsort(np.argsort(-points[:, 1], kind="stable"), kind="stable")
    band = north * bands // len(points)
    place = np.empty(len(points), dtype=np.int64)
    place[np.lexsort((points[:, 0], band))] = np.arange(len(points))
    return place


def _reading_order(parts: list[Polygon]) -> list[Polygon]:
    points = shapely.get_coordinates(shapely.centroid(np.asarray(parts)))
    place = _rank(points, max(round(np.sqrt(len(parts))), 1))
    return [parts[at] for at in np.argsort(place)]


def _villages(town: Polygon, table: Frame, rng: np.random.Generator) -> list[Polygon]:
    """Cut a town into villages; communities take the smaller plots in the middle, in the order of the table."""
    core = (table["kind"] == "community").to_numpy()
    weight = np.where(core, 0.45 if not core.all() else 1.0, 1.0) * rng.uniform(0.75, 1.3, len(table))
    first, last = np.split(rng.permutation(np.flatnonzero(~core)), [int((~core).sum()) // 2])
    order = np.concatenate([first, np.flatnonzero(core), last])
    parts = cutting.partition(town, list(weight[order]), 0.035 if core.all() else 0.07, rng)
    placed: list[Polygon] = [town] * len(table)
    for kind in (True, False):
        rows = np.flatnonzero(core == kind)
        if len(rows):
            chosen = _reading_order([part for part, row in zip(parts, order, strict=True) if core[row] == kind])
            for row, part in zip(rows, chosen, strict=True):
                placed[row] = part
    return placed


def _grids(village: Polygon, table: Frame, rng: np.random.Generator) -> list[Polygon]:
    """Cut a village into its grids, general ones first in the order of their codes."""
    general = (table["kind"] == "general").to_numpy()
    weight = np.where(general, rng.uniform(0.75, 1.3, len(table)), 0.32)
    order = rng.permutation(len(table))
    parts = cutting.partition(village, list(weight[order]), 0.045, rng)
    ranked = [
        _reading_order([part for part, row in zip(parts, order, strict=True) if general[row] == kind])
        for kind in (True, False)
        if (general == kind).any()
    ]
    return [part for group in ranked for part in group]


def draw(profile: Profile, seed: int) -> Geography:
    """Draw the whole district: metric frames with codes, names, kinds and counts, all on shared edges."""
    rng = stream(seed, "geography")
    shapes, rivers = lay_out(profile, rng)
    villages = village_table(profile, stream(seed, "villages"))
    grids = grid_table(profile, villages, stream(seed, "grids"))
    plots: list[Polygon] = []
    for town in profile.towns:
        table = villages[villages["town"] == town.code]
        plots += _villages(shapes[town.name], table, rng)
    cells: list[Polygon] = []
    for plot, code in zip(plots, villages["code"], strict=True):
        cells += _grids(plot, grids[grids["village"] == code], rng)
    leaves = flaws.plant(profile, grids, cells, rng)
    shapes_noded = cutting.node(leaves.shapes)
    grids["geometry"] = cutting.dissolve(shapes_noded, leaves.of_grid, len(grids))
    planted = flaws.find(profile, grids, leaves, shapes_noded)
    return _assemble(profile, villages, grids, rivers, planted)


def _assemble(profile: Profile, villages: Frame, grids: Frame, rivers: gpd.GeoDataFrame, planted: Flaws) -> Geography:
    cells = np.asarray([*grids["geometry"], planted.gap], dtype=object)
    of_village = villages["code"].searchsorted(np.append(grids["village"], planted.gap_village))
    villages["geometry"] = cutting.dissolve(cells, of_village, len(villages))
    towns = pd.DataFrame({"code": [t.code for t in profile.towns], "name": [t.name for t in profile.towns]})
    towns["kind"] = ["street" if town.is_street else "town" for town in profile.towns]
    of_town = towns["code"].searchsorted(villages["town"])
    towns["geometry"] = cutting.dissolve(villages["geometry"].to_numpy(), of_town, len(towns))
    whole = cutting.dissolve(towns["geometry"].to_numpy(), np.zeros(len(towns), dtype=np.int64), 1)
    district = pd.DataFrame({"code": [DISTRICT_CODE], "name": [DISTRICT_NAME], "kind": ["district"]})
    district["geometry"] = whole
    as_map: Callable[[pd.DataFrame], gpd.GeoDataFrame] = lambda frame: gpd.GeoDataFrame(  # noqa: E731
        frame, geometry="geometry", crs=METRIC
    )
    return Geography(as_map(district), as_map(towns), as_map(villages), as_map(grids), rivers, planted)


def to_storage(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Transform metric shapes to CGCS2000 degrees; the same vertex always gets the same nine decimals."""
    change = pyproj.Transformer.from_crs(METRIC, STORAGE, always_xy=True)

    def degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round(np.column_stack(change.transform(points[:, 0], points[:, 1])), 9)

    return np.asarray(shapely.transform(shapes, degrees))
