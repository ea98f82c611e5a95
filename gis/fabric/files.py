"""The cells of a village as GeoJSON, for whoever wants to look at them in another program."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gis.fabric.ground import ground
from gis.fabric.store import shapes
from gis.viewer import Viewer

DIGITS = 9


def geojson(session: Session, viewer: Viewer, village: str) -> Iterator[str]:
    """Yield the lines of an RFC 7946 file with the current cells of a village, one feature each."""
    viewer.require("plan.view")
    land = ground(session, viewer, [village])
    _, outlines = shapes(session, viewer, [village])
    rounded = shapely.transform(shapely.orient_polygons(outlines), lambda at: np.round(at, DIGITS))
    written = np.asarray(shapely.to_geojson(rounded), object).reshape(-1)
    yield '{"type": "FeatureCollection", "features": ['
    for at, outline in enumerate(written.tolist()):
        told = {
            "code": land.codes[at], "kind": land.kinds[at], "village_code": village,
            "households": int(land.households[at]), "residents": int(land.residents[at]),
            "area_m2": round(float(land.area_m2[at]), 1),
        }  # fmt: skip
        comma = "," if at + 1 < len(written) else ""
        properties = json.dumps(told, ensure_ascii=False)
        head = f'{{"type": "Feature", "id": {int(land.ids[at])}, "properties": {properties}'
        yield f'{head}, "geometry": {outline}}}{comma}'
    yield "]}"
