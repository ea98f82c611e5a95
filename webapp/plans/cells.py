"""The shapes of a village's cells for the editor: they change with cells and borders, and the browser keeps them."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from gis.database import join_by_hash
from gis.errors import NotFound
from gis.fabric import store
from gis.fabric.ground import ground
from gis.words import N_
from layers import mesh
from webapp import access
from webapp.addresses import area_of
from webapp.cache import Cache

bp = Blueprint("fabrics", __name__)
KEPT_BYTES = 32 * 1024 * 1024


@bp.record_once
def make_room(state: BlueprintSetupState) -> None:
    """Give the application its store of shapes."""
    state.app.extensions["shapes"] = Cache[bytes](KEPT_BYTES)


@bp.get("/fabrics/<code>")
def shapes(code: str) -> ResponseReturnValue:
    """Answer the cells of a village as shared arcs, or 304 when the browser holds this version of them."""
    session, viewer, cache = access.database().session(), access.viewer(), current_app.extensions["shapes"]
    viewer.require("plan.view")
    stamp = store.edition(session, viewer, area_of(code, viewer) or "0")
    if stamp is None:
        raise NotFound(N_("There is no village %(code)s with cells in your territory."), code=code)
    if request.if_none_match.contains_weak(stamp):
        return sent(b"", stamp, 304)
    body = cache.get(stamp)
    if body is None:
        body = gzip.compress(drawn(code), 6, mtime=0)
        cache.put(stamp, body, len(body))
    return sent(body, stamp, 200)


def drawn(village: str) -> bytes:
    """Return the shapes of a village's current cells, with the borders between them, as JSON."""
    session, viewer = access.database().session(), access.viewer()
    join_by_hash(session)
    land = ground(session, viewer, [village])
    ids, outlines = store.shapes(session, viewer, [village])
    borders = {"a": land.a.tolist(), "b": land.b.tolist(), "joins": "".join("01"[int(each)] for each in land.joins)}
    return mesh.written(mesh.mesh(outlines), village=village, cells=ids.tolist(), codes=land.codes, borders=borders)


def sent(body: bytes, stamp: str, status: int) -> Response:
    """Return the answer; every browser takes gzip."""
    response = Response(body, status, mimetype="application/json")
    response.set_etag(stamp, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    if status == 200:
        response.headers["Content-Encoding"] = "gzip"
    return response
