"""The headers of every answer: scripts and styles with this answer's nonce, nothing from another host."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g


def init_app(app: Flask) -> None:
    """Give each request a nonce, and each answer its policy."""
    app.before_request(draw_nonce)
    app.after_request(add_headers)
    app.context_processor(lambda: {"nonce": g.get("nonce", "")})


def draw_nonce() -> None:
    """Draw the nonce of this request."""
    g.nonce = secrets.token_urlsafe(16)


def add_headers(response: Response) -> Response:
    """Allow what this page needs from this host and nothing else."""
    nonce = g.get("nonce", "")
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
