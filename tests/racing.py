"""Two people at the same thing: the second waits for the first, and is told."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from sqlalchemy.orm import Session

from gis.errors import Conflict


def told(first: Session, second: Callable[[], object]) -> list[Conflict]:
    """Let a second transaction act while a first one is open; it waits until that is committed, and is told this."""
    said: list[Conflict] = []

    def later() -> None:
        try:
            second()
        except Conflict as error:
            said.append(error)

    other = Thread(target=later)
    other.start()
    other.join(0.5)
    assert other.is_alive(), "it waits for the first"
    first.commit()
    other.join(10)
    return said
