"""The map page and its figures, against the SQL that they send, alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import psycopg2
from flask.testing import FlaskClient
from sqlalchemy import event

from gis.database import connect
from layers.themes import THEMES
from tests.bench.district import District
from tests.bench.report import Line, Report, Run, rounds
from tests.bench.server import Client, Crowd, Server
from tests.bench.tiles import touch
from webapp import create_app

ACCOUNT = "district_manager"
FIRST = ("/map", "/map/figures", "/map/territory")
WEIGHT = 150_000

Sent = tuple[str, Any]


def recorded(district: District, paths: Sequence[str]) -> list[list[Sent]]:
    """Return, for each address, the statements that the application sends for it after a write, once it is warm."""
    engine = connect(district.urls.app)
    app = create_app(district.settings, engine)
    app.config.update(WTF_CSRF_ENABLED=False)
    sent: list[Sent] = []
    event.listen(engine, "begin", lambda _connection: sent.append(("BEGIN", None)))
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, text, values, *_: sent.append((text, values)))
    event.listen(engine, "commit", lambda _connection: sent.append(("COMMIT", None)))
    client: FlaskClient = app.test_client()
    assert client.post("/login", data={"name": ACCOUNT, "password": district.password}).status_code == 302
    for path in paths:
        assert client.get(path).status_code == 200, path
    prepared = [statement for statement in sent if statement[0].startswith("PREPARE")]
    found = []
    for path in paths:
        touch(district)
        sent.clear()
        assert client.get(path).status_code == 200, path
        found.append(list(sent))
    engine.dispose()
    return [list(dict(prepared).items()), *found]


class Alone:
    """The recorded statements on one bare connection."""

    def __init__(self, district: District, paths: Sequence[str]) -> None:
        url = district.url
        self.connection = psycopg2.connect(
            host=url.query["host"], port=url.query["port"], dbname=url.database, user="wangge_app"
        )
        self.connection.autocommit = True
        self.prepared, *self.requests = recorded(district, paths)
        for statement in self.prepared:
            self.send(statement)

    def send(self, statement: Sent) -> int:
        """Run a statement, fetch what it returns, and return how many rows that are."""
        text, values = statement
        with self.connection.cursor() as cursor:
            cursor.execute(text, values or None)
            rows = cursor.fetchall() if cursor.description else []
        return len(rows)

    def __call__(self) -> Run:
        """Run everything once."""
        began = time.perf_counter()
        rows = sum(self.send(statement) for request in self.requests for statement in request)
        return Run(time.perf_counter() - began, rows, 0)


def ours(server: Server, headers: str, paths: Sequence[str], before: Callable[[], None] = lambda: None) -> Run:
    """Fetch the addresses one after the other; what is done before each is not timed."""
    client, seconds, answers = Client(server.port, headers), 0.0, []
    client.get("/healthz")
    for path in paths:
        before()
        began = time.perf_counter()
        answers.append(client.get(path))
        seconds += time.perf_counter() - began
    assert all(answer.status == 200 for answer in answers), [answer.status for answer in answers]
    return Run(seconds, len(answers), sum(len(answer.body) for answer in answers))


def again(server: Server, headers: str, paths: Sequence[str]) -> Run:
    """Fetch the addresses when nothing was written since each worker was asked for them."""
    for _ in range(4):
        ours(server, headers, paths)
    return ours(server, headers, paths)


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure the first page with its figures, then every figure of every theme, after a write and without one."""
    headers = server.cookie(ACCOUNT)
    every = [
        f"/map/figures?theme={theme.name}&measure={measure.name}" for theme in THEMES for measure in theme.measures
    ]
    for work, paths in (("map page with its figures", FIRST), (f"all {len(every)} figures, one by one", every)):
        alone = Alone(district, paths)
        ours(server, headers, paths)
        made = partial(ours, server, headers, paths, partial(touch, district))
        found = rounds(times, {"ours": made, "kept": partial(again, server, headers, paths), "SQL alone": alone})
        us, kept, sql = found["ours"], found["kept"], found["SQL alone"]
        weight = len(Client(server.port, headers).get("/map").body)
        note = f"the page weighs {weight / 1e3:.0f} kB of at most {WEIGHT / 1e3:.0f} kB"
        report.add(Line(work, str(us), str(sql), us.seconds / sql.seconds, 1.5, False, "its own statements", note))
        report.add(
            Line(
                f"{work}, again, nothing written",
                str(kept),
                str(sql),
                kept.seconds / sql.seconds,
                0.3,
                False,
                "as after a write",
            )
        )
