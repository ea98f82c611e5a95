"""Scripts and styles are sent gzip-compressed to browsers that take it; pages are not, as they hold secrets."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request

KINDS = {"application/javascript", "text/css", "text/javascript", "image/svg+xml"}
MOST_FILES = 100


def init_app(app: Flask) -> None:
    """Look at each static file on its way out."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Put the compressed text in place of the file, under a stamp of its own."""
    if request.endpoint != "static" or response.mimetype not in KINDS:
        return response
    response.vary.add("Accept-Encoding")
    stamp = response.get_etag()[0]
    if response.status_code != 200 or stamp is None or not request.accept_encodings["gzip"]:
        return response
    response.close()
    response.direct_passthrough = False
    response.set_data(compressed(str(current_app.static_folder), (request.view_args or {})["filename"], stamp))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.remove("Accept-Ranges")
    response.set_etag(f"{stamp}-gzip")
    response.make_conditional(request)
    return response


@lru_cache(MOST_FILES)
def compressed(folder: str, name: str, _stamp: str) -> bytes:
    """Return the compressed text of a file that Flask was ready to send; another stamp is another entry."""
    return gzip.compress(Path(folder, name).read_bytes(), mtime=0)
