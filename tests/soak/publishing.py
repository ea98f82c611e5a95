"""Publishing is killed at random moments, and leaves what was or what is to be: never a mixture."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gis import cluster, demo, schema, users
from gis.database import admit, connect, transaction
from gis.demo import accounts
from gis.errors import Unavailable
from gis.plans.publish import publish
from gis.premises import Building, Honour
from gis.settings import Settings
from gis.viewer import system
from tests.conftest import DAY, NOW
from tests.gis.plans import scene

KEPT = {
    "grids": "t.*", "grid_outlines": "t.*", "buildings": "id, grid_id, territory",
    "households": "id, grid_id, territory", "honours": "id, territory",
    "cases": "id, grid_id, territory, outline_id", "visits": "t.*", "volunteer_teams": "id, grid_id, territory",
    "service_points": "id, grid_id, territory", "organisations": "t.*", "organisation_grids": "t.*", "staff": "t.*",
    "assignments": "to_jsonb(t) - 'id'", "user_territories": "to_jsonb(t) - 'id'", "plan_grids": "t.*",
    "plan_cases": "to_jsonb(t) - 'id'", "plan_households": "to_jsonb(t) - 'id'",
    "plans": "id, status, published_at, report IS NULL", "gaps": "kind, territory, grid_codes, building_id, area_m2",
    "audit_log": "user_name, action, subject",
}  # fmt: skip
"""Table → what of its rows a publication may change; clocks, counters and the numbers of rows that begin aside."""
FOLLOW = {"grids", "grid_outlines", "buildings", "households", "honours", "cases", "plans", "audit_log"}
"""What this publication does change, so that a mixture would be seen there."""
TABLES = """SELECT CASE schemaname WHEN 'public' THEN '' ELSE schemaname || '.' END || tablename FROM pg_tables
WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'"""
ASIDE = {"revisions"}
"""Tables that only count what was written."""


@dataclass(frozen=True)
class Stage:
    """A database with a plan that is approved for today, to be copied for each try."""

    server: cluster.ClusterUrls
    base: str
    plan: int

    @contextmanager
    def copied(self) -> Iterator[cluster.ClusterUrls]:
        """Yield a fresh copy of the database."""
        name = f"{self.base}_try"
        cluster.drop_database(self.server, name)
        with connect(self.server.to("postgres").superuser, poolclass=NullPool).connect() as run:
            run = run.execution_options(isolation_level="AUTOCOMMIT")
            run.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                        {"name": self.base})  # fmt: skip
            run.execute(text(f"CREATE DATABASE {name} TEMPLATE {self.base} OWNER wangge"))
        try:
            yield self.server.to(name)
        finally:
            cluster.drop_database(self.server, name)


@contextmanager
def stage(settings: Settings) -> Iterator[Stage]:
    """Make the database with the plan, and drop it at the end."""
    server = cluster.ensure(settings, lambda _text: None, name="test", durable=False)
    base = f"wangge_test_{os.getpid()}_soak"
    cluster.drop_database(server, base)
    cluster.create_database(server, base)
    engine = connect(server.to(base).owner, poolclass=NullPool)
    schema.upgrade(server.to(base).owner)
    with transaction(engine) as session, tempfile.TemporaryDirectory() as folder:
        demo.load(session, system(DAY), profile="tiny", seed=1, say=lambda _text: None, folder=Path(folder))
        accounts.ensure(session, system(DAY), settings, DAY)
        plan = approved(session)
    engine.dispose()
    try:
        yield Stage(server, base, plan)
    finally:
        cluster.drop_database(server, base)


def approved(session: Session) -> int:
    """Store the village with a plan that splits one grid, moves a border, and is approved for today."""
    ids = {user.name: user.id for user in session.scalars(select(users.User))}
    enter = scene.entering(session, lambda name: users.viewer_of(session, ids[name], DAY))
    found = scene.furnish(session, DAY)
    plan = scene.split(session, enter, found, NOW)
    number = scene.numbers(session, enter("planner"), plan)
    session.execute(text("RESET ROLE"))
    session.add(Honour(building_id=found.building(14, 0), kind="model_building", year=2025,
                       territory=session.get_one(Building, found.building(14, 0)).territory))  # fmt: skip
    session.flush()
    scene.push(session, enter("planner"), plan, found.village.cells[14, :3], number[found.village.grids[3]], NOW)
    scene.agreed(session, enter, plan, DAY, NOW)
    session.execute(text("RESET ROLE"))
    return plan.id


def published(url: str, plan: int) -> None:
    """Publish as a town manager does, over a connection of one's own."""
    engine = create_engine(url, poolclass=NullPool)
    with transaction(engine) as session:
        named = select(users.User.id).where(users.User.name == "town_manager")
        owner = connect(url.replace("wangge_app@", "wangge@"), poolclass=NullPool)
        with Session(owner) as asking:
            viewer = users.viewer_of(asking, asking.scalars(named).one(), DAY)
        admit(session, viewer)
        print("begins", flush=True)
        publish(session, viewer, plan, NOW, metric_srid=4549)


def fingerprint(urls: cluster.ClusterUrls, *, whole: bool = False) -> dict[str, str]:
    """Return table → a hash of what a publication may change in it; of all rows of all other tables when asked."""
    engine = connect(urls.owner, poolclass=NullPool)
    with engine.connect() as connection:
        tables = KEPT
        if whole:
            tables = dict.fromkeys({*connection.scalars(text(TABLES))} - {*KEPT, *ASIDE}, "t.*")
        return {
            table: str(connection.scalar(text(f"SELECT md5(coalesce(string_agg(r::text, ';' ORDER BY r::text), '')) "
                                              f"FROM (SELECT {columns} FROM {table} t) r")))
            for table, columns in tables.items()
        }  # fmt: skip


def settled(urls: cluster.ClusterUrls) -> None:
    """Wait until no other connection to the database is left: a killed one is cleaned up after a moment."""
    name = urls.owner.split("?")[0].rsplit("/", 1)[1]
    others = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()")
    with connect(urls.to("postgres").superuser, poolclass=NullPool).connect() as connection:
        for _ in range(3000):  # a busy machine goes on with the statement of a killed client for a while
            if not connection.execute(others, {"name": name}).scalar_one():
                return
            connection.rollback()
            time.sleep(0.02)
    raise Unavailable("a connection does not end")


def kill(urls: cluster.ClusterUrls, publisher: multiprocessing.process.BaseProcess, how: str) -> None:
    """End the server's process, or the connection that the database serves it with."""
    if how == "process":
        os.kill(publisher.pid or 0, signal.SIGKILL)
        return
    name = urls.owner.split("?")[0].rsplit("/", 1)[1]
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND usename = 'wangge_app'"
    )
    with connect(urls.to("postgres").superuser, poolclass=NullPool).connect() as connection:
        connection.execute(ended, {"name": name})


def publisher(url: str, plan: int) -> multiprocessing.process.BaseProcess:
    """Return a process that publishes when it is started, quietly."""

    def quiet() -> None:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        published(url, plan)

    return multiprocessing.get_context("fork").Process(target=quiet)


def tried(on: Stage, after: float, how: str) -> dict[str, str]:
    """Publish a fresh copy, kill it after some seconds, and return what is left."""
    with on.copied() as urls:
        working = publisher(urls.app, on.plan)
        working.start()
        working.join(after)
        if working.is_alive():
            kill(urls, working, how)
        working.join()
        settled(urls)
        return fingerprint(urls)


def killed(on: Stage, times: int, seed: int = 1) -> tuple[int, int]:
    """Kill so many publications at random moments; return how many left the old and how many the new state.

    Raises AssertionError, with the tables that differ, for a mixture.
    """
    with on.copied() as urls:
        old, others = fingerprint(urls), fingerprint(urls, whole=True)
        began = time.monotonic()
        whole = publisher(urls.app, on.plan)
        whole.start()
        whole.join()
        took = time.monotonic() - began
        settled(urls)
        new = fingerprint(urls)
        assert fingerprint(urls, whole=True) == others, "a publication changes a table that is not looked at"
    assert whole.exitcode == 0, "the publication itself failed"
    assert {table for table in FOLLOW if old[table] == new[table]} == set(), "no mixture would be seen there"
    chance, left = random.Random(seed), [0, 0]
    for number in range(times):
        found = tried(on, chance.uniform(0, 1.2 * took), ("process", "connection")[number % 2])
        mixed = {table for table in KEPT if found[table] not in (old[table], new[table])}
        assert found in (old, new), f"try {number}: a mixture, strange are {mixed}"
        left[found == new] += 1
    return left[0], left[1]


def main() -> None:
    """Kill as many publications as the first word says, 200 unless told."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    settings = replace(Settings.from_environment(), demo_password="a demo password", database_url=None)
    with stage(settings) as on:
        old, new = killed(on, times)
    print(f"{times} publications were killed: {old} left what was, {new} what is to be, none a mixture")


if __name__ == "__main__":
    main()
