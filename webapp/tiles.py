"""Vector tiles over HTTP: private to the viewer, never stale after a write, cheap when nothing changed."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from layers import stamps, tiles
from layers.catalogue import CATALOGUE
from layers.query import Asked
from webapp import access
from webapp.addresses import day_of
from webapp.tile_cache import TileCache

bp = Blueprint("tiles", __name__)
KEPT_BYTES = 64 * 1024 * 1024
MVT = "application/vnd.mapbox-vector-tile"


@bp.record_once
def make_room(state: BlueprintSetupState) -> None:
    """Give the application its store of tiles."""
    state.app.extensions["tiles"] = TileCache(KEPT_BYTES)


@bp.get("/tiles/<name>/<int:z>/<int:x>/<int:y>.mvt")
def tile(name: str, z: int, x: int, y: int) -> ResponseReturnValue:
    """Answer one tile, or 304 when the browser holds this version of it."""
    viewer, layer = access.viewer(), CATALOGUE.get(name)
    cache: TileCache = current_app.extensions["tiles"]
    viewer.require(layer.permission)
    wanted = Asked(day_of(request.args.get("date"), access.today()), access.now(), tile=(z, x, y))
    stamp = stamps.stamp(layer, access.writes(), viewer, wanted)
    if request.if_none_match.contains_weak(stamp):
        return answer(304, b"", stamp)
    body = cache.get((stamp, z, x, y))
    if body is None:
        body = tiles.tile(access.database().session(), layer, viewer, wanted).body
        cache.put((stamp, z, x, y), body)
    return answer(200 if body else 204, body, stamp)


def answer(status: int, body: bytes, stamp: str) -> Response:
    """Return the tile with its stamp; the address of this very version never changes, any other is asked again."""
    response = Response(body, status, mimetype=MVT)
    response.set_etag(stamp, weak=True)
    kept = "max-age=31536000, immutable" if request.args.get("v") == stamp else "no-cache"
    response.headers["Cache-Control"] = f"private, {kept}"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    if body:
        response.headers["Content-Encoding"] = "gzip"
    return response
