"""Files in: examined row by row, and written whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.boundaries import hold_still
from gis.errors import Invalid, Refused
from gis.imports import checks, columns, filling, known, placing, private, reading, shapes, store, zones
from gis.imports.findings import Finding, Severity, Unreadable, count, in_order
from gis.imports.frame import KINDS, Frame
from gis.imports.known import Known
from gis.viewer import Viewer
from gis.words import N_

__all__ = ["KINDS", "Examination", "Finding", "Options", "accept", "examine", "look"]

KEPT_FINDINGS = 1000
"""How many findings a batch keeps in the database; the summary counts all."""


@dataclass(frozen=True)
class Options:
    """How to read a file: its system when it names none or a wrong one, its layer, and what the rows start with."""

    srid: int
    crs: str | None = None
    layer: str | None = None
    barrier: str | None = None
    day: date | None = None
    repair: bool = False


@dataclass(frozen=True)
class Summary:
    """What a file holds: rows, rows per kind, square metres, findings per severity."""

    rows: int
    kinds: dict[str, int]
    area_m2: float
    found: dict[Severity, int]


@dataclass(frozen=True)
class Examination:
    """A file that was looked at: its findings, errors first, and the rows that would be written."""

    kind: str
    name: str
    sha256: str
    findings: list[Finding] = field(default_factory=list)
    frame: Frame | None = None
    known: Known | None = None

    @property
    def acceptable(self) -> bool:
        """Whether nothing stands against writing the rows."""
        return self.frame is not None and not any(found.severity == "error" for found in self.findings)

    @cached_property
    def summary(self) -> Summary:
        """What the file holds, in figures."""
        found = count(self.findings)
        if self.frame is None:
            return Summary(0, {}, 0.0, found)
        words = self.frame.cells("rank" if self.kind == "barriers" else "kind")
        kinds = Counter(str(word) for word in words if word is not None)
        return Summary(self.frame.rows, dict(kinds), _area(self.frame), found)


def _area(frame: Frame) -> float:
    """Return the land that the rows cover, in square metres; an area within another row is not counted twice."""
    rows = np.ones(frame.rows, bool)
    if frame.kind == "areas":
        codes = set(frame.cells("code"))
        rows = np.array([parent not in codes for parent in frame.cells("parent")], bool)
    return float(np.nansum(shapely.area(frame.metric[rows])))


def examine(session: Session, viewer: Viewer, kind: str, path: Path, options: Options) -> Examination:
    """Read a file and hold it against every rule and against what is stored; nothing is written.

    No plan is published until the transaction ends: what is accepted in it goes into the grids that were looked at.
    """
    viewer.require("data.import")
    if kind not in KINDS:
        raise Invalid(N_("There is no import of “%(kind)s”."), kind=kind)
    try:
        raw = reading.read(path, options.crs, options.layer)
    except Unreadable as error:
        return Examination(kind, path.name, "", [error.finding])
    earlier = known.imported_before(session, kind, raw.sha256)
    if earlier:
        return Examination(kind, raw.name, raw.sha256, [Finding("same_file", params={"day": earlier.isoformat()})])
    hold_still(session, session.scalars(select(Area.territory).where(Area.level == "village")))
    return look(kind, raw, options, viewer.day, partial(known.load, session))


def look(
    kind: str, raw: reading.Raw, options: Options, today: date, stored: Callable[[Frame], Known] = lambda _: Known()
) -> Examination:
    """Hold what was read against every rule; `stored` returns what the database holds around a frame."""
    with ThreadPoolExecutor(1) as aside:  # shapely lets the interpreter go while it looks at outlines
        drawn = aside.submit(_drawn, kind, raw, options, options.day or today)
        refused = private.scan(raw.columns, kind)
        if refused:
            return Examination(kind, raw.name, raw.sha256, in_order([*raw.findings, *refused]))
        if options.day is not None and options.day > today:
            raise Invalid(N_("%(day)s lies ahead; outlines are imported for today or a day before."), day=options.day)
        fields, headers, findings = columns.arrange(raw, kind)
    frame, problems = drawn.result()
    frame.fields, frame.headers = fields, headers
    findings += problems + filling.fill(frame)
    around = stored(frame)
    placing.place(frame, around)
    for rule in checks.RULES[kind]:
        findings += rule(frame, around)
    return Examination(kind, raw.name, raw.sha256, in_order([*raw.findings, *findings]), frame, around)


def _drawn(kind: str, raw: reading.Raw, options: Options, day: date) -> tuple[Frame, list[Finding]]:
    """Return the rows' outlines and places without their fields, and what is wrong with them."""
    nothing = np.zeros(raw.rows, bool)
    frame = Frame(kind, {}, {}, reading.in_degrees(raw), nothing, day, options.srid, options.barrier)
    closed = [frame.finding("shape_closed", at) for at in np.flatnonzero(raw.closed)]
    return frame, closed + shapes.settle(frame, raw.broken, options.repair) + zones.fit(frame, raw.crs)


def accept(session: Session, viewer: Viewer, examination: Examination) -> audit.ImportBatch:
    """Write an examined file: all its rows, a batch with its findings, and an audit row."""
    viewer.require("data.import")
    frame, stored = examination.frame, examination.known
    if any(found.code in private_codes() for found in examination.findings):
        raise Refused(N_("The file holds what is never stored here; nothing was written."))
    if not examination.acceptable or frame is None or stored is None:
        raise Invalid(N_("The file has errors; nothing was written."))
    with ThreadPoolExecutor(1) as aside:  # the client only waits while the server writes
        measured = aside.submit(lambda: examination.summary)
        store.store(session, frame, stored)
        summary = measured.result()
    batch = audit.ImportBatch(
        user_id=viewer.user_id,
        user_name=viewer.name,
        kind=examination.kind,
        file_name=examination.name,
        sha256=examination.sha256,
        rows=summary.rows,
        findings=[_kept(found) for found in examination.findings[:KEPT_FINDINGS]],
    )
    session.add(batch)
    session.flush()
    audit.record(session, viewer, "data.import", examination.kind, batch=batch.id, **asdict(summary))
    return batch


def private_codes() -> frozenset[str]:
    """Return the codes of findings for which a file is refused."""
    return frozenset({"private_column", "private_value"})


def _kept(found: Finding) -> dict[str, Any]:
    params = {name: str(value) for name, value in found.params.items()}
    place = list(found.place) if found.place else None
    return {"code": found.code, "severity": found.severity, "row": found.row, "place": place, "params": params}
