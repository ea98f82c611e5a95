"""Values and outlines as the cells of PostgreSQL's COPY text format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

import shapely

from gis.database import SRID

NULL = r"\N"
_SINGLE = {1: 5, 3: 6}
_SIGNS = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_ESCAPES = str.maketrans(_SIGNS)
_SRID_HEX = SRID.to_bytes(4, "little").hex()


def multi_hex(shapes: Any) -> Iterator[str]:
    """Return outlines as hexadecimal EWKB; a single polygon or line becomes a group of one without being built anew."""
    types = shapely.get_type_id(shapes).tolist()
    for wkb, type_ in zip(shapely.to_wkb(shapes, byte_order=1).tolist(), types, strict=True):
        if type_ in _SINGLE:
            yield f"010{_SINGLE[type_]}000020{_SRID_HEX}01000000{wkb.hex()}"
        else:
            yield f"010{type_}000020{_SRID_HEX}{wkb[5:].hex()}"


def cells(values: Iterable[Any]) -> Iterable[str]:
    """Return values as cells of PostgreSQL's text format."""
    listed = list(values)
    kinds = set(map(type, listed))
    if kinds == {int}:
        return map(str, listed)
    if kinds <= {type(None)}:
        return repeat(NULL, len(listed))
    if kinds <= {str, type(None)} and not any(map("".join(filter(None, listed)).__contains__, _SIGNS)):
        return listed if kinds == {str} else (NULL if value is None else value for value in listed)
    return (
        NULL if value is None else value.translate(_ESCAPES) if isinstance(value, str) else str(value)
        for value in listed
    )
