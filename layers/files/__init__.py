"""Layers as files: the last gate, what a file says of itself, its bytes, and the log of what has left."""

from layers.files.export import Export, export
from layers.files.formats import FORMATS, Format, get

__all__ = ["FORMATS", "Export", "Format", "export", "get"]
