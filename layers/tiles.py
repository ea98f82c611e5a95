"""Vector tiles cut by PostGIS; a tile that would be too heavy holds counts, never a silent part."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Float, Select, and_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from gis.database import TILE_SRID
from gis.errors import NotFound
from gis.prepared import Kept, run
from gis.viewer import Viewer
from gis.words import N_
from layers.layer import Layer
from layers.query import MARGIN, WORLD, Asked, envelope, rows, square
from layers.stamps import MINUTES, stamp

EXTENT = 4096
BUFFER = 64
MOST_FEATURES = 5000
KEPT = Kept()
CELLS = 16
"""A counting tile is divided into this many cells a side; each cell that holds something is one point."""


@dataclass(frozen=True)
class Tile:
    """The bytes of a tile, gzipped, and whether they are features or counts."""

    body: bytes
    counted: bool


def tile(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> Tile:
    """Return a tile of the layer; raise NotFound outside its zooms or the square of its zoom."""
    z, x, y = asked.tile or (-1, -1, -1)
    if not (layer.minzoom <= z <= layer.maxzoom and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(N_("There is no such tile of %(layer)s."), layer=layer.name)
    asked = replace(asked, filters={**layer.kept_at(z), **asked.filters})
    if z >= layer.counts_below:
        count, body = answer(session, features, layer, viewer, asked).one()
        if count <= MOST_FEATURES:
            return Tile(packed(body), counted=False)
    return Tile(packed(answer(session, counts, layer, viewer, asked).scalar()), counted=True)


def answer(session: Session, kind: Callable[..., Select[Any]], layer: Layer, viewer: Viewer, asked: Asked) -> Any:
    """Run the features or the counts of a tile, compiled once for all tiles of the layer."""
    assert asked.tile is not None
    age = int(asked.now.timestamp()) // (MINUTES * 60) if layer.timed else 0
    key = (kind.__name__, stamp(layer, {}, viewer, asked), age)
    statement = KEPT.get(key, lambda: kind(layer, viewer, asked))
    edges = {f"edge_{side}": at for side, at in square(asked.tile).items()}
    grain = 2 * WORLD / 2 ** asked.tile[0] / EXTENT
    reach = {f"reach_{side}": at for side, at in square(asked.tile, MARGIN).items()}
    return run(session, statement, **edges, **reach, grain=grain)


def packed(body: Any) -> bytes:
    """Return the tile gzipped at the fastest level, or nothing for an empty one."""
    return gzip.compress(bytes(body), 1, mtime=0) if body else b""


def features(layer: Layer, viewer: Viewer, asked: Asked) -> Select[tuple[int, bytes]]:
    """Select how many features a tile has and its bytes; past the limit the bytes are not needed and not whole."""
    names = tuple(f.name for f in layer.fields if f.in_tiles)
    found = rows(layer, viewer, asked, fields=names, geometry="tile").limit(MOST_FEATURES + 1).subquery("found")
    assert asked.tile is not None
    window = envelope(asked.tile)
    drawn = func.st_asmvtgeom(found.c.tile, window, EXTENT, BUFFER, True)
    if layer.geometry == "polygon":  # one that is smaller than the tile's grain stays as a speck of one grain
        grain = bindparam("grain", 2 * WORLD / 2 ** asked.tile[0] / EXTENT, Float)
        speck = func.st_expand(func.st_pointonsurface(found.c.tile), grain)
        drawn = func.coalesce(drawn, func.st_asmvtgeom(speck, window, EXTENT, BUFFER, True))
    mvt = select(found.c.id, *(found.c[name] for name in names if name in found.c), drawn.label("geom")).subquery("mvt")
    body = func.st_asmvt(mvt.table_valued(), layer.name, EXTENT, "geom", "id")
    return select(func.count(), body).select_from(mvt)


def counts(layer: Layer, viewer: Viewer, asked: Asked) -> Select[tuple[bytes]]:
    """Select a tile of points that each say how many features' middles lie in their cell of the tile."""
    assert asked.tile is not None
    late = ("state",) if "state" in {f.name for f in layer.fields} else ()
    found = rows(layer, viewer, asked, fields=late, geometry=middle(layer)).subquery("found")
    spot = found.c[middle(layer)]
    if layer.geometry != "point" and middle(layer) == "tile":
        spot = func.st_pointonsurface(spot)
    x, y = func.st_x(spot), func.st_y(spot)
    west, south, east, north = (bindparam(f"edge_{side}", at, Float) for side, at in square(asked.tile).items())
    cell = func.width_bucket(x, west, east, CELLS) + CELLS * func.width_bucket(y, south, north, CELLS)
    numbers = [func.count().label("n")]
    if late:
        numbers.append(func.count().filter(found.c.state == "overdue").label("overdue"))
    among = func.st_setsrid(func.st_makepoint(func.avg(x), func.avg(y)), TILE_SRID).label("spot")
    inside = and_(x >= west, x < east, y >= south, y < north)
    cells = select(among, *numbers).where(inside).group_by(cell).subquery("cells")
    drawn = func.st_asmvtgeom(cells.c.spot, envelope(asked.tile), EXTENT, 0, False).label("geom")
    mvt = select(*(cells.c[number.name] for number in numbers), drawn).subquery("mvt")
    return select(func.st_asmvt(mvt.table_valued(), literal(f"{layer.name}_counts"), EXTENT, "geom"))


def middle(layer: Layer) -> Any:
    """Return the column that a feature is counted by: the stored middle where a layer shows counts, else its shape."""
    return "centre" if layer.geometry == "polygon" and layer.counts_below else "tile"
