"""Two people at the same thing: the second waits for the first, and is told, or both get an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gis.database import admit, transaction
from gis.errors import Conflict, WanggeError
from gis.viewer import Viewer


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


def at_once(engine: Engine, viewer: Viewer, acts: Sequence[Callable[[Session], Any]]) -> list[Any]:
    """Let two requests of a viewer act at the same moment; returns what each got, an answer or a refusal."""
    ready = Barrier(len(acts))

    def one(act: Callable[[Session], Any]) -> Any:
        try:
            with transaction(engine) as session:
                admit(session, viewer)
                ready.wait(20)
                return act(session)
        except WanggeError as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts, timeout=30))
