"""The engine, the declarative base, one transaction at a time, and the settings that row security reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import Any

from geoalchemy2 import Geometry
from psycopg2.errors import ExclusionViolation
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Computed,
    Engine,
    ForeignKeyConstraint,
    FromClause,
    MetaData,
    Text,
    and_,
    bindparam,
    create_engine,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.schema import AddConstraint, DropConstraint

from gis.errors import Conflict
from gis.prepared import prepare, run
from gis.viewer import Viewer
from gis.words import N_

SRID = 4490
TILE_SRID = 3857
APP_ROLE = "wangge_app"
BULK = 20_000
"""Rows from which building indexes anew pays."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every model; constraint names follow one convention so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


class Territorial:
    """A row that belongs to a territory: the key is the 15-digit code as a number."""

    territory: Mapped[int] = mapped_column(BigInteger, index=True)


class Dated:
    """A row that holds from a day to the day before another: a half-open range."""

    valid: Mapped[Range[date]] = mapped_column(DATERANGE)

    @classmethod
    def lasting(cls) -> ColumnElement[bool]:
        """Return the condition that a row has no end, and that it ever held."""
        return and_(func.upper_inf(cls.valid), ~func.isempty(cls.valid))


NEVER: Range[date] = Range(empty=True)
"""When something held that was taken back before it began: its row stays."""


def from_day(day: date) -> Range[date]:
    """Return the open-ended range that starts on a day."""
    return Range(day, None, bounds="[)")


def polygons(name: str = "outline") -> Any:
    """Return the storage column of a multipolygon in CGCS2000 degrees."""
    return mapped_column(name, Geometry("MULTIPOLYGON", SRID, spatial_index=False), nullable=False)


def polygons_in_tiles(of: str = "outline") -> Any:
    """Return the stored web-mercator copy of a multipolygon column, which tiles are cut from."""
    return mapped_column(
        Geometry("MULTIPOLYGON", TILE_SRID, spatial_index=False), Computed(f"st_transform({of}, {TILE_SRID})", True)
    )


def centre_of(column: str = "outline", srid: int = SRID) -> Any:
    """Return a stored point that lies inside the polygon column: what is counted and assigned by."""
    inside = f"st_pointonsurface({column})"
    return mapped_column(
        Geometry("POINT", srid, spatial_index=False),
        Computed(inside if srid == SRID else f"st_transform({inside}, {srid})", True),
    )


def place() -> Any:
    """Return the storage column of a point in CGCS2000 degrees."""
    return mapped_column("point", Geometry("POINT", SRID, spatial_index=False), nullable=False)


def place_in_tiles() -> Any:
    """Return the stored web-mercator copy of a point column."""
    return mapped_column(
        Geometry("POINT", TILE_SRID, spatial_index=False), Computed(f"st_transform(point, {TILE_SRID})", True)
    )


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return the check that a column holds one of the words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def connect(url: str, *, role: str | None = None, **options: Any) -> Engine:
    """Return an engine that does not wait for ever for a server that is gone.

    With a role, each connection takes it before anything else and falls back to it when a transaction ends, and even
    after a RESET ROLE: the server is told of it when the connection is opened.
    """
    given: dict[str, Any] = {"connect_timeout": 5}
    if role is not None:
        own = make_url(url).query.get("options", "")
        given["options"] = f"{own if isinstance(own, str) else ' '.join(own)} -c role={role}".strip()
    return create_engine(url, pool_pre_ping=False, connect_args=given, **options)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Open a session, commit when the block ends, roll everything back when it raises."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def hold_name(session: Session, name: str) -> None:
    """Let nobody else hold the same name until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def add_alone(session: Session, row: Base) -> None:
    """Add a row that no other may stand beside; raises Conflict when somebody else has just added one."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if not isinstance(error.orig, ExclusionViolation):
            raise
        raise Conflict(N_("Somebody else set this entry at the same moment. Look at it again.")) from error


ADMIT = prepare(
    select(
        func.set_config("role", bindparam("role", "", Text), True),
        func.set_config("plan_cache_mode", "force_generic_plan", True),
        *(
            func.set_config(f"wangge.{name}", bindparam(name, "", Text), True)
            for name in ("territory", "reach", "sees", "staff", "user")
        ),
    )
)


def admit(session: Session, viewer: Viewer) -> None:
    """Put the transaction under the role that owns nothing, with the viewer's territory for row security.

    The settings last until the transaction ends; a transaction without them sees no territory row.
    """
    run(
        session,
        ADMIT,
        role=APP_ROLE,
        territory=viewer.territory.multirange,
        reach=viewer.territory.reach,
        sees=",".join(sorted(viewer.permissions)),
        staff=str(viewer.staff_id or ""),
        user=str(viewer.user_id or ""),
    )


def join_by_hash(session: Session) -> None:
    """Keep the transaction from nested loops, for what reads whole territories.

    Row security hides the statistics of every filter that is not marked leakproof, so the planner takes a date for
    one row in two hundred, and would then repeat an aggregate for each grid.
    """
    session.execute(select(func.set_config("enable_nestloop", "off", True)))


def copy_in(session: Session, table: FromClause, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Append rows by COPY inside the transaction; a line is PostgreSQL's text format with one cell per column."""
    preparer: Any = session.get_bind().dialect.identifier_preparer
    target = f"{preparer.format_table(table)} ({', '.join(preparer.quote(column) for column in columns)})"
    driver: Any = session.connection().connection
    with driver.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", _Lines(lines), 1 << 16)


@contextmanager
def in_bulk(session: Session, model: type[Base], rows: int) -> Iterator[None]:
    """Build the indexes and foreign keys of a table anew after many rows, instead of row by row.

    It holds readers of that table off until the transaction ends, so it is only done where that is many times faster:
    for at least BULK rows and at least as many as the table has.
    """
    table: Any = model.__table__
    connection = session.connection()
    there = session.scalars(select(func.count()).select_from(table)).one()
    if rows < max(BULK, there):
        yield
        return
    keys = [key for key in table.constraints if isinstance(key, ForeignKeyConstraint)]
    for key in keys:
        connection.execute(DropConstraint(key))
    for index in table.indexes:
        index.drop(connection)
    yield
    session.execute(select(func.set_config("maintenance_work_mem", "256MB", True)))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        index.create(connection)
    for key in keys:
        connection.execute(AddConstraint(key, isolate_from_table=False))


class _Lines:
    """Lines as the file that the driver reads from; the next block is made while the server takes the last one."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.worker = ThreadPoolExecutor(1)
        self.next = self.worker.submit(self._block)

    def _block(self) -> str:
        block = "\n".join(islice(self.lines, 1000))
        return block + "\n" if block else ""

    def read(self, size: int) -> str:
        """Return the next lines, none when they are used up."""
        block = self.next.result()
        if block:
            self.next = self.worker.submit(self._block)
        else:
            self.worker.shutdown()
        return block
