"""Layers as files: the last gate, what a file says of itself, its bytes, and the log of what has left."""

from layers.files.formats import FORMATS, Format, get
from layers.files.stream import Export, export

__all__ = ["FORMATS", "Export", "Format", "export", "get"]
