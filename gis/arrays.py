"""Many rows of numbers and shapes as arrays, in one row that PostgreSQL packs: a fourth of the time of reading rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from geoalchemy2 import Geometry
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Float, LargeBinary, Select, cast, func, select
from sqlalchemy.orm import Session

from gis.geometry import Shapes


@dataclass(frozen=True)
class Arrays:
    """The columns of numbers of a query in its order, and its shapes, empty where it has none."""

    columns: list[NDArray[Any]]
    shapes: Shapes


def arrays(session: Session, query: Select[Any]) -> Arrays:
    """Return a query as arrays, by its first column, in which whole numbers differ; no column may be empty anywhere.

    Every column but a last one of shapes holds numbers: floats where its type says so, else whole numbers.
    """
    rows = query.subquery("rows")
    numbers = [column for column in rows.c if not isinstance(column.type, Geometry)]
    shape = next((column for column in rows.c if isinstance(column.type, Geometry)), None)
    packed = [func.string_agg(_sent(column), cast(b"", LargeBinary)) for column in numbers]
    if shape is not None:
        packed.append(func.st_asbinary(func.st_collect(shape)))
    found = [bytes(each or b"") for each in session.execute(select(*packed)).one()]
    columns = [_unpacked(column, each) for column, each in zip(numbers, found, strict=False)]
    order = np.argsort(columns[0])
    shapes = shapely.get_parts(shapely.from_wkb(found[-1])) if shape is not None and found[-1] else _NONE
    return Arrays([column[order] for column in columns], shapes[order] if len(shapes) else shapes)


_NONE: Shapes = np.empty(0, object)


def _sent(column: Any) -> Any:
    """Return the eight bytes of a number as PostgreSQL sends them."""
    return func.float8send(column) if isinstance(column.type, Float) else func.int8send(cast(column, BigInteger))


def _unpacked(column: Any, sent: bytes) -> NDArray[Any]:
    is_float = isinstance(column.type, Float)
    return np.frombuffer(sent, ">f8" if is_float else ">i8").astype(np.float64 if is_float else np.int64)
