"""What a private cluster holds from the start: two roles, a template with PostGIS, and the database made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import errors, sql
from sqlalchemy.engine import make_url

from gis.cluster.place import PORT
from gis.errors import Conflict
from gis.words import N_

OWNER = "wangge"
APP = "wangge_app"
DATABASE = "wangge"
TEMPLATE = "wangge_template"
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")


@dataclass(frozen=True)
class ClusterUrls:
    """A database of a cluster as its owner, as the role that owns nothing, and as superuser: SQLAlchemy addresses."""

    owner: str
    app: str
    superuser: str

    @classmethod
    def at(cls, socket: Path, database: str = DATABASE) -> ClusterUrls:
        """Return the addresses of a database behind the socket folder."""
        where = f"{quote(database)}?host={quote(str(socket), safe='')}&port={PORT}"
        return cls(*(f"postgresql+psycopg2://{role}@/{where}" for role in (OWNER, APP, "postgres")))

    def to(self, database: str) -> ClusterUrls:
        """Return the addresses of another database of the same cluster."""
        return replace(
            self,
            **{
                role: make_url(url).set(database=database).render_as_string(hide_password=False)
                for role, url in vars(self).items()
            },
        )


@contextmanager
def _commands(urls: ClusterUrls, database: str) -> Iterator[Any]:
    """Open a cursor as superuser, each statement its own transaction: databases are made outside of one."""
    url = make_url(urls.superuser)
    connection = psycopg2.connect(
        host=url.query["host"], port=url.query["port"], user=url.username, dbname=database, connect_timeout=10
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def fill(urls: ClusterUrls, say: Callable[[str], None]) -> None:
    """Make the roles, the template and the database that are not there yet."""
    with _commands(urls, "postgres") as run:
        run.execute("SELECT datname FROM pg_database")
        there = {row[0] for row in run.fetchall()}
        if TEMPLATE not in there:
            say("Preparing the database …")
            _make_roles(run)
            _make_template(urls, run)
        if DATABASE not in there:
            _copy_template(run, DATABASE)


def _make_roles(run: Any) -> None:
    """Make the owner, which can make databases, and the role under which the application reads."""
    run.execute("SELECT rolname FROM pg_roles")
    there = {row[0] for row in run.fetchall()}
    if OWNER not in there:
        run.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(OWNER)))
    if APP not in there:
        run.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APP)))
    run.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(OWNER)))


def _make_template(urls: ClusterUrls, run: Any) -> None:
    """Make the database that all others are copies of, first under another name, so that it is never half made."""
    unfinished = sql.Identifier(f"{TEMPLATE}_unfinished")
    run.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(unfinished))
    run.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(unfinished, sql.Identifier(OWNER)))
    with _commands(urls, f"{TEMPLATE}_unfinished") as inside:
        for extension in EXTENSIONS:
            inside.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
        _mark_leakproof(inside)
        inside.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        inside.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(OWNER)))
    run.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(unfinished))
    run.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(unfinished, sql.Identifier(TEMPLATE)))


def _mark_leakproof(inside: Any) -> None:
    """Let the planner use a spatial index under row security: `&&` compares boxes and tells nothing of a hidden row."""
    inside.execute(
        "SELECT oprcode::oid::regprocedure::text FROM pg_operator"
        " WHERE oprname = '&&' AND oprleft = 'geometry'::regtype AND oprright = 'geometry'::regtype"
    )
    for (function,) in inside.fetchall():
        inside.execute(f"ALTER FUNCTION {function} LEAKPROOF")


def _copy_template(run: Any, name: str) -> None:
    """Make a database of the owner's from the template."""
    words = (sql.Identifier(word) for word in (name, TEMPLATE, OWNER))
    run.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*words))


def create_database(urls: ClusterUrls, name: str) -> ClusterUrls:
    """Make another database with PostGIS in the same cluster, in a fraction of a second, and return its addresses."""
    with _commands(urls, "postgres") as run:
        try:
            _copy_template(run, name)
        except errors.DuplicateDatabase:
            raise Conflict(N_("There is a database %(name)s already."), name=name) from None
    return urls.to(name)


def drop_database(urls: ClusterUrls, name: str) -> None:
    """Remove a database of the cluster, cutting its connections; one that is not there is no error."""
    with _commands(urls, "postgres") as run:
        run.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
