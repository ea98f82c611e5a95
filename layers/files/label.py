"""What a file says of itself: who took it, when, for what, which rows and fields, how masked, on which datum."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

from gis import indicators
from gis.scope import ZONE
from gis.viewer import Viewer
from layers.layer import Field, Layer
from layers.query import Asked, Box

DATUM = "CGCS2000 (EPSG:4490); WGS 84 within map accuracy"
PRINTABLE = "".join(chr(code) for code in range(32, 127) if chr(code) != "%")

Say = Callable[[str], str]


def about(
    layer: Layer, viewer: Viewer, asked: Asked, purpose: str, *, extent: Box | None, synthetic: bool, say: Say = str
) -> dict[str, Any]:
    """Return what the file of a layer says; titles in the words that `say` gives them, `extent` around its rows.

    `as_at` is the day that the rows are of, `territory` names the codes that the area is cut to.
    """
    return {
        "layer": layer.name,
        "title": say(layer.title),
        "taken_by": viewer.name,
        "taken_at": asked.now.isoformat(timespec="seconds"),
        "purpose": purpose,
        "as_at": day_of(layer, asked).isoformat(),
        "asked_day": asked.day.isoformat(),
        "area": asked.area or "territory",
        "territory": viewer.territory.within(asked.area),
        "bbox": None if asked.bbox is None else list(asked.bbox),
        "filter": {name: list(values) for name, values in asked.filters.items()},
        "mask_level": mask_level(layer, viewer),
        "datum": DATUM,
        "synthetic": synthetic,
        "formula_version": indicators.VERSION,
        "fields": [entry(f, say) for f in layer.seen_by(viewer)],
        "extent": None if extent is None else list(extent),
    }


def day_of(layer: Layer, asked: Asked) -> date:
    """Return the day that the rows of a layer are of: the one that was asked for, today where no past is kept."""
    return asked.day if layer.remembers else asked.now.astimezone(ZONE).date()


def mask_level(layer: Layer, viewer: Viewer) -> str:
    """Return L1 when the viewer may get rows or fields masked, L0 when everything comes as it is."""
    seen = layer.seen_by(viewer)
    masked = layer.masked or len(seen) < len(layer.fields) or any(f.suppressed_by for f in seen)
    return "L1" if masked else "L0"


def entry(f: Field, say: Say) -> dict[str, str]:
    """Return a field's line in the data dictionary."""
    return {"name": f.name, "title": say(f.title), "kind": f.kind, "unit": f.unit}


def texts(said: dict[str, Any]) -> dict[str, str]:
    """Return each statement as a text: lists and mappings as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for name, value in said.items()
    }


def headers(said: dict[str, Any]) -> dict[str, str]:
    """Return the statements as HTTP headers, percent-encoded where they are not ASCII; the dictionary in short."""
    fields = "; ".join(f"{f['name']}={f['title']}" + (f" [{f['unit']}]" if f["unit"] else "") for f in said["fields"])
    told = texts({**said, "fields": fields})
    return {f"X-Wangge-{name.replace('_', '-').title()}": quote(told[name], safe=PRINTABLE) for name in told}
