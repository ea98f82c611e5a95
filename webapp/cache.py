"""What this process made last and may need again, up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

ENTRY = 200
"""What the key and the bookkeeping of an entry weigh, about; an empty tile is not free."""

Made = TypeVar("Made")


class Cache(Generic[Made]):
    """A bounded store; the key holds the version, so an entry is never wrong, only unused."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self.kept: OrderedDict[Hashable, tuple[Made, int]] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Hashable) -> Made | None:
        """Return what is kept under a key, or None."""
        with self.lock:
            if key not in self.kept:
                return None
            self.kept.move_to_end(key)
            return self.kept[key][0]

    def put(self, key: Hashable, made: Made, weight: int) -> None:
        """Keep something that weighs so many bytes, and drop what was unused longest."""
        with self.lock:
            if key in self.kept:
                self.size -= self.kept.pop(key)[1]
            self.kept[key] = made, ENTRY + weight
            self.size += ENTRY + weight
            while self.size > self.most_bytes:
                self.size -= self.kept.popitem(last=False)[1][1]
