"""What the database already holds that a file must fit: areas, grids in force, codes, buildings; one query each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.audit import ImportBatch
from gis.boundaries import Grid, GridOutline
from gis.database import SRID
from gis.imports.frame import Frame
from gis.premises import Building
from gis.viewer import key

Shapes = Any


@dataclass(frozen=True)
class Places:
    """Stored rows as arrays of equal length; `shapes` in degrees."""

    ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    codes: Sequence[str] = ()
    names: Sequence[str] = ()
    levels: Sequence[str] = ()
    territory: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    grid: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    shapes: Shapes = field(default_factory=lambda: np.empty(0, object))

    def __len__(self) -> int:
        return len(self.shapes)

    def only(self, level: str) -> Places:
        """Return the areas of one level."""
        at = [index for index, own in enumerate(self.levels) if own == level]
        pick = np.array(at, np.int64)
        return Places(
            self.ids[pick] if len(self.ids) else self.ids,
            [self.codes[index] for index in at],
            [self.names[index] for index in at],
            [level] * len(at),
            self.territory[pick],
            shapes=self.shapes[pick],
        )


@dataclass(frozen=True)
class Known:
    """The stored neighbourhood of a file."""

    areas: Places = field(default_factory=Places)
    grids: Places = field(default_factory=Places)
    buildings: Places = field(default_factory=Places)
    codes: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()


def load(session: Session, frame: Frame) -> Known:
    """Return what a frame's rules compare with."""
    wants_grids = frame.kind in ("grids", "buildings", "households")
    return Known(
        areas=_areas(session),
        grids=_grids(session, frame.day) if wants_grids else Places(),
        buildings=_buildings(session, frame) if frame.kind == "households" else Places(),
        codes=_codes(session, frame.kind),
        sources=_sources(session, frame),
    )


def imported_before(session: Session, kind: str, sha256: str) -> date | None:
    """Return the day on which the same file was imported, if it was."""
    earlier = select(ImportBatch.at).where(ImportBatch.kind == kind, ImportBatch.sha256 == sha256).limit(1)
    at = session.scalar(earlier)
    return at.date() if at else None


def _areas(session: Session) -> Places:
    query = select(Area.code, Area.name, Area.level, func.st_asbinary(Area.outline)).order_by(Area.code)
    codes, names, levels, shapes = _columns(session.execute(query).all(), 4)
    return Places(codes=codes, names=names, levels=levels, territory=_keys(codes), shapes=_shapes(shapes))


def _grids(session: Session, day: date) -> Places:
    query = (
        select(GridOutline.grid_id, GridOutline.code, GridOutline.name, func.st_asbinary(GridOutline.outline))
        .where(GridOutline.valid.contains(day))
        .order_by(GridOutline.code)
    )
    ids, codes, names, shapes = _columns(session.execute(query).all(), 4)
    return Places(np.array(ids, np.int64), codes, names, (), _keys(codes), shapes=_shapes(shapes))


def _buildings(session: Session, frame: Frame) -> Places:
    query: Select[Any] = select(
        Building.id, Building.code, Building.territory, Building.grid_id, func.st_asbinary(Building.outline)
    ).order_by(Building.id)
    if frame.sound.any():
        query = query.where(Building.outline.op("&&", is_comparison=True)(func.st_makeenvelope(*frame.bounds, SRID)))
    ids, codes, territory, grids, shapes = _columns(session.execute(query).all(), 5)
    return Places(
        np.array(ids, np.int64),
        codes,
        territory=np.array(territory, np.int64),
        grid=np.array([grid or 0 for grid in grids], np.int64),
        shapes=_shapes(shapes),
    )


def _codes(session: Session, kind: str) -> frozenset[str]:
    of: dict[str, Any] = {"areas": Area.code, "grids": Grid.code, "buildings": Building.code}
    if kind not in of:
        return frozenset()
    return frozenset(session.scalars(select(of[kind]).where(of[kind].is_not(None))))


def _sources(session: Session, frame: Frame) -> frozenset[str]:
    if frame.kind != "buildings" or "source" not in frame.fields:
        return frozenset()
    return frozenset(session.scalars(select(Building.source).where(Building.source.is_not(None))))


def _columns(rows: Sequence[Any], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _keys(codes: Iterable[str]) -> NDArray[np.int64]:
    return np.array([key(code) for code in codes], np.int64)


def _shapes(wkb: Sequence[Any]) -> Shapes:
    return shapely.from_wkb(np.array([bytes(data) for data in wkb], object))
