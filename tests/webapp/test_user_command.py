"""`wangge user` and what every command does with an error: one sentence, and no traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import click
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from gis import cluster
from gis.audit import AuditEntry
from gis.database import transaction
from gis.scope import ZONE
from gis.settings import Settings
from gis.users import User
from tests.conftest import PASSWORD
from webapp import cli
from webapp.commands import demo as demo_command
from webapp.commands import serve
from webapp.commands import users as user_command
from webapp.commands.place import Place

GRID = "999901100001001"
Wangge = Callable[..., tuple[int, str]]


@pytest.fixture
def wangge(
    urls: cluster.ClusterUrls, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Wangge:  # fmt: skip
    """Run the command line over the suite's database and return its exit code and what it said."""
    place = Place(settings, urls.owner, urls.app)
    for module in (user_command, demo_command):
        monkeypatch.setattr(module, "here", lambda: place)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["wangge", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out + said.err

    yield run
    place.engine.dispose()


def newest(engine: Engine) -> tuple[str, str | None]:
    with Session(engine) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        return entry.action, entry.subject


def active(engine: Engine, name: str) -> bool:
    with Session(engine) as session:
        return bool(session.scalar(select(User.active).where(User.name == name)))


def test_an_account_is_made_changed_closed_and_opened(wangge: Wangge, engine: Engine) -> None:
    assert wangge("user", "create", "emil", "--role", "grid_leader", "--area", GRID)[0] == 0
    assert newest(engine) == ("create_user", "emil")
    assert wangge("user", "password", "emil", "--password", PASSWORD) == (0, "emil\n")
    assert newest(engine) == ("set_password", "emil")
    code, said = wangge("user", "password", "emil")
    assert (code, len(said.split()[1]) >= 12) == (0, True)
    assert wangge("user", "territory", "emil", GRID, "--until", "2099-01-01")[0] == 0
    assert newest(engine) == ("set_territory", "emil")
    assert wangge("user", "close", "emil") == (0, "")
    assert (newest(engine), active(engine, "emil")) == (("close_user", "emil"), False)
    assert "closed" in wangge("user", "list")[1]
    assert wangge("user", "open", "emil") == (0, "")
    assert (newest(engine), active(engine, "emil")) == (("open_user", "emil"), True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create", "fritz", "--role", "planner", "--area", "123"), "12 digits"),
        (("create", "fritz", "--role", "planner", "--area", "999901999000"), "import it first"),
        (("create", "fritz", "--role", "planner", "--password", "short"), "10 characters"),
        (("create", " ", "--role", "planner"), "not empty"),
        (("territory", "planner", "123"), "12 digits"),
        (("territory", "nobody", GRID), "no account named nobody"),
        (("close", "nobody"), "no account named nobody"),
        (("open", "nobody"), "no account named nobody"),
        (("password", "nobody"), "no account named nobody"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(words: tuple[str, ...], told: str, wangge: Wangge) -> None:
    code, said = wangge("user", *words)
    assert code == 1
    assert told in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE users SET role = 'x'", "SELECT 'x'::integer", "SELECT nothing FROM nowhere"]
)
def test_what_the_database_refuses_is_told_in_a_sentence(
    statement: str, wangge: Wangge, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def broken() -> None:
        with transaction(engine) as session:
            session.execute(text(statement))

    monkeypatch.setitem(cli.wangge.commands, "broken", broken)
    code, said = wangge("broken")
    assert code == 1
    assert len(said.strip().splitlines()) == 1
    assert said.startswith("The database refused this: ")
    assert "UPDATE" not in said


def test_serve_warns_of_a_superusers_address(
    urls: cluster.ClusterUrls, engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for url, app_url, warned in ((urls.superuser, None, True), (urls.superuser, urls.app, False),
                                 (urls.owner, None, False)):  # fmt: skip
        serve.warn(Place(replace(settings, database_url=url, app_database_url=app_url), url, app_url or url))
        assert ("APP_DATABASE_URL" in capsys.readouterr().err) is warned


def test_before_eight_the_made_up_district_is_of_yesterday() -> None:
    morning = datetime(2026, 11, 29, 8, tzinfo=ZONE)
    days = [demo_command.made_on(morning - timedelta(minutes=late)) for late in (1, 0)]
    assert days == [date(2026, 11, 28), date(2026, 11, 29)]
