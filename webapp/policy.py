"""The headers of every answer: scripts and styles with this answer's nonce, nothing from another host or kept."""

from __future__ import annotations

import secrets
from pathlib import PurePath

from flask import Flask, Response, abort, current_app, g, request

SERVED = {".css", ".ico", ".js", ".png", ".svg", ".woff2"}
"""What a page asks for; the rest of what came with a library is nobody's business."""
STATIC_SECONDS = 300
A_YEAR = 31_536_000


def init_app(app: Flask) -> None:
    """Give each request a nonce, and each answer its policy."""
    app.before_request(draw_nonce)
    app.before_request(hide_files)
    app.after_request(add_headers)
    app.context_processor(lambda: {"nonce": g.get("nonce", "")})


def draw_nonce() -> None:
    """Draw the nonce of this request."""
    g.nonce = secrets.token_urlsafe(16)


def hide_files() -> None:
    """Answer 404 for every static file that no page asks for."""
    if request.endpoint == "static":
        path = PurePath((request.view_args or {})["filename"])
        if path.suffix not in SERVED or any(part.startswith(".") for part in path.parts):
            abort(404)


def add_headers(response: Response) -> Response:
    """Allow what this page needs from this host and nothing else."""
    response.headers.update(headers(g.get("nonce", ""), secure=current_app.config["SESSION_COOKIE_SECURE"]))
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def headers(nonce: str, *, secure: bool) -> dict[str, str]:
    """Return what every answer says; without a nonce, only files of this host run."""
    own = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    policy = (
        "default-src 'none'",
        f"script-src {own}",
        f"style-src {own}",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        **({"Strict-Transport-Security": f"max-age={A_YEAR}"} if secure else {}),
    }
