"""An export: the gate, the log, one snapshot of the database, the stream, and the log again."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from gis import areas, audit
from gis.errors import Invalid, Refused
from gis.private import found_in
from gis.viewer import Viewer
from gis.words import N_
from layers.files import label
from layers.files.formats import Format
from layers.files.gate import inspect
from layers.layer import Layer
from layers.query import Asked, rows

LONGEST_PURPOSE = 200


class Sessions(Protocol):
    """Where an export's sessions come from: one to read in, and short ones for what is kept at once."""

    def snapshot(self, viewer: Viewer) -> AbstractContextManager[Session]:
        """Open a session that reads one state of the database."""

    def afterwards(self, viewer: Viewer) -> AbstractContextManager[Session]:
        """Open a session that is committed when its block ends."""


@dataclass
class Tally:
    """How many rows and bytes have left; the rows are known at the end."""

    rows: int | None = None
    size: int = 0


@dataclass(frozen=True)
class Export:
    """A file on its way out: iterate it for its bytes, and close it, also when it was not read to its end."""

    about: dict[str, Any]
    tally: Tally
    stream: Generator[bytes]
    held: ExitStack

    def __iter__(self) -> Iterator[bytes]:
        return self.stream

    def close(self) -> None:
        """Stop the work, if there is any left, and give the connection back."""
        self.stream.close()
        self.held.close()


def export(
    sessions: Sessions,
    viewer: Viewer,
    layer: Layer,
    form: Format,
    asked: Asked,
    purpose: str,
    *,
    say: label.Say = str,
) -> Export:
    """Take a layer away as a file: refuse before the first byte, or return the bytes to come.

    Raises NotAllowed, NotFound or Invalid for what may not be asked, Refused for what must not leave.
    """
    viewer.require("layer.export")
    rows(layer, viewer, asked)
    purpose = checked(purpose, asked)
    with ExitStack() as opened:
        session = opened.enter_context(sessions.snapshot(viewer))
        extent, synthetic = inspect(session, layer, viewer, asked), areas.synthetic(session)
        about = label.about(layer, viewer, asked, purpose, extent=extent, synthetic=synthetic, say=say)
        with sessions.afterwards(viewer) as log:
            number = audit.start_export(log, viewer, form.name, about)
        held, tally = opened.pop_all(), Tally()
    blocks = counted(form.write(session, layer, viewer, asked, about), held, tally)
    return Export(about, tally, logged(blocks, sessions, viewer, number, tally), held)


def checked(purpose: str, asked: Asked) -> str:
    """Return a purpose as it is kept; raise Invalid for none or a long one, Refused for a person's number."""
    purpose = " ".join("".join(sign for sign in purpose if sign.isprintable() or sign.isspace()).split())
    if not purpose:
        raise Invalid(N_("Say what the file is for: an export is written to the log with its purpose (purpose=…)."))
    if len(purpose) > LONGEST_PURPOSE:
        message = N_("The purpose has %(n)s characters; say it in at most %(most)s.")
        raise Invalid(message, n=len(purpose), most=LONGEST_PURPOSE)
    filters = "\n".join(value for values in asked.filters.values() for value in values)
    what = found_in(purpose) or found_in(filters, numbers_are_codes=True)
    if what is not None:
        message = N_("Purpose or filter seem to hold %(what)s, and both are kept in the log; say it without.")
        raise Refused(message, what=what)
    return purpose


def counted(blocks: Generator[bytes, None, int], held: ExitStack, tally: Tally) -> Generator[bytes]:
    """Yield the blocks, count what they hold, and give back what is held when they end or break off."""
    with held, closing(blocks):
        while tally.rows is None:
            try:
                block = next(blocks)
            except StopIteration as end:
                tally.rows = end.value
            else:
                tally.size += len(block)
                yield block


def logged(blocks: Iterator[bytes], sessions: Sessions, viewer: Viewer, number: int, tally: Tally) -> Generator[bytes]:
    """Yield the blocks, then write to the log how much left; what breaks off stays unfinished there."""
    yield from blocks
    with sessions.afterwards(viewer) as log:
        audit.end_export(log, number, rows=tally.rows or 0, size=tally.size)
