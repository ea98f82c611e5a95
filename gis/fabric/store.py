"""Fabrics in the database: built when there is none, built anew when the ground has changed, kept where it has not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import audit
from gis.fabric import rows
from gis.fabric.build import CAP, Built, build
from gis.fabric.codes import names
from gis.fabric.material import Ints, Material
from gis.fabric.sources import checked, material
from gis.fabric.tables import Cell, CellBorder, Fabric
from gis.geometry import Shapes
from gis.viewer import Viewer, key

DIGITS = 9
"""Decimal places of a degree to which outlines are compared: a tenth of a millimetre."""


@dataclass(frozen=True)
class Changes:
    """What building a fabric anew did: ids of cells that stayed, that are new and that are no more.

    `outside` are the ids of buildings of the village that stand outside its outline and have no cell.
    """

    fabric: Fabric
    kept: Ints
    new: Ints
    retired: Ints
    outside: Ints


def newest(session: Session, village: str) -> Fabric | None:
    """Return the fabric that a village is drawn with, None when it has none."""
    return session.scalar(select(Fabric).where(Fabric.village_code == village).order_by(Fabric.version.desc()).limit(1))


def edition(session: Session, viewer: Viewer, village: str) -> str | None:
    """Return a word that is another one whenever cells or borders of a village are others, None without a fabric."""
    viewer.require("plan.view")
    fabric = newest(session, village)
    if fabric is None:
        return None
    border = func.concat_ws(",", CellBorder.a, CellBorder.b, CellBorder.blocked, CellBorder.bridge)
    told = select(func.bit_xor(func.hashtextextended(border, 0))).where(CellBorder.territory == key(village))
    return f"{village}-{fabric.version}-{session.scalar(told) or 0:x}"


def ensure(
    session: Session, viewer: Viewer, village_code: str, now: datetime, *, metric_srid: int | None = None,
    cap: int = CAP,
) -> Fabric:  # fmt: skip
    """Return the fabric of a village, built first when there is none."""
    viewer.require("plan.view")
    found = newest(session, village_code)
    if found is None:
        viewer.require("plan.draw")
        _alone(session, village_code)
        found = newest(session, village_code)
    return found or rebuild(session, viewer, village_code, now, metric_srid=metric_srid, cap=cap).fabric


def rebuild(
    session: Session, viewer: Viewer, village_code: str, now: datetime, *, metric_srid: int | None = None,
    cap: int = CAP,
) -> Changes:  # fmt: skip
    """Build the fabric of a village anew; cells that come out as they were keep their rows.

    Plans and published outlines stay as they are. Without any change there is no new version. Areas are measured in
    the metric zone that is given, else in the one nearest to the village. A building with more households than `cap`
    is divided by its units.
    """
    viewer.require("plan.draw")
    _alone(session, village_code)
    made_of = material(session, viewer, village_code, cap)
    before = newest(session, village_code)
    current = rows.current(session, village_code)
    built = build(made_of, metric_srid, cap)
    ids = _matched(built, made_of, current)
    fresh = np.flatnonzero(ids < 0)
    retired = np.setdiff1d(current.ids, ids)
    if before is None or len(fresh) or len(retired):
        before = _next(session, village_code, before, now, len(ids))
    taken = session.scalars(select(Cell.code).where(Cell.territory == key(village_code)).distinct()).all()
    held = np.array(current.codes, object)[np.isin(current.ids, ids)].tolist()
    codes = names(built, made_of.buildings, village_code, fresh.tolist(), taken, held)
    rows.retire(session, retired, before.version)
    ids[fresh] = rows.add(session, before, built, made_of.buildings, fresh, codes)
    rows.lay_borders(session, village_code, built, ids)
    told = Changes(before, np.intersect1d(current.ids, ids), ids[fresh], retired, built.outside)
    counts = {name: len(getattr(told, name)) for name in ("kept", "new", "retired", "outside")}
    audit.record(session, viewer, "fabric.build", village_code, version=before.version, **counts)
    return told


def shapes(session: Session, viewer: Viewer, villages: Sequence[str]) -> tuple[Ints, Shapes]:
    """Return the ids of the current cells of villages, ascending, and their outlines in degrees."""
    viewer.require("plan.view")
    query = (
        select(Cell.id, func.st_asbinary(Cell.outline))
        .where(Cell.territory.in_([key(village) for village in villages]), Cell.until.is_(None))
        .order_by(Cell.id)
    )
    found = session.execute(query).all()
    outlines = shapely.from_wkb([bytes(blob) for _, blob in found])
    return np.array([number for number, _ in found], np.int64), np.array(outlines, object).reshape(-1)


def _alone(session: Session, village: str) -> None:
    """Wait until nobody else builds the fabric of the village, and keep others waiting until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(key(checked(village)))))


def _next(session: Session, village: str, before: Fabric | None, now: datetime, cells: int) -> Fabric:
    version = 1 if before is None else before.version + 1
    fabric = Fabric(village_code=village, territory=key(village), version=version, built_at=now, cells=cells)
    session.add(fabric)
    session.flush()
    return fabric


def _matched(built: Built, made_of: Material, current: rows.Current) -> Ints:
    """Return for each new cell the id of the current one that is the same, else -1."""
    known = {
        (*identity, outline): number
        for number, identity, outline in zip(
            current.ids.tolist(), current.identities, _printed(current.outlines), strict=True
        )
    }
    found = zip(rows.identities(built, made_of.buildings), _printed(rows.multi(built.outlines)), strict=True)
    return np.array([known.get((*identity, outline), -1) for identity, outline in found], np.int64)


def _printed(outlines: Shapes) -> list[bytes]:
    """Return what outlines are compared by."""
    rounded = shapely.transform(outlines, lambda at: np.round(at, DIGITS) + 0.0)
    return [bytes(blob) for blob in np.asarray(shapely.to_wkb(rounded), object).reshape(-1)]
