"""Buildings: homestead rows along lanes, slabs in compounds, schools, shops and works; none is cut by a grid line."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from gis.demo import names
from gis.demo.geography import METRIC, Geography
from gis.demo.numbers import Frame, Profile, share, stream

Floats = NDArray[np.float64]

HALF_ROAD = {True: 12.0, False: 15.0}
"""Metres between a grid line and the nearest wall, in towns and in the country."""
SMALLEST_PLOT = 9000.0
"""Square metres of building land below which a grid is built on up to its edges."""
HOME_WIDTH, HOME_DEPTH = 12.0, 9.5
LANE_TO_HOME = 4 + HOME_DEPTH / 2
OTHER_KINDS = ("commercial", "office", "public", "school", "hospital", "factory", "other")
URBAN_MIX = (0.5, 0.12, 0.1, 0.06, 0.03, 0.03, 0.16)
RURAL_MIX = (0.25, 0.03, 0.12, 0.03, 0.02, 0.3, 0.25)
USES = {
    "学校": "school",
    "医院": "hospital",
    "园区": "factory",
    "机关": "office",
    "商圈": "commercial",
    "企业": "factory",
}


@dataclass
class Boxes:
    """Rectangles collected grid by grid: centre, width, depth, angle, kind, grid row (-1: none), households.

    A homestead also knows its lane, as a number within the grid, and on which side (1, -1) of it it stands.
    """

    columns: dict[str, list[NDArray[np.generic]]] = field(default_factory=dict)

    def add(self, frame: Floats, kind: object, grid: int, households: object = 0) -> None:
        """Add rectangles: (n, 5) of x, y, width, depth and angle, or (n, 7) with the lane and the side."""
        parts: dict[str, object] = {"kind": kind, "grid": grid, "households": households}
        if frame.shape[1] == 5:
            frame = np.column_stack([frame, np.zeros((len(frame), 2))])
        for at, name in enumerate(("x", "y", "width", "depth", "angle", "lane", "side")):
            self.columns.setdefault(name, []).append(frame[:, at])
        for name, value in parts.items():
            self.columns.setdefault(name, []).append(np.broadcast_to(np.asarray(value), len(frame)))

    def table(self) -> Frame:
        """Return everything that was added, one row per rectangle."""
        return pd.DataFrame({name: np.concatenate(parts) for name, parts in self.columns.items()})


def rectangles(x: Floats, y: Floats, width: Floats, depth: Floats, angle: Floats) -> NDArray[np.object_]:
    """Return rectangles as polygons, counter-clockwise."""
    along = np.stack([-width, width, width, -width, -width]) / 2
    across = np.stack([-depth, -depth, depth, depth, -depth]) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    rings = np.stack([x + along * cos - across * sin, y + along * sin + across * cos], axis=-1)
    return np.asarray(shapely.polygons(np.swapaxes(rings, 0, 1)))


@dataclass(frozen=True)
class Plot:
    """The land of a grid that may be built on, and the direction of its rows (radians from east)."""

    land: Polygon
    angle: float

    def fits(self, boxes: Floats) -> NDArray[np.bool_]:
        """Tell which of the (n, 5) rectangles lie wholly on the land."""
        shapely.prepare(self.land)
        return np.asarray(shapely.contains_properly(self.land, rectangles(*boxes.T)))

    def span(self) -> tuple[float, float, float, float]:
        """Return the bounds of the land in the frame of the rows."""
        turned = self.turn(shapely.get_coordinates(self.land), -1)
        return (*turned.min(axis=0), *turned.max(axis=0))

    def turn(self, points: Floats, way: int = 1) -> Floats:
        """Turn points into the map frame (1) or into the frame of the rows (-1)."""
        cos, sin = np.cos(way * self.angle), np.sin(way * self.angle)
        return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]))


def lanes(plot: Plot, spacing: float, pitch: float, width: float, phase: float) -> Floats:
    """Return homestead places on both sides of gently bent lanes: rectangles with lane and side, (n, 7)."""
    left, low, right, high = plot.span()
    lane = np.arange(np.floor((low - phase) / spacing), np.ceil((high - phase) / spacing) + 1)
    x = np.arange(left, right, pitch)
    grid_x, grid_lane, side = (axis.ravel() for axis in np.meshgrid(x, lane, np.array([1.0, -1.0]), indexing="ij"))
    bend = 14 * np.sin(grid_x / 170 + grid_lane) + 5 * np.sin(grid_x / 61 + 2 * grid_lane)
    slope = 14 / 170 * np.cos(grid_x / 170 + grid_lane) + 5 / 61 * np.cos(grid_x / 61 + 2 * grid_lane)
    points = np.column_stack([grid_x, phase + grid_lane * spacing + bend + side * LANE_TO_HOME])
    places = plot.turn(points)
    size = np.full(len(places), width), np.full(len(places), HOME_DEPTH)
    boxes = np.column_stack([places, *size, plot.angle + np.arctan(slope), grid_lane, side])
    return boxes[plot.fits(boxes[:, :5])]


def homesteads(plot: Plot, count: int, homes: int, phase: float, rng: np.random.Generator) -> Floats:
    """Return the `count` homestead buildings of a rural grid: whole stretches of a few lanes, with gaps between."""
    width = HOME_WIDTH * homes
    for spacing in (330.0, 260.0, 200.0, 150.0, 110.0, 90.0, 60.0, 34.0, 28.0):
        boxes = lanes(plot, spacing, width + 3.5, width, phase % spacing)
        if len(boxes) >= count * (1.25 if spacing > 60 else 1.0):
            break
    if len(boxes) < count:
        raise ValueError("a grid is too small for its homesteads")
    stretch = boxes[:, 5].astype(np.int64) * 1000 + (boxes[:, 0] / 130).astype(np.int64) % 1000
    _, group = np.unique(stretch, return_inverse=True)
    score = rng.random(group.max() + 1)[group] + 0.05 * rng.random(len(group))
    chosen = np.sort(np.argsort(score, kind="stable")[:count])
    boxes = boxes[chosen]
    boxes[:, 3] -= rng.uniform(0, 1.5, count)
    if homes == 1:
        boxes[:, 2] -= rng.uniform(0, 2.0, count)
    return boxes


def lattice(plot: Plot, width: float, depth: float, count: int, street: float) -> Floats:
    """Return at least `count` places of a row lattice; everything shrinks until they fit."""
    left, low, right, high = plot.span()
    for scale in 0.9 ** np.arange(30):
        pitch_x, pitch_y = (width + 10) * scale, (depth + street) * scale
        x, y = np.arange(left, right, pitch_x), np.arange(low, high, pitch_y)
        points = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
        size = np.full(len(points), width * scale), np.full(len(points), depth * scale)
        boxes = np.column_stack([plot.turn(points), *size, np.full(len(points), plot.angle)])
        boxes = boxes[plot.fits(boxes)]
        if len(boxes) >= count * 1.15:
            return boxes
    raise ValueError("a grid is too small for its buildings")


def compact(boxes: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Split places into the `count` nearest to a random one, in reading order, and the others, the nearest first."""
    centre = boxes[rng.integers(len(boxes)), :2]
    order = np.argsort(np.hypot(*(boxes[:, :2] - centre).T) + rng.uniform(0, 25, len(boxes)), kind="stable")
    return boxes[np.sort(order[:count])], boxes[order[count:]]


def shrink(boxes: Floats, rng: np.random.Generator, least: float = 0.5) -> Floats:
    """Return the places with smaller rectangles on them, so that no two look the same."""
    changed = boxes.copy()
    changed[:, 2:4] *= rng.uniform(least, 1.0, (len(boxes), 2))
    return changed


def apart(boxes: Floats, others: Floats, gap: float) -> NDArray[np.bool_]:
    """Tell which rectangles keep the given distance (m) from every one of the others."""
    if not len(boxes) or not len(others):
        return np.ones(len(boxes), dtype=bool)
    near = shapely.STRtree(rectangles(*others.T)).query(rectangles(*boxes.T), predicate="dwithin", distance=gap)[0]
    free = np.ones(len(boxes), dtype=bool)
    free[near] = False
    return free


def dry(cells: NDArray[np.object_], water: gpd.GeoDataFrame, edge: Floats, bank: float) -> NDArray[np.object_]:
    """Return the land of grids that keeps the given metres from their edges and from water."""
    kept, banks = shapely.buffer(cells, -edge), shapely.buffer(water["geometry"].to_numpy(), bank)
    for row, by in zip(*shapely.STRtree(banks).query(kept, predicate="intersects"), strict=True):
        kept[row] = shapely.difference(kept[row], banks[by])
    return kept


def plots(geography: Geography, water: gpd.GeoDataFrame, shown: NDArray[np.int64], seed: int) -> dict[int, Plot]:
    """Return the land that may be built on for the given grid rows: away from roads, water, the overlap and the line
    that was a border once."""
    grids = geography.grids
    urban = grids["urban"].to_numpy()[shown]
    cells = grids["geometry"].to_numpy()[shown]
    kept = dry(cells, water, np.where(urban, HALF_ROAD[True], HALF_ROAD[False]), 12.0)
    narrow = shapely.area(kept) < SMALLEST_PLOT
    kept[narrow] = dry(cells[narrow], water, np.full(int(narrow.sum()), 5.0), 3.0)
    drowned = shapely.area(kept) < SMALLEST_PLOT / 4
    kept[drowned] = shapely.buffer(cells[drowned], -5.0)
    flaws = geography.flaws
    for row, kept_free in ((flaws.overlapped_grid, flaws.overlap), (flaws.took, flaws.strip.boundary)):
        kept[shown == row] = shapely.difference(kept[shown == row], shapely.buffer(kept_free, 7.0))
    rng = stream(seed, "rows")
    villages, place = np.unique(grids["village"].to_numpy(), return_inverse=True)
    angle = rng.normal(0, 0.1, len(villages))[place][shown]
    return {int(row): Plot(land, float(turn)) for row, land, turn in zip(shown, kept, angle, strict=True)}


def build(profile: Profile, geography: Geography, water: gpd.GeoDataFrame, seed: int) -> gpd.GeoDataFrame:
    """Return the buildings (metric): kind, floors, units, households, grid row, names and addresses."""
    grids = geography.grids
    shown = np.flatnonzero([profile.shows(town) for town in grids["town"]])
    land = plots(geography, water, shown, seed)
    flats = (grids["households"] * grids["urban"]).to_numpy()
    blocks = share(profile.blocks, flats)
    boxes, rng = Boxes(), stream(seed, "settlement")
    for row in shown.tolist():
        grid = grids.iloc[row]
        count = profile.others_general if grid["kind"] == "general" else profile.others_dedicated
        if grid["kind"] == "dedicated":
            _dedicated(boxes, land[row], row, count, USES[grid["use"]], rng)
        elif grid["urban"]:
            _urban(boxes, land[row], row, int(blocks[row]), int(flats[row]), count, rng)
        else:
            _rural(boxes, land[row], row, int(grid["households"]), profile.homes_per_row, count, rng)
    _estate(boxes, geography, profile.gap_buildings, rng)
    return dress(boxes.table(), geography, seed)


def _dedicated(boxes: Boxes, plot: Plot, row: int, count: int, kind: str, rng: np.random.Generator) -> None:
    chosen, _ = compact(lattice(plot, 70.0, 32.0, count, 22.0), count, rng)
    boxes.add(shrink(chosen, rng), np.where(rng.random(count) < 0.8, kind, "other"), row)


def _urban(boxes: Boxes, plot: Plot, row: int, blocks: int, flats: int, others: int, rng: np.random.Generator) -> None:
    places = lattice(plot, 58.0, 13.5, blocks + others, 24.0)
    chosen, rest = compact(places, blocks, rng)
    boxes.add(chosen, "residential", row, share(flats, rng.uniform(0.7, 1.3, blocks), 1))
    boxes.add(shrink(rest[:others], rng), rng.choice(OTHER_KINDS, others, p=URBAN_MIX), row)


def _rural(boxes: Boxes, plot: Plot, row: int, homes: int, row_of: int, others: int, rng: np.random.Generator) -> None:
    count = -(-homes // row_of)
    rows = homesteads(plot, count, row_of, 1000 * float(plot.angle) ** 2 * 7, rng)
    lived = np.full(count, row_of)
    lived[-1] = homes - row_of * (count - 1)
    rows[-1, 2] *= lived[-1] / row_of
    boxes.add(rows, "homestead", row, lived)
    for size in (38.0, 26.0, 16.0, 9.0):
        places = lattice(plot, size, size * 0.6, others * 3, 24.0)
        places = places[apart(places, rows[:, :5], 5.0)]
        if len(places) >= others:
            break
    chosen = places[rng.permutation(len(places))[:others]]
    boxes.add(shrink(chosen, rng), rng.choice(OTHER_KINDS, others, p=RURAL_MIX), row)


def _estate(boxes: Boxes, geography: Geography, count: int, rng: np.random.Generator) -> None:
    """Add the new estate that stands in no grid."""
    plot = Plot(shapely.buffer(geography.flaws.gap, -12.0), 0.1)
    chosen, _ = compact(lattice(plot, 46.0, 14.0, count, 26.0), count, rng)
    boxes.add(chosen, "residential", -1)


def dress(table: Frame, geography: Geography, seed: int) -> gpd.GeoDataFrame:
    """Give the rectangles shape, floors, units, compounds, names and addresses."""
    rng = stream(seed, "addresses")
    shapes = rectangles(*(table[name].to_numpy() for name in ("x", "y", "width", "depth", "angle")))
    homes, kind = table["households"].to_numpy(), table["kind"].to_numpy()
    flat = kind == "residential"
    table["units"] = np.where(flat, np.clip(np.round(table["width"] / 15), 1, 4), 1).astype(int)
    needed = -(-homes // (2 * table["units"].to_numpy()))
    low = np.select([kind == "homestead", kind == "factory"], [2, 1], rng.integers(1, 6, len(table)))
    table["floors"] = np.where(flat, np.maximum(needed, 4), low)
    return gpd.GeoDataFrame(names.addresses(table, geography.grids, rng), geometry=shapes, crs=METRIC)
