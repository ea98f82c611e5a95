"""The tiles that this process made last, up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

ENTRY = 200
"""What the key and the bookkeeping of an entry weigh, about; an empty tile is not free."""


class TileCache:
    """A bounded store of bytes; the key holds the version, so an entry is never wrong, only unused."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self.kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Hashable) -> bytes | None:
        """Return the bytes of a key, or None."""
        with self.lock:
            body = self.kept.get(key)
            if body is not None:
                self.kept.move_to_end(key)
            return body

    def put(self, key: Hashable, body: bytes) -> None:
        """Keep the bytes and drop the ones unused longest."""
        with self.lock:
            if key in self.kept:
                self.size -= ENTRY + len(self.kept.pop(key))
            self.kept[key] = body
            self.size += ENTRY + len(body)
            while self.size > self.most_bytes:
                self.size -= ENTRY + len(self.kept.popitem(last=False)[1])
