"""Cases of another system come in as a table: looked at row by row, and written whole or not at all, once."""

from __future__ import annotations

from gis.cases.incoming.batch import Examination, accept, examine
from gis.cases.incoming.columns import FIELDS, Options

__all__ = ["FIELDS", "Examination", "Options", "accept", "examine"]
