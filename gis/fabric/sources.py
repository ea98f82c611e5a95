"""The stored rows that a fabric is made of: one query each for the village, its buildings, units and barriers."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from sqlalchemy import BigInteger, Float, Integer, Select, Text, column, func, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.barriers import Barrier
from gis.boundaries import GridOutline
from gis.errors import Invalid, NotFound
from gis.fabric.material import Barriers, Buildings, Material, Units
from gis.geometry import Shapes
from gis.premises import Building, Household
from gis.viewer import Viewer, key, level, span
from gis.words import N_


def material(session: Session, viewer: Viewer, village: str, cap: int) -> Material:
    """Return what the fabric of a village is made of; a building belongs to the village of its territory."""
    viewer.require("plan.view")
    outline = session.scalar(select(func.st_asbinary(Area.outline)).where(Area.code == village))
    if outline is None:
        raise NotFound(N_("There is no village or community %(code)s in your territory."), code=village)
    buildings = _buildings(session, village)
    return Material(
        village, shapely.from_wkb(bytes(outline)), buildings, _units(session, viewer, village, cap),
        _barriers(session, village), _grids(session, viewer, village),
    )  # fmt: skip


def checked(code: str) -> str:
    """Return the code of a village or community; Invalid when it is not one."""
    if len(code) != 12 or not code.isascii() or not code.isdigit() or level(code) != "village":
        raise Invalid(N_("%(code)s is not the 12-digit code of a village or community."), code=code)
    return code


def _columns(session: Session, query: Select[Any]) -> list[list[Any]]:
    rows = session.execute(query).all()
    return [list(values) for values in zip(*rows, strict=True)] or [[] for _ in query.selected_columns]


def _shapes(blobs: list[Any]) -> Shapes:
    return np.array(shapely.from_wkb([bytes(blob) for blob in blobs]), object).reshape(-1)


def _buildings(session: Session, village: str) -> Buildings:
    fields = (Building.id, Building.code, Building.households, Building.residents, func.st_asbinary(Building.outline))
    query = select(*fields).where(Building.territory.between(*span(village))).order_by(Building.id)
    ids, codes, households, residents, outlines = _columns(session, query)
    return Buildings(
        np.array(ids, np.int64), np.array(codes, object), np.array(households, np.int64),
        np.array(residents, np.int64), _shapes(outlines),
    )  # fmt: skip


def _units(session: Session, viewer: Viewer, village: str, cap: int) -> Units:
    told = _counted(village, cap) if viewer.may("household.view") else _told(village, cap)
    ids, names, households, residents, lon, lat = _columns(session, told)
    return Units(
        np.array(ids, np.int64), np.array([name or "" for name in names], object), np.array(households, np.int64),
        np.array(residents, np.int64), np.column_stack([np.array(lon, float), np.array(lat, float)]),
    )  # fmt: skip


def _counted(village: str, cap: int) -> Select[Any]:
    """Select the units of the buildings above the cap from their households."""
    middle = func.st_centroid(Household.outline)
    tall = select(Building.id).where(Building.territory.between(*span(village)), Building.households > cap)
    people = func.sum(Household.residents)
    sums = (func.count(), people, func.avg(func.st_x(middle)), func.avg(func.st_y(middle)))
    return (
        select(Household.building_id, Household.unit, *sums)
        .where(Household.building_id.in_(tall))
        .group_by(Household.building_id, Household.unit)
        .order_by(Household.building_id, Household.unit)
    )


def _told(village: str, cap: int) -> Select[Any]:
    """Select the same for a viewer who sees no household."""
    fields: list[Any] = [column("building_id", BigInteger), column("unit", Text), column("households", Integer)]
    fields += [column("residents", Integer), column("lon", Float), column("lat", Float)]
    unit = func.wangge_units(key(village), cap).table_valued(*fields, name="unit")
    return select(*unit.c).order_by(unit.c.building_id, unit.c.unit)


def _grids(session: Session, viewer: Viewer, village: str) -> Shapes:
    """Return the outlines of the grids in force: where nothing is built, only they say where one ends."""
    own = GridOutline.territory.between(*span(village))
    query = select(func.st_asbinary(GridOutline.outline)).where(own, GridOutline.valid.contains(viewer.day))
    return _shapes(list(session.scalars(query.order_by(GridOutline.id))))


def _barriers(session: Session, village: str) -> Barriers:
    ground = select(Area.outline).where(Area.code == village).scalar_subquery()
    near = func.st_intersects(Barrier.line, ground)
    query = select(Barrier.kind, Barrier.rank, func.st_asbinary(Barrier.line)).where(near).order_by(Barrier.id)
    kinds, ranks, lines = _columns(session, query)
    return Barriers(_shapes(lines), np.array(kinds, object), np.array(ranks, object))
