"""A file of cases in, heads and rows of texts out: CSV (UTF-8 or GB 18030), Excel, GeoJSON points."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gis.imports.findings import Unreadable

MOST = 5000


@dataclass(frozen=True)
class Table:
    """Heads and rows, every cell a text, and the number that a reader of the file gives each row."""

    heads: list[str]
    rows: list[list[str]]
    numbers: list[int]

    def column(self, head: str) -> list[str]:
        """Return the cells below a head."""
        at = self.heads.index(head)
        return [row[at] for row in self.rows]


def read(name: str, data: bytes) -> Table:
    """Return the table of a file; raises Unreadable for one that is none."""
    readers = {".csv": of_csv, ".xlsx": of_sheet, ".geojson": of_points, ".json": of_points}
    reader = readers.get(Path(name).suffix.lower())
    if reader is None:
        raise Unreadable("table_format", name=name)
    try:
        found = reader(data)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("table_format", name=name) from error
    if not found.rows:
        raise Unreadable("table_empty")
    if len(found.rows) > MOST:
        raise Unreadable("table_long", most=MOST)
    return found


def of_csv(data: bytes) -> Table:
    """Read a CSV; what is no UTF-8 is taken as GB 18030, as Chinese offices save it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    heads = [head.strip() for head in lines[0]] if lines else []
    filled = {number: line for number, line in enumerate(lines[1:], 2) if any(cell.strip() for cell in line)}
    return Table(heads, [[*line, *[""] * len(heads)][: len(heads)] for line in filled.values()], list(filled))


def of_sheet(data: bytes) -> Table:
    """Read the first sheet of an Excel file through GDAL."""
    import pyogrio  # only who brings a workbook needs it

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        meta, _, _, columns = pyogrio.raw.read(file.name, read_geometry=False)
    heads = [str(name).strip() for name in meta["fields"]]
    rows = {number: [cell(value) for value in row] for number, row in enumerate(zip(*columns, strict=True), 2)}
    filled = {number: row for number, row in rows.items() if any(row)}
    return Table(heads, list(filled.values()), list(filled))


def of_points(data: bytes) -> Table:
    """Read GeoJSON points: their properties, and their place as lon and lat."""
    features = json.loads(data.decode("utf-8-sig"))["features"]
    heads = list(dict.fromkeys(str(name) for each in features for name in each["properties"] or {}))
    heads = [head for head in heads if head not in ("lon", "lat")]
    rows = []
    for each in features:
        told, shape = each["properties"] or {}, each.get("geometry") or {}
        place = shape.get("coordinates", ["", ""]) if shape.get("type") == "Point" else ["", ""]
        rows.append([*(cell(told.get(head)) for head in heads), *(cell(axis) for axis in place[:2])])
    return Table([*heads, "lon", "lat"], rows, list(range(1, len(rows) + 1)))


def cell(value: Any) -> str:
    """Return a value as the text that a reader sees."""
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)):
        return ""
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value.astype("datetime64[s]"))
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()
