"""An assignment as drawn outlines: repaired, laid over the cells, and followed by whole cells only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.crs import from_gcj02, to_gcj02
from gis.errors import Invalid
from gis.fabric.store import shapes as cell_shapes
from gis.geometry import Plane, metres, plane
from gis.imports import reading
from gis.imports.messages import LOOK_AT_RING, RING_CLOSED
from gis.plans.draft import Draft
from gis.plans.incoming.mended import POLYGONS, mended
from gis.plans.incoming.naming import named
from gis.plans.incoming.proposal import Cut, Proposal, Remark, emptied
from gis.premises import Building
from gis.viewer import Viewer
from gis.words import N_

Shapes = NDArray[Any]
COLLECTION = 7
SMALLEST_CUT_M2 = 1.0
SMALLEST_SHARE = 0.01
MOST_VERTICES = 2_000_000
MOST_UNPACKED_GB = 0.1
"""What so many vertices take as text; a zip file of a megabyte can hold a thousand times as much."""


def from_outlines(
    session: Session, viewer: Viewer, draft: Draft, path: Path, *, crs: str | None = None, layer: str | None = None
) -> Proposal:
    """Hold GeoJSON, GeoPackage or Shapefile polygons against a draft: each cell goes where most of its ground lies.

    A building counts by its footprint, so one that a border cuts is listed with the side that was chosen.
    """
    viewer.require("plan.view")
    raw = reading.read(path, crs, layer, MOST_UNPACKED_GB)
    ids, cells = cell_shapes(session, viewer, draft.ground.villages)
    if not np.array_equal(ids, draft.ground.ids):
        raise Invalid(N_("The cells have just been built anew; try again."))
    west, south, east, north = shapely.total_bounds(cells).tolist()
    on = plane((west + east) / 2, (south + north) / 2)
    ground = metres(cells, on)
    given = areas_of(reading.in_degrees(raw))
    remarks = [*_closed(raw), *_unusable(given), *_misplaced(given, cells)]
    if any(remark.severity == "error" for remark in remarks):
        return Proposal(draft, [], np.full(len(ids), -2, np.int32), remarks)
    drawn = mended(raw, given, shapely.union_all(ground[_reached(draft, given, cells)]), on)
    footprints = _footprints(session, draft, ground, on)
    to, shares = _laid(drawn.outlines, footprints)
    found = named(draft, drawn, to)
    cuts = _cuts(session, draft, found.told, shares)
    remarks += [*_remarks(found.to, cuts), *found.remarks, *emptied(draft, found.names, found.to), *drawn.remarks]
    return Proposal(draft, found.names, found.to, remarks, cuts, drawn.repair)


def areas_of(given: Shapes) -> Shapes:
    """Return the shapes with mixed collections cut down to the areas in them, where they hold any."""
    made = given.copy()
    for at in np.flatnonzero(shapely.get_type_id(given) == COLLECTION):
        parts = shapely.get_parts(given[at])
        areas = parts[np.isin(shapely.get_type_id(parts), POLYGONS)]
        made[at] = shapely.union_all(areas) if len(areas) else given[at]
    return made


def _closed(raw: reading.Raw) -> list[Remark]:
    return [Remark("note", RING_CLOSED, LOOK_AT_RING, int(at) + 1) for at in np.flatnonzero(raw.closed)]


def _unusable(given: Shapes) -> list[Remark]:
    empty = shapely.is_missing(given) | shapely.is_empty(given)
    wrong = ~empty & ~np.isin(shapely.get_type_id(given), POLYGONS)
    remarks = [
        Remark("error", N_("The row is no polygon."), N_("Delete the row, or draw the grid as an area."), int(at) + 1)
        for at in np.flatnonzero(wrong)
    ]
    remarks += [Remark("warning", N_("The row has no outline; it was left out."), "", int(at) + 1)
                for at in np.flatnonzero(empty)]  # fmt: skip
    if shapely.get_num_coordinates(given).sum() > MOST_VERTICES:
        remarks.append(Remark("error", N_("The outlines have more than %(n)s vertices."),
                              N_("Simplify them to half a metre, and import again."),
                              params={"n": f"{MOST_VERTICES:,}"}))  # fmt: skip
    if empty.all():
        remarks.append(Remark("error", N_("The file holds no outline.")))
    return remarks


def _misplaced(given: Shapes, cells: Shapes) -> list[Remark]:
    """Remark on outlines that lie elsewhere, or that fit much better without the shift of consumer maps."""
    usable = given[np.isin(shapely.get_type_id(given), POLYGONS)]
    if not len(usable):
        return []
    village = shapely.union_all(cells)

    def overlap(shapes: Shapes) -> float:
        box, own = shapely.box(*shapely.total_bounds(shapes)), shapely.box(*village.bounds)
        return float(shapely.area(shapely.intersection(box, own)) / shapely.area(shapely.union(box, own)))

    def outside(shapes: Shapes) -> bool:
        box, own = shapely.box(*shapely.total_bounds(shapes)), shapely.box(*village.bounds)
        least = min(shapely.area(box), shapely.area(own))  # a file may hold one village of many, or many more
        return bool(shapely.area(shapely.intersection(box, own)) < 0.05 * least)

    right = shapely.transform(usable, from_gcj02)
    here, unshifted, shifted = overlap(usable), overlap(right), overlap(shapely.transform(usable, to_gcj02))
    if outside(usable) and outside(right):
        swapped = not outside(shapely.transform(usable, lambda at: at[:, ::-1]))
        message = N_("Longitude and latitude are swapped.") if swapped else N_("The outlines lie outside this plan.")
        return [Remark("error", message, N_("Check the coordinate system; name another one for the file."))]
    best = max(unshifted, shifted)
    if best > here + 0.02 and here < 0.98:
        system = "gcj02" if unshifted >= shifted else "EPSG:4490"
        return [Remark("error", N_("The outlines lie some hundred metres off; they fit when read as %(crs)s."),
                       N_("Import the file again, and name this coordinate system."),
                       params={"crs": system})]  # fmt: skip
    return []


def _reached(draft: Draft, given: Shapes, cells: Shapes) -> NDArray[np.bool_]:
    """Return which cells are in a village where the middle of any cell lies in an outline; all when none is."""
    middles = shapely.centroid(cells)
    villages = draft.ground.village[shapely.STRtree(middles).query(given, predicate="intersects")[1]]
    return np.isin(draft.ground.village, villages) | (not len(villages))


def _footprints(session: Session, draft: Draft, ground: Shapes, on: Plane) -> Shapes:
    """Return the footprint of each cell's building inside the cell, and the cell itself where there is none."""
    ids = [number for number in np.unique(draft.ground.building_ids).tolist() if number >= 0]
    query = select(Building.id, func.st_asbinary(Building.outline)).where(Building.id.in_(ids))
    found = {number: shapely.from_wkb(bytes(wkb)) for number, wkb in session.execute(query)}
    own = np.array([found.get(number) for number in draft.ground.building_ids.tolist()], object)
    there = ~shapely.is_missing(own)
    made = ground.copy()
    inside = shapely.intersection(metres(own[there], on), ground[there])
    made[there] = np.where(shapely.area(inside) > 0, inside, ground[there])
    return made


def _laid(outlines: Shapes, footprints: Shapes) -> tuple[NDArray[np.int32], dict[int, list[tuple[int, float]]]]:
    """Return the outline that holds most of each footprint (-1 for none), and the shares where several do."""
    cell, outline = shapely.STRtree(outlines).query(footprints, predicate="intersects")
    area = shapely.area(shapely.intersection(footprints[cell], outlines[outline]))
    to, most = np.full(len(footprints), -1, np.int32), np.zeros(len(footprints))
    order = np.argsort(area, kind="stable")
    to[cell[order]], most[cell[order]] = outline[order], area[order]
    to[most <= 0] = -1
    size = shapely.area(footprints)
    cutting = (area > SMALLEST_CUT_M2) & (area > SMALLEST_SHARE * size[cell])
    several = np.flatnonzero(np.bincount(cell[cutting], minlength=len(footprints)) > 1)
    shares: dict[int, list[tuple[int, float]]] = {at: [] for at in several.tolist()}
    for at, number, part in zip(cell[cutting].tolist(), outline[cutting].tolist(), area[cutting].tolist(), strict=True):
        if at in shares:
            shares[at].append((number, part / float(size[at])))
    return to, {at: sorted(parts, key=lambda part: -part[1]) for at, parts in shares.items()}


def _cuts(session: Session, draft: Draft, names: list[str], shares: dict[int, list[tuple[int, float]]]) -> list[Cut]:
    cut = [at for at in shares if draft.ground.building_ids[at] >= 0]
    ids = draft.ground.building_ids[cut].tolist()
    query = select(Building.id, Building.address).where(Building.id.in_(ids))
    addresses = dict(session.execute(query).all())
    return [
        Cut(int(draft.ground.ids[at]), draft.ground.codes[at], addresses.get(number),
            tuple((names[side], round(share, 3)) for side, share in shares[at]))
        for at, number in zip(cut, ids, strict=True)
    ]  # fmt: skip


def _remarks(to: NDArray[np.int32], cuts: list[Cut]) -> list[Remark]:
    remarks = []
    bare = int((to == -1).sum())
    if (to < 0).all():
        return [Remark("error", N_("The outlines hold no cell of this plan."))]
    if bare:
        remarks.append(Remark("warning", N_("%(n)s cells lie in no outline; they would be in no grid."),
                              N_("Give them to a grid in the editor."), params={"n": bare}))  # fmt: skip
    if cuts:
        remarks.append(Remark("warning", N_("%(n)s buildings are cut by a drawn border; each goes to one side whole."),
                              N_("Look at the list, and paint those that should go to the other side."),
                              params={"n": len(cuts)}))  # fmt: skip
    return remarks
