"""One transaction per request: opened on first use, committed when the answer is good, rolled back when not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from select import POLLIN, poll
from typing import Any

from flask import Flask, Response, g
from psycopg2 import Error
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError
from sqlalchemy.orm import Session

from gis import revisions
from gis.database import admit, join_by_hash
from gis.viewer import Viewer


def still_there(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have a kept connection replaced that the server has closed meanwhile, as it does when it restarts.

    An idle server says nothing, so a socket with something to read has had the word that it ends; looking costs no
    round trip, and as nothing was asked yet, nothing is asked twice.
    """
    idle = poll()
    try:
        idle.register(connection.fileno(), POLLIN)
    except Error as error:
        raise DisconnectionError from error
    if idle.poll(0):
        raise InvalidatePoolError


class Database:
    """The bind of the application and the sessions on it."""

    def __init__(self, bind: Any) -> None:
        self.bind = bind
        if isinstance(bind, Engine) and not event.contains(bind, "checkout", still_there):
            event.listen(bind, "checkout", still_there)

    def session(self) -> Session:
        """Return the request's session, opened on first use, under the territory of the viewer once one is known."""
        if "session" not in g:
            g.session = Session(self.bind, join_transaction_mode="create_savepoint", expire_on_commit=False)
        session: Session = g.session
        if "viewer" in g and g.get("admitted") is not g.viewer:
            admit(session, g.viewer)
            g.admitted = g.viewer
        return session

    def writes(self) -> dict[str, int]:
        """Return table → the number of its newest state, in one round trip without a transaction: a 304 needs no more.

        What is read afterwards is as new or newer, so that nothing old is ever kept under a new number.
        """
        return revisions.current(self.bind if isinstance(self.bind, Engine) else self.session())

    def release(self) -> None:
        """End the request's transaction early: an answer that goes on by itself needs one connection, not two."""
        if "session" in g:
            g.session.commit()
            g.pop("admitted", None)

    @contextmanager
    def snapshot(self, viewer: Viewer) -> Iterator[Session]:
        """Open a read-only session of its own, for an answer that is still being sent after the request has ended."""
        with Session(self.bind, join_transaction_mode="create_savepoint") as session:
            if isinstance(self.bind, Engine):
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            admit(session, viewer)
            join_by_hash(session)
            yield session
            session.rollback()

    @contextmanager
    def afterwards(self, viewer: Viewer) -> Iterator[Session]:
        """Open a session of its own that is committed when the block ends: what a stream writes after its last byte."""
        with Session(self.bind, join_transaction_mode="create_savepoint") as session, session.begin():
            admit(session, viewer)
            yield session

    @contextmanager
    def apart(self) -> Iterator[Session]:
        """Open a session of its own without a viewer, committed when the block ends: what a refused request leaves."""
        with Session(self.bind, join_transaction_mode="create_savepoint") as session, session.begin():
            yield session

    def check(self) -> None:
        """Raise when the database does not answer."""
        self.session().execute(select(1))


def init_app(app: Flask) -> None:
    """Commit after a good answer, roll back after any other, close at the end."""
    app.after_request(finish)
    app.teardown_request(close)


def finish(response: Response) -> Response:
    """Commit or roll back; a commit that fails becomes an error page, not a late surprise."""
    if "session" in g:
        if response.status_code < 400:
            g.session.commit()
        else:
            g.session.rollback()
    return response


def close(_error: BaseException | None) -> None:
    """Give the connection back, and forget what belonged to the request."""
    for name in ("writes", "viewer", "admitted", "by_token"):
        g.pop(name, None)
    session = g.pop("session", None)
    if session is not None:
        session.close()
