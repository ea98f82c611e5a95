"""Forms that a page sends by script (static/js/forms.js): a refusal leaves the page, and what was typed, as it is."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request


def init_app(app: Flask) -> None:
    """Tell such a form where it is led to, instead of leading it there."""
    app.after_request(told_where)


def by_script() -> bool:
    """Tell whether a form was sent by the script of its page, which reads nothing but JSON."""
    return request.method == "POST" and request.accept_mimetypes.best == "application/json"


def told_where(response: Response) -> Response:
    """Return the address of a redirect as JSON."""
    if not by_script() or response.status_code not in (302, 303):
        return response
    told = jsonify(to=response.location)
    for name, value in response.headers:
        if name.lower() not in ("location", "content-type", "content-length"):
            told.headers.add(name, value)
    return told
