"""Vector tiles over HTTP: private to the viewer, never stale after a write, cheap when nothing changed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Request, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from gis.errors import WanggeError
from gis.scope import ZONE
from gis.viewer import Viewer
from layers import stamps, tiles
from layers.catalogue import CATALOGUE
from layers.layer import Layer
from layers.query import Asked, TileAddress
from webapp import access, policy
from webapp.addresses import day_of
from webapp.cache import Cache

bp = Blueprint("tiles", __name__)
KEPT_BYTES = 64 * 1024 * 1024
MVT = "application/vnd.mapbox-vector-tile"
ADDRESS = re.compile(r"/tiles/([a-z_]+)/([0-9]{1,2})/([0-9]{1,7})/([0-9]{1,7})\.mvt")


@bp.record_once
def make_room(state: BlueprintSetupState) -> None:
    """Give the application its store of tiles."""
    state.app.extensions["tiles"] = Cache[bytes](KEPT_BYTES)


def init_app(app: Flask) -> None:
    """Answer what is kept before Flask begins; without a pool of connections there is no asking apart."""
    if isinstance(app.extensions["database"].bind, Engine):
        app.wsgi_app = KeptTiles(app)  # type: ignore[method-assign]


@bp.get("/tiles/<name>/<int:z>/<int:x>/<int:y>.mvt")
def tile(name: str, z: int, x: int, y: int) -> ResponseReturnValue:
    """Answer one tile, or 304 when the browser holds this version of it."""
    viewer, cache = access.viewer(), current_app.extensions["tiles"]
    layer, wanted = asked(request, name, (z, x, y), viewer, access.now())
    stamp = stamps.stamp(layer, access.writes(), viewer, wanted)
    if (kept := answer(request, stamp, cache.get((stamp, z, x, y)))) is not None:
        return kept
    body = tiles.tile(access.database().session(), layer, viewer, wanted).body
    cache.put((stamp, z, x, y), body, len(body))
    return answer(request, stamp, body) or Response(status=204)


def asked(given: Request, name: str, tile: TileAddress, viewer: Viewer, now: datetime) -> tuple[Layer, Asked]:
    """Return the layer and what is asked of it; raise NotAllowed when it is not the viewer's to see."""
    layer = CATALOGUE.get(name)
    viewer.require(layer.permission)
    return layer, Asked(day_of(given.args.get("date"), now.astimezone(ZONE).date()), now, tile=tile)


def answer(given: Request, stamp: str, body: bytes | None) -> Response | None:
    """Return the tile with its stamp, 304 to who holds it, None for one that is still to be made.

    The address of this very version never changes, any other is asked again.
    """
    held = given.if_none_match.contains_weak(stamp)
    if body is None and not held:
        return None
    response = Response(b"" if held else body, 304 if held else 200 if body else 204, mimetype=MVT)
    response.set_etag(stamp, weak=True)
    kept = "max-age=31536000, immutable" if given.args.get("v") == stamp else "no-cache"
    response.headers["Cache-Control"] = f"private, {kept}"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    if body and not held:
        response.headers["Content-Encoding"] = "gzip"
    return response


class KeptTiles:
    """Stands in front of Flask: a tile that this process holds, for a user whom it knows, needs one round trip.

    It only ever answers what the view would answer too; whatever else there is to say is left to Flask.
    """

    def __init__(self, app: Flask) -> None:
        self.app, self.onward = app, app.wsgi_app
        self.headers = policy.headers("", secure=app.config["SESSION_COOKIE_SECURE"])

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        place = ADDRESS.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "GET" else None
        with suppress(WanggeError, SQLAlchemyError):
            if place is not None and (found := self.kept(environ, *place.groups())) is not None:
                found.headers.update(self.headers)
                return found(environ, start_response)
        return self.onward(environ, start_response)

    def kept(self, environ: dict[str, Any], name: str, *numbers: str) -> Response | None:
        """Return the answer, None for a tile that is not kept or a session that Flask has to look at."""
        given, parts = Request(environ), self.app.extensions
        session = self.app.session_interface.open_session(self.app, given)
        if not session:
            return None
        now, writes = parts["now"](), parts["database"].writes()
        environ[access.WRITES] = writes
        viewer = access.remembered(self.app, session, now, writes)
        if viewer is None:
            return None
        z, x, y = map(int, numbers)
        layer, wanted = asked(given, name, (z, x, y), viewer, now)
        stamp = stamps.stamp(layer, writes, viewer, wanted)
        return answer(given, stamp, parts["tiles"].get((stamp, z, x, y)))
