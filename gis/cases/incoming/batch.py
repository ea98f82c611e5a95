"""A table of cases is held against every rule and the map, and written in one go: a second time nothing comes in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Date, Float, Integer, Select, cast, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, aliased

from gis import audit
from gis.areas import Area
from gis.boundaries import GridOutline, hold_still
from gis.cases.filing import NUMBERS, RESTRICTED, at
from gis.cases.incoming.columns import Options, checked, matched
from gis.cases.incoming.reading import Table, read
from gis.cases.incoming.rows import Row, parsed
from gis.cases.tables import Case, CaseEvent
from gis.database import SRID
from gis.errors import Invalid, Refused
from gis.imports import private
from gis.imports.findings import Finding, Unreadable, in_order
from gis.scope import ZONE
from gis.staffing import Assignment
from gis.viewer import Viewer, key
from gis.words import N_

SOURCE = "dept_transfer"
KEY = ("external_source", "external_ref")
"""What a case of another system is known by."""
KEPT = ("category", "title", "description", "address", "lead_body", "reported_at", "accepted_at")
PRIVATE = ("private_column", "private_value")


@dataclass
class Examination:
    """A table that was looked at: its findings, errors first, and the rows that would be written."""

    name: str
    options: Options
    sha256: str = ""
    findings: list[Finding] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    spots: dict[int, Any] = field(default_factory=dict)

    @property
    def acceptable(self) -> bool:
        """Whether nothing stands against writing the rows."""
        return bool(self.rows) and not any(found.severity == "error" for found in self.findings)

    @property
    def fresh(self) -> list[Row]:
        """The rows that were not brought in before."""
        return [row for row in self.rows if not row.known]


def examine(session: Session, viewer: Viewer, name: str, data: bytes, options: Options, now: datetime) -> Examination:
    """Hold a table against every rule, and its places against the map; nothing is written."""
    viewer.require("case.import")
    made = Examination(name, checked(options), hashlib.sha256(data).hexdigest())
    try:
        table = read(name, data)
    except Unreadable as error:
        made.findings = [error.finding]
        return made
    cells = {head: np.array(table.column(head), dtype=object) for head in table.heads}
    heads, made.findings = matched(table.heads, made.options)
    refused = private.scan(cells)
    if refused or any(found.severity == "error" for found in made.findings):
        made.findings = numbered(table, [*made.findings, *refused])
        return made
    made.rows, findings = parsed(table, heads, made.options, now)
    findings += known(session, made) + placed(session, viewer, made, now)
    made.findings = numbered(table, [*made.findings, *findings])
    return made


def numbered(table: Table, findings: list[Finding]) -> list[Finding]:
    """Return the findings in order, each with the number of its row in the file: a table's first row is its heads."""
    return in_order(replace(each, row=table.numbers[each.row - 1]) if each.row else each for each in findings)


def known(session: Session, made: Examination) -> list[Finding]:
    """Mark the rows whose number the source has brought in before."""
    refs = [row.told["ref"] for row in made.rows if row.told["ref"]]
    held = select(Case.external_ref).where(Case.external_source == made.options.source, Case.external_ref.in_(refs))
    there = set(session.scalars(held))
    for row in made.rows:
        row.known = row.told["ref"] in there
    return [Finding("case_known", row.number, None, params={"ref": row.told["ref"]}) for row in made.rows if row.known]


def placed(session: Session, viewer: Viewer, made: Examination, now: datetime) -> list[Finding]:
    """Find the grid of every row in one statement, and say which lie in none."""
    rows = [row for row in made.rows if row.place and row.told["reported_at"]]
    if not rows:
        return []
    hold_still(session, session.scalars(select(Area.territory).where(Area.level == "village")))
    made.spots = {spot.number: spot for spot in session.execute(spots(rows, now))}
    findings = []
    for row in rows:
        spot = made.spots[row.number]
        if spot.grid_id is not None:
            continue
        told = {"name": spot.nearest, "metres": f"{spot.metres or 0:,.0f}"}
        inside = spot.village is not None and viewer.territory.holds(spot.village)
        code = "case_far" if spot.nearest is None else "case_no_grid" if inside else "case_elsewhere"
        findings.append(Finding(code, row.number, None, row.place, told))
    return findings


def spots(rows: list[Row], now: datetime) -> Select[Any]:
    """Select for each row its grid today, the outline on the day of the report, its village, and the nearest grid."""
    today = now.astimezone(ZONE).date()
    days = [row.told["reported_at"].astimezone(ZONE).date() for row in rows]
    given = func.unnest(
        cast([row.number for row in rows], ARRAY(Integer)),
        cast([row.place[0] for row in rows if row.place], ARRAY(Float)),
        cast([row.place[1] for row in rows if row.place], ARRAY(Float)), cast(days, ARRAY(Date)),
    ).table_valued(column("number", Integer), column("lon", Float), column("lat", Float), column("day", Date)
                   ).render_derived(name="given")  # fmt: skip
    point = at(given.c.lon, given.c.lat)
    now_there, then, near = aliased(GridOutline), aliased(GridOutline), aliased(GridOutline)
    grid = select(now_there.grid_id, now_there.territory, now_there.id).where(
        now_there.valid.contains(today), func.st_intersects(now_there.outline, point)
    ).order_by(now_there.code).limit(1).lateral("grid")  # fmt: skip
    former = select(then.id).where(
        then.valid.op("@>")(given.c.day), func.st_intersects(then.outline, point)
    ).order_by(then.code).limit(1).lateral("former")  # fmt: skip
    village = select(Area.code).where(
        grid.c.grid_id.is_(None), Area.level == "village", func.st_intersects(Area.outline, point)
    ).limit(1).lateral("village")  # fmt: skip
    nearest = select(near.name, func.st_distancesphere(near.outline, point).label("metres")).where(
        grid.c.grid_id.is_(None), near.valid.contains(today)
    ).order_by(near.outline.op("<->")(point)).limit(1).lateral("nearest")  # fmt: skip
    outline = func.coalesce(former.c.id, grid.c.id).label("outline_id")
    columns = (given.c.number, grid.c.grid_id, grid.c.territory, outline,
               village.c.code.label("village"), nearest.c.name.label("nearest"), nearest.c.metres)  # fmt: skip
    joined = (
        given.outerjoin(grid, true()).outerjoin(former, true()).outerjoin(village, true()).outerjoin(nearest, true())
    )
    return select(*columns).select_from(joined)


def accept(session: Session, viewer: Viewer, made: Examination, now: datetime) -> int:
    """Write the rows that are new with their log, and return how many; what was brought in before stays as it is.

    Raises Refused for what is never stored and Invalid for other errors; then nothing is written.
    """
    viewer.require("case.import")
    if any(found.code in PRIVATE for found in made.findings):
        raise Refused(N_("The file holds what is never stored here; nothing was written."))
    if not made.acceptable:
        raise Invalid(N_("The file has errors; nothing was written."))
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"cases {made.options.source}"))))
    fresh = made.fresh
    written: dict[str, int] = {}
    if fresh:
        rows = cases(session, viewer, made, fresh, now)
        added = insert(Case).on_conflict_do_nothing(index_elements=KEY).returning(Case.external_ref, Case.id)
        written = {str(ref): case_id for ref, case_id in session.execute(added, rows)}
        session.execute(insert(CaseEvent).inline(), [
            event for row in fresh if row.told["ref"] in written
            for event in events(viewer, made, row, written[row.told["ref"]], now)
        ])  # fmt: skip
    audit.record(session, viewer, "case.import", made.options.source, file=made.name, sha256=made.sha256,
                 rows=len(made.rows), written=len(written))  # fmt: skip
    return len(written)


def cases(session: Session, viewer: Viewer, made: Examination, fresh: list[Row], now: datetime) -> list[dict[str, Any]]:
    """Return the rows as they are stored."""
    today = now.astimezone(ZONE).date()
    series = select(NUMBERS.next_value()).select_from(func.generate_series(1, len(fresh)))
    numbers = session.scalars(series).all()
    workers = workers_of(session, {made.spots[row.number].grid_id for row in fresh} - {None}, today)
    stored = []
    for row, number in zip(fresh, numbers, strict=True):
        told, spot, lon_lat = row.told, made.spots[row.number], row.place or (0.0, 0.0)
        closed = told["status"] == "closed"
        stored.append({
            **{name: told[name] for name in KEPT},
            "case_no": f"{today:%Y%m%d}{number:06d}", "source": SOURCE, "urgency": told["urgency"] or "normal",
            "visibility": "restricted" if told["category"] in RESTRICTED else "internal", "status": told["status"],
            "territory": spot.territory if spot.grid_id else key(spot.village), "grid_id": spot.grid_id,
            "outline_id": spot.outline_id, "handler_id": None if closed else workers.get(spot.grid_id),
            "closed_at": told["closed_at"] if closed else None,
            "closure_reason": told["closure_reason"] if closed else None, "reporter_id": viewer.user_id,
            "external_source": made.options.source, "external_ref": told["ref"],
            "point": f"SRID={SRID};POINT({lon_lat[0]!r} {lon_lat[1]!r})",
        })  # fmt: skip
    return stored


def events(viewer: Viewer, made: Examination, row: Row, case_id: int, now: datetime) -> list[dict[str, Any]]:
    """Return the log of a row: when it came in there, and how it stands, by whom it was brought here and when."""
    note = f"{made.options.source} {row.told['ref']} · {now.astimezone(ZONE):%Y-%m-%d %H:%M}"
    entry = {"case_id": case_id, "step": "import", "actor": viewer.name, "actor_id": viewer.user_id, "note": note}
    told = [{**entry, "at": row.told["reported_at"], "from_status": None, "to_status": "reported"}]
    if row.told["status"] != "reported":
        when = row.told["closed_at"] or row.told["accepted_at"] or row.told["reported_at"]
        told.append({**entry, "at": when, "from_status": "reported", "to_status": row.told["status"]})
    return told


def workers_of(session: Session, grids: set[int], day: Any) -> dict[int, int]:
    """Return grid → the member of staff who answers for it: its first worker, else its leader."""
    posts = select(Assignment.grid_id, Assignment.staff_id).where(
        Assignment.grid_id.in_(grids), Assignment.role.in_(("grid_worker", "grid_leader")),
        Assignment.valid.contains(day), Assignment.staff_id.is_not(None),
    ).order_by(Assignment.role, Assignment.is_primary, Assignment.id.desc())  # fmt: skip
    return {int(row.grid_id or 0): int(row.staff_id or 0) for row in session.execute(posts)}
