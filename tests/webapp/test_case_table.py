"""The table of the list leaves while it is read: block by block, logged before the first, its connection given back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, QueuePool, event, select
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from tests.webapp.test_cases import shown
from webapp.cases import table


def held(engine: Engine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


def test_all_rows_leave_in_blocks_and_the_log_says_how_many(
    client_as: Callable[[str], FlaskClient], engine: Engine, app_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "AT_A_TIME", 50)
    client = client_as("district_manager")
    every = shown(client.get("/cases/?state=all").text)["all"]
    before = held(app_engine)
    answer = client.get("/cases/list.csv?state=all")
    blocks = list(answer.iter_encoded())
    assert every > 100
    assert len(blocks) == 1 + -(-every // 50), "the heads, and then so many rows at a time"
    rows = list(csv.reader(io.StringIO(b"".join(blocks).decode("utf-8-sig"))))
    assert len(rows) - 1 == every
    assert len({len(row) for row in rows}) == 1
    answer.close()
    with Session(engine) as session:
        last = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "case.export").order_by(AuditEntry.id.desc()).limit(1)
        ).one()
        assert last.detail["rows"] == every
    assert held(app_engine) == before


def test_who_breaks_off_gives_the_connection_back(client_as: Callable[[str], FlaskClient], app_engine: Engine) -> None:
    client = client_as("district_manager")
    before = held(app_engine)
    for read in (0, 1):
        answer = client.get("/cases/list.csv?state=all")
        blocks = answer.iter_encoded()
        for _block in range(read):
            next(blocks)
        answer.close()
        assert held(app_engine) == before


def test_the_request_holds_no_connection_of_its_own(
    client_as: Callable[[str], FlaskClient], app_engine: Engine
) -> None:
    """While a table is sent there are the snapshot that it reads and, for a moment, the log: never a third one."""
    client, most, before = client_as("district_manager"), 0, held(app_engine)
    client.application.extensions["viewers"].clear()  # who asks is looked up, over the request's own connection

    def note(*_given: object) -> None:
        nonlocal most
        most = max(most, held(app_engine) - before)

    event.listen(app_engine, "checkout", note)
    try:
        with client.get("/cases/list.csv?state=all") as answer:
            assert len(list(answer.iter_encoded())) > 1
    finally:
        event.remove(app_engine, "checkout", note)
    assert most == 2
