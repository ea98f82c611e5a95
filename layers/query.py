"""The one door to rows: territory, window, date, filters and masks are applied here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Float, Integer, Select, and_, bindparam, case, cast, false, func, null, or_, select
from sqlalchemy.sql.selectable import Subquery

from gis.boundaries import reaching
from gis.errors import Invalid
from gis.scope import Scope, moment_of, spans_of
from gis.viewer import Viewer
from gis.words import N_
from layers.layer import Field, Layer

Box = tuple[float, float, float, float]
TileAddress = tuple[int, int, int]
WORLD = 20037508.342789244
"""Half the side of the web-mercator world, in metres."""
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
CODES = ("code", "case_no")
CODE_DIGITS = re.compile("[0-9]{6,}")
ENDING, LAST_DIGITS = "case_no", re.compile("[0-9]{4,}")
LAST_SIGN = "\uffff"
"""Sorts behind every other sign, in the order of bytes and in those of languages."""
MARGIN = 64 / 4096
"""A tile's window reaches this share beyond its edge, as far as its drawing buffer."""


@dataclass(frozen=True)
class Asked:
    """What a request asks of a layer; everything is optional but the day and the clock."""

    day: date
    now: datetime
    area: str | None = None
    bbox: Box | None = None
    tile: TileAddress | None = None
    near: tuple[float, float, float] | None = None
    search: str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: tuple[int, ...] | None = None

    def scope(self, viewer: Viewer) -> Scope:
        """Return the part of the viewer's territory that is asked for, on the day and at the moment."""
        moment, spans = moment_of(self.day, self.now), spans_of(viewer.territory, self.area)
        return Scope(self.day, moment, spans, live=moment == self.now)


def rows(
    layer: Layer,
    viewer: Viewer,
    asked: Asked,
    *,
    fields: tuple[str, ...] | None = None,
    geometry: Literal["geom", "tile", "centre", None] = "geom",
) -> Select[Any]:
    """Select id, geometry and fields of a layer's rows, inside the viewer's territory and nothing else.

    Raises NotAllowed without the layer's permission, Invalid for a filter that the layer does not have.
    """
    viewer.require(layer.permission)
    scope = replace(asked.scope(viewer), wanted=wanted(layer, asked, fields))
    source = layer.source(scope).subquery("source")
    columns = [out(source, f) for f in layer.seen_by(viewer) if fields is None or f.name in fields]
    query = select(source.c.id, *(shape(source, geometry)), *columns)
    if layer.spread:
        query = query.where(reaching(scope, source.c.territory, source.c.geom))
    elif not layer.placeless:
        query = query.where(scope.holds(source.c.territory))
    return narrowed(query, source, layer, asked, "centre" if geometry == "centre" else "tile")


def wanted(layer: Layer, asked: Asked, fields: tuple[str, ...] | None) -> frozenset[str] | None:
    """Return the names of the fields that leave or decide, None for all."""
    if fields is None:
        return None
    searched = (f.name for f in layer.fields if asked.search is not None and f.searched)
    return frozenset((*fields, *asked.filters, *searched))


def narrowed(query: Select[Any], source: Subquery, layer: Layer, asked: Asked, placed: str) -> Select[Any]:
    """Apply window, ids, filters and search, one clause each; `placed` is the column that has to be in a tile."""
    if asked.tile is not None:
        query = query.where(source.c[placed].op("&&")(envelope(asked.tile, margin=MARGIN)))
    if asked.bbox is not None:
        query = query.where(source.c.geom.op("&&")(func.st_makeenvelope(*asked.bbox, 4490)))
    if asked.near is not None:
        lon, lat, degrees = asked.near
        spot = func.st_setsrid(func.st_makepoint(lon, lat), 4490)
        query = query.where(source.c.geom.op("&&")(func.st_expand(spot, degrees)))
        query = query.where(func.st_dwithin(source.c.geom, spot, degrees))
    if asked.ids is not None:
        query = query.where(source.c.id.in_(asked.ids))
    for name, values in asked.filters.items():
        query = query.where(matches(source, layer.field(name), values))
    if asked.search is not None:
        query = query.where(found(source, layer, asked.search))
    return query


def matches(source: Subquery, f: Field, values: tuple[str, ...]) -> Any:
    """Return the condition that a field holds one of the values."""
    if not f.filtered:
        raise Invalid(N_("The layer cannot be filtered by %(field)s."), field=f.name)
    if f.words is not None and (unknown := [value for value in values if value not in f.words]):
        message = N_("%(field)s is never %(value)s; known are: %(known)s.")
        raise Invalid(message, field=f.name, value=", ".join(unknown), known=", ".join(f.words))
    if f.kind != "integer":
        return source.c[f.name].in_(values)
    if not all(WHOLE_NUMBER.fullmatch(value) for value in values):
        raise Invalid(N_("The filter %(field)s takes whole numbers."), field=f.name)
    return source.c[f.name].in_([int(value) for value in values])


def found(source: Subquery, layer: Layer, words: str) -> Any:
    """Return the condition that a searched field holds the words: codes at their beginning, names anywhere."""
    searched = [f for f in layer.fields if f.searched]
    if not searched:
        raise Invalid(N_("The layer %(layer)s cannot be searched."), layer=layer.name)
    return or_(false(), *(bears(source.c[f.name], f, words) for f in searched if fits(f, words)))


def fits(f: Field, words: str) -> bool:
    """Tell whether such words are looked for in a field: six digits begin a code, fewer stand in a name.

    Four end the number of a case, which nobody says whole.
    """
    if f.name == ENDING and LAST_DIGITS.fullmatch(words):
        return True
    if f.name in CODES:
        return words.isascii() and (not words.isdigit() or CODE_DIGITS.fullmatch(words) is not None)
    return CODE_DIGITS.fullmatch(words) is None


def bears(column: Any, f: Field, words: str) -> Any:
    """Return the condition that a column holds the words.

    Row security keeps LIKE from every index: a code's range is found by its index, and names are compared byte by byte
    unless the words have letters, which is twice as fast.
    """
    if f.name in CODES:
        begins = and_(column >= words, column < words + LAST_SIGN, column.startswith(words, autoescape=True))
        return or_(begins, column.endswith(words, autoescape=True)) if f.name == ENDING else begins
    if words.lower() == words.upper():
        return column.contains(words, autoescape=True)
    return func.lower(column.collate("C")).contains(words.lower(), autoescape=True)


def out(source: Subquery, f: Field) -> Any:
    """Return the column of a field as it may leave: hidden sensitive counts become empty."""
    column = source.c[f.name]
    if f.suppressed_by is None:
        return column
    return case((source.c[f.suppressed_by] == 1, null()), else_=column).label(f.name)


def shape(source: Subquery, geometry: str | None) -> list[Any]:
    """Return the geometry column that is asked for, if any."""
    return [] if geometry is None else [source.c[geometry]]


def envelope(tile: TileAddress, *, margin: float = 0.0) -> Any:
    """Return the square of a tile in web mercator, grown by a share of its side.

    Its edges are named parameters, so that a prepared statement serves every tile, and it is a scalar subquery, so that
    they are put together once and not for every row; the index is used all the same.
    """
    name = "reach" if margin else "edge"
    edges = (bindparam(f"{name}_{side}", at, Float) for side, at in square(tile, margin).items())
    return select(func.st_makeenvelope(*edges, 3857)).scalar_subquery()


def square(tile: TileAddress, margin: float = 0.0) -> dict[str, float]:
    """Return west, south, east and north of a tile in metres of web mercator, grown by a share of its side."""
    z, x, y = tile
    side = 2 * WORLD / 2**z
    west, north = x * side - WORLD, WORLD - y * side
    more = side * margin
    return {"west": west - more, "south": north - side - more, "east": west + side + more, "north": north + more}


def total(layer: Layer, viewer: Viewer, asked: Asked) -> Select[int]:
    """Select how many rows the layer has for this request."""
    return select(func.count()).select_from(rows(layer, viewer, asked, fields=(), geometry=None).subquery())


def share(numerator: Any, denominator: Any, per: int) -> Any:
    """Return per × numerator ÷ denominator, empty where there is nothing to divide by."""
    return cast(numerator, Float) * per / func.nullif(cast(denominator, Integer), 0)
