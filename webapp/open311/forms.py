"""The two forms of an answer: JSON lists, and XML with the elements that the specification names."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from flask import Response, jsonify, request

from gis.scope import ZONE

ITEMS = {"services": "service", "service_requests": "request", "errors": "error", "attributes": "attribute",
         "values": "value", "changesets": "change_set", "endpoints": "endpoint", "formats": "format"}  # fmt: skip
"""List → the name of each of its elements."""


def form() -> str:
    """Return json or xml as the address ends."""
    asked = (request.view_args or {}).get("form") or request.path.rpartition(".")[2]
    return "xml" if asked == "xml" else "json"


def answer(root: str, told: Any, code: int = 200) -> Response:
    """Return a list or an object in the form that the address asks for."""
    if form() == "json":
        made = jsonify(told)
    else:
        tree = element(root, told)
        body = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
        made = Response(body, content_type="text/xml; charset=utf-8")
    made.status_code = code
    made.headers["Cache-Control"] = "no-store"
    return made


def element(name: str, told: Any) -> ElementTree.Element:
    """Return an element with what is told inside it."""
    made = ElementTree.Element(name)
    if isinstance(told, dict):
        made.extend(element(key, value) for key, value in told.items())
    elif isinstance(told, list):
        made.extend(element(ITEMS[name], each) for each in told)
    elif isinstance(told, bool):
        made.text = "true" if told else "false"
    elif told is not None:
        made.text = "".join(sign for sign in str(told) if sign in "\t\n\r" or sign >= " ")
    return made


def moment(value: datetime | None) -> str | None:
    """Return a moment as the specification writes it, in the zone of the district."""
    return None if value is None else value.astimezone(ZONE).isoformat(timespec="seconds")
