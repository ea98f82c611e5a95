"""A plan over a town's 60 grids put in force, against the writing alone of the rows that it writes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gis import cluster
from gis.boundaries import GridOutline
from gis.cluster import ClusterUrls
from gis.database import Base, admit, connect, transaction
from gis.plans import store
from gis.plans.draft import Draft, draft
from gis.plans.land import land as laid
from gis.plans.publish import publish
from gis.plans.rollback import put_again
from gis.plans.tables import Plan
from gis.viewer import key, system
from tests.bench.district import District, say, today
from tests.bench.report import Line, Report, Run, rounds
from tests.bench.server import Crowd, Server

TOWN = "999901106000"
MOVED = ("buildings", "households", "cases", "volunteer_teams", "service_points")
"""Tables whose rows get another grid."""
ADDED = ("grids", "grid_outlines", "plan_households", "plan_cases", "organisations", "assignments")
"""Tables that get rows."""


@dataclass(frozen=True)
class Stage:
    """A copy of the district with an approved plan, and the rows that it moves."""

    owner: Engine
    app: Engine
    plan: int
    grids: int
    rows: int


def cut_anew(session: Session, drawn: Draft) -> int:
    """Cut each village into as many strips of equal households as it has grids, and return how many cells went.

    The strips follow the grids' own order from west to east, so that what can stay stays.
    """
    land = drawn.ground
    middle = shapely.get_x(shapely.centroid(laid(session, drawn.plan).shapes))
    numbers = np.array([grid.id for grid in drawn.grids], np.int64)
    goes = np.full(len(land.ids), -1, np.int64)
    for village in range(len(land.villages)):
        cells = np.flatnonzero(land.village == village)
        own = [at for at, grid in enumerate(drawn.grids) if grid.village_code == land.villages[village]]
        east = [np.median(middle[drawn.of == at]) if (drawn.of == at).any() else 0.0 for at in own]
        ordered = [own[at] for at in np.argsort(east)]
        cells = cells[np.argsort(middle[cells], kind="stable")]
        running = np.cumsum(land.households[cells] + 1e-6)
        strip = np.minimum((running / running[-1] * len(own)).astype(int), len(own) - 1)
        goes[cells] = numbers[np.array(ordered)[strip]]
    put_again(session, drawn.plan.id, land.ids.tolist(), goes.tolist())
    return int((goes != numbers[drawn.of]).sum())


def prepared(session: Session) -> tuple[int, int]:
    """Store an approved plan for the town, and return its number and how many grids it has."""
    viewer, now = system(today()), datetime.now(UTC)
    began = time.monotonic()
    plan = store.create(session, viewer, TOWN, "基准方案", now)
    say(f"The plan with its cells took {time.monotonic() - began:.1f} s")
    drawn = draft(session, viewer, plan.id)
    say(f"{cut_anew(session, drawn)} of {len(drawn.of)} cells go to another of {len(drawn.grids)} grids")
    session.execute(update(Plan).where(Plan.id == plan.id).values(status="approved", effective_from=today()))
    return plan.id, len(drawn.grids)


@contextmanager
def staged(district: District) -> Iterator[Stage]:
    """Yield a copy of the district with the plan and a list of what moves; it is dropped at the end."""
    name = f"{district.url.database}_publish"
    district.engine.dispose()
    cluster.drop_database(district.urls, name)
    with connect(district.urls.to("postgres").superuser, poolclass=NullPool).connect() as run:
        run = run.execution_options(isolation_level="AUTOCOMMIT")
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        run.execute(text(ended), {"name": district.url.database})
        run.execute(text(f"CREATE DATABASE {name} TEMPLATE {district.url.database} OWNER wangge"))
    urls: ClusterUrls = district.urls.to(name)
    owner, app = connect(urls.owner), connect(urls.app)
    try:
        with transaction(owner) as session:
            plan, grids = prepared(session)
        vacuum(owner)
        rows = listed(owner, plan)
        yield Stage(owner, app, plan, grids, rows)
    finally:
        owner.dispose()
        app.dispose()
        cluster.drop_database(district.urls, name)


def vacuum(engine: Engine) -> None:
    """Take away what a round that was rolled back has left."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE)")


def listed(engine: Engine, plan: int) -> int:
    """Publish once, keep all rows that it writes in tables of their own, take it back, and return how many moved."""
    with Session(engine) as session:
        before = {name: belongs(session, name) for name in MOVED}
        last = {name: session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {name}")) for name in ADDED}
        publish(session, system(today()), plan, datetime.now(UTC), metric_srid=4549)
        moved = {name: [(id_, *to) for id_, to in belongs(session, name).items() if before[name][id_] != to]
                 for name in MOVED}  # fmt: skip
        added = {name: fresh(session, name, last[name] or 0) for name in ADDED}
        report = session.scalar(text("SELECT report::text FROM plans WHERE id = :plan"), {"plan": plan})
        session.rollback()
    with transaction(engine) as session:
        for name, rows in moved.items():
            session.execute(text(f"CREATE TABLE to_{name} (id bigint PRIMARY KEY, grid_id bigint, territory bigint)"))
            pour(session, f"to_{name}", "(id, grid_id, territory)", [tuple(map(str, row)) for row in rows])
            say(f"{name}: {len(rows)} rows move")
        for name, (columns, rows) in added.items():
            session.execute(text(f"CREATE TABLE new_{name} AS SELECT {columns} FROM {name} LIMIT 0"))
            pour(session, f"new_{name}", f"({columns})", rows)
            say(f"{name}: {len(rows)} rows are new")
        session.execute(text("CREATE TABLE new_report AS SELECT cast(:told AS jsonb) AS told"), {"told": report})
    vacuum(engine)
    return sum(map(len, moved.values()))


def fresh(session: Session, table: str, last: int) -> tuple[str, list[Any]]:
    """Return the columns of a table that are written, and as texts the rows after a number."""
    stored = Base.metadata.tables[table].columns
    columns = [column.name for column in stored if column.computed is None]
    found = session.execute(
        text(f"SELECT {', '.join(f'{name}::text' for name in columns)} FROM {table} WHERE id > {last}")
    )
    return ", ".join(columns), [tuple(row) for row in found]


def pour(session: Session, table: str, columns: str, rows: list[Any]) -> None:
    """Insert rows of texts."""
    if rows:
        driver: Any = session.connection().connection
        with driver.cursor() as cursor:
            names = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {table} {columns} VALUES ({names})", rows)


def belongs(session: Session, table: str) -> dict[int, tuple[int, int]]:
    """Return grid and territory of the town's rows, by id."""
    found = text(f"SELECT id, grid_id, territory FROM {table} WHERE territory BETWEEN :low AND :low + 999999")
    return {row.id: (row.grid_id, row.territory) for row in session.execute(found, {"low": key(TOWN)})}


def ours(stage: Stage, district: District) -> Run:
    """Publish as the manager of the district does, under row security, and take it back."""
    viewer = district.viewer("district_manager")
    with Session(stage.app) as session:
        admit(session, viewer)
        began = time.perf_counter()
        plan = publish(session, viewer, stage.plan, datetime.now(UTC), metric_srid=4549)
        seconds = time.perf_counter() - began
        relinked = (plan.report or {})["relinked"]
        new = session.scalar(select(func.count()).where(func.lower(GridOutline.valid) == today()))
        session.rollback()
    vacuum(stage.owner)
    return Run(seconds, sum(relinked[name] for name in MOVED), int(new or 0))


def alone(stage: Stage) -> Run:
    """Write the same rows, which are known by now, as the owner, and take it back."""
    with Session(stage.owner) as session:
        began, rows, run = time.perf_counter(), 0, session.connection().exec_driver_sql
        begun = "SELECT grid_id FROM new_grid_outlines"
        run(f"UPDATE grid_outlines SET valid = daterange(lower(valid), current_date) "
            f"WHERE upper_inf(valid) AND grid_id IN ({begun})")  # fmt: skip
        for name in ADDED:
            columns = ", ".join(c.name for c in Base.metadata.tables[name].columns if c.computed is None)
            run(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM new_{name}")
        for name in MOVED:
            moved = (
                f"UPDATE {name} t SET grid_id = m.grid_id, territory = m.territory FROM to_{name} m WHERE m.id = t.id"
            )
            rows += run(moved).rowcount
        run(f"UPDATE plans SET status = 'published', report = told FROM new_report WHERE id = {stage.plan}")
        seconds = time.perf_counter() - began
        session.rollback()
    vacuum(stage.owner)
    return Run(seconds, rows, 0)


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure the publication of a plan for a town."""
    with staged(district) as stage:
        found = rounds(times, {"ours": lambda: ours(stage, district), "updates": lambda: alone(stage)})
        us, updates = found["ours"], found["updates"]
        agree = "same rows" if us.rows == updates.rows == stage.rows else f"{us.rows} AND {updates.rows} ROWS"
        note = f"{us.size} outlines begin; report, links, gaps and history are part of it"
        work = f"publish a plan over {stage.grids} grids"
        report.add(Line(work, str(us), str(updates), us.seconds / updates.seconds, 2, False, agree, note))
