"""Statements compiled once per process and planned once per connection, for what is asked many times a second."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

# Its parameters are $1::TYPE, which is what PREPARE takes; the driver of that name is not used.
DIALECT = asyncpg.dialect()
NUMBERS = itertools.count()
MOST_PLANS = 200
"""Plans that a connection keeps; a plan holds some hundred kilobytes of the server's memory."""


@dataclass(frozen=True)
class Prepared:
    """The text of a statement with numbered parameters, their names in order, and the values they have so far."""

    text: str
    names: tuple[str, ...]
    values: Mapping[str, Any]


def prepare(statement: Executable) -> Prepared:
    """Compile a statement; what is to change from run to run has to be a bindparam with a name."""
    compiled: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
    return Prepared(str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params))


def run(session: Session | Connection, statement: Prepared, **values: Any) -> Any:
    """Run a statement in the session's transaction and return its result; `values` replace the ones it was made with.

    The plan is kept by the connection under a number. Behind a pooler that hands out another connection for each
    transaction this does not work: the address of the database has to be PostgreSQL's own.
    """
    connection = session.connection() if isinstance(session, Session) else session
    name = planned(connection.info, statement, connection.exec_driver_sql)
    given = tuple(values.get(each, statement.values[each]) for each in statement.names)
    places = ", ".join(["%s"] * len(given))
    return connection.exec_driver_sql(f"EXECUTE {name} ({places})" if given else f"EXECUTE {name}", given)


def planned(info: dict[Any, Any], statement: Prepared, send: Callable[[str, tuple[()]], object]) -> str:
    """Return the name of a statement's plan on a connection, which is asked to make it on first use."""
    plans: dict[str, str] = info.setdefault("plans", {})
    name = plans.get(statement.text)
    if name is None:
        if len(plans) >= MOST_PLANS:
            send("DEALLOCATE ALL", ())
            plans.clear()
        name = f"wangge_{next(NUMBERS)}"
        send(f"PREPARE {name} AS {statement.text}".replace("%", "%%"), ())
        plans[statement.text] = name
    return name


def run_alone(engine: Engine, statement: Prepared) -> list[tuple[Any, ...]]:
    """Run a statement without parameters in one round trip, outside every transaction, and return its rows.

    The driver is asked itself: what SQLAlchemy does around a statement takes longer than this one. Raises DBAPIError
    as SQLAlchemy does; whoever asks next gets a new connection.
    """
    errors = engine.dialect.loaded_dbapi.Error
    try:
        lent = engine.raw_connection()
        try:
            driver: Any = lent.dbapi_connection
            driver.autocommit = True
            with driver.cursor() as cursor:
                cursor.execute(f"EXECUTE {planned(lent.info, statement, cursor.execute)}")
                found: list[tuple[Any, ...]] = cursor.fetchall()
            driver.autocommit = False
        except BaseException:
            lent.invalidate()
            raise
        lent.close()
    except errors as error:
        engine.dispose()
        raise DBAPIError.instance(statement.text, None, error, errors) from error
    return found


class Kept:
    """The statements that this process compiled last, by everything that decides their text and values."""

    def __init__(self, most: int = 500) -> None:
        self.most = most
        self.statements: OrderedDict[Hashable, Prepared] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Executable]) -> Prepared:
        """Return the statement of a key, compiling it on first use."""
        with self.lock:
            found = self.statements.get(key)
            if found is not None:
                self.statements.move_to_end(key)
                return found
        made = prepare(make())
        with self.lock:
            self.statements[key] = made
            if len(self.statements) > self.most:
                self.statements.popitem(last=False)
        return made
