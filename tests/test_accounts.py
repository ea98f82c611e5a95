"""Accounts in the database: who reads and changes them, what the log takes, and the demo that touches nothing real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from gis import cluster, schema, users
from gis.areas import Area
from gis.audit import AuditEntry
from gis.database import APP_ROLE, admit, connect, transaction
from gis.demo import accounts
from gis.errors import Conflict, Invalid, NotFound, TooMany
from gis.settings import Settings
from gis.users import User, UserTerritory
from gis.viewer import Viewer, key, system
from tests import builders
from tests.conftest import DAY, PASSWORD

GRID, VILLAGE = "999901100001001", "999901100001"
LEAK = "SELECT password_hash FROM users"


@pytest.fixture
def app_session(app_engine: Engine) -> Iterator[Session]:
    """A session as the server opens it, before anyone is admitted; rolled back."""
    with Session(app_engine) as session:
        yield session
        session.rollback()


@pytest.fixture
def fresh(urls: cluster.ClusterUrls, settings: Settings) -> Iterator[cluster.ClusterUrls]:
    """An empty database of its own."""
    server = cluster.ensure(settings, lambda _text: None, name="test", durable=False)
    name = f"{urls.owner.split('?')[0].rsplit('/', 1)[1]}_fresh"
    cluster.drop_database(server, name)
    cluster.create_database(server, name)
    yield server.to(name)
    cluster.drop_database(server, name)


def actions(session: Session, after: int = 0) -> list[tuple[str, str | None]]:
    rows = select(AuditEntry.action, AuditEntry.subject).where(AuditEntry.id > after).order_by(AuditEntry.id)
    return [(action, subject) for action, subject in session.execute(rows)]


def last(session: Session) -> int:
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def real_area(session: Session) -> None:
    square = builders.square(116.3, 39.9)
    session.add(Area(code="110101000000", level="district", kind="district", name="x", outline=square,
                     territory=key("110101000000")))  # fmt: skip
    session.flush()


def test_the_demo_never_touches_a_real_district(session: Session, settings: Settings) -> None:
    real_area(session)
    before = session.scalars(select(User.password_hash).order_by(User.id)).all()
    other = replace(settings, demo_password="another demo password")
    with pytest.raises(Conflict, match="real areas"):
        accounts.ensure(session, system(DAY), other, DAY)
    assert session.scalars(select(User.password_hash).order_by(User.id)).all() == before
    assert not session.scalar(text("SELECT is_so FROM synthetic")), "a real district is never called made up"


def test_the_demo_never_touches_accounts_of_a_district_to_come(fresh: cluster.ClusterUrls) -> None:
    schema.upgrade(fresh.owner)
    engine = connect(fresh.owner)
    with transaction(engine) as session:
        accounts.refuse_real(session)
        users.create(session, system(DAY), name="town_manager", role="town_manager", password=PASSWORD, codes=[],
                     since=DAY)  # fmt: skip
        with pytest.raises(Conflict, match="accounts"):
            accounts.refuse_real(session)
    engine.dispose()


def test_a_short_demo_password_is_refused(session: Session, settings: Settings) -> None:
    with pytest.raises(Invalid, match="WANGGE_DEMO_PASSWORD"):
        accounts.ensure(session, system(DAY), replace(settings, demo_password="123456789"), DAY)


def test_the_demo_writes_down_whose_password_it_sets(session: Session, settings: Settings) -> None:
    before = last(session)
    accounts.ensure(session, system(DAY), settings, DAY)
    assert actions(session, before) == []
    accounts.ensure(session, system(DAY), replace(settings, demo_password="another demo password"), DAY)
    assert actions(session, before) == [("set_password", each.role) for each in accounts.ACCOUNTS]


def test_the_application_reads_no_hash(app_session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    admit(app_session, viewer_as("sys_admin"))
    with pytest.raises(DBAPIError, match="permission denied"):
        app_session.execute(text(LEAK))


def test_nobody_is_seen_before_a_viewer_is_admitted(app_session: Session) -> None:
    assert app_session.scalars(select(User.id)).all() == []
    assert app_session.scalars(select(UserTerritory.code)).all() == []


def test_a_user_sees_and_changes_only_the_own_account(app_session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    viewer = viewer_as("grid_leader")
    admit(app_session, viewer)
    assert app_session.scalars(select(User.name)).all() == ["grid_leader"]
    assert app_session.scalars(select(UserTerritory.code)).all() == list(viewer.territory.codes)
    changed = app_session.execute(text("UPDATE users SET session_epoch = session_epoch + 1")).rowcount
    assert changed == 1
    others = text("UPDATE users SET password_hash = 'x' WHERE name = 'sys_admin'")
    assert app_session.execute(others).rowcount == 0


def test_who_manages_accounts_sees_all_of_them(app_session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    viewer = viewer_as("sys_admin")
    admit(app_session, viewer)
    found = users.accounts(app_session, viewer, DAY)
    assert {"town_manager", "grid_leader"} <= {user.name for user, _codes in found}
    assert {user.name: codes for user, codes in found}["grid_leader"] == [GRID]


def test_a_viewer_is_loaded_alike_by_owner_and_application(session: Session, app_session: Session) -> None:
    number = session.scalars(select(User.id).where(User.name == "grid_leader")).one()
    assert users.account_of(session, number, DAY) == users.account_of(app_session, number, DAY)
    with pytest.raises(NotFound):
        users.account_of(app_session, 0, DAY)


def test_log_in_admits_first_and_is_then_written_down(app_session: Session, engine: Engine) -> None:
    viewer = users.log_in(app_session, "grid_leader", PASSWORD, DAY)
    assert app_session.scalar(select(func.wangge_user())) == viewer.user_id
    assert app_session.scalars(select(User.name)).all() == ["grid_leader"]


@pytest.mark.parametrize("of", ["another", "nobody"])
def test_the_log_takes_no_row_in_anothers_name(
    of: str, app_session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    other = viewer_as("town_manager").user_id if of == "another" else None
    admit(app_session, viewer_as("grid_leader"))
    forged = insert(AuditEntry).values(user_id=other, user_name="town_manager", action="export").inline()
    with pytest.raises(DBAPIError, match="row-level security"):
        app_session.execute(forged)


def test_what_runs_with_the_owners_rights_is_bound_and_closed(session: Session) -> None:
    facts = "proname, proconfig, has_function_privilege('public', oid, 'EXECUTE'), prorettype = 'trigger'::regtype"
    found = session.execute(text(f"SELECT {facts} FROM pg_proc WHERE prosecdef AND proname LIKE 'wangge%'")).all()
    assert len(found) == 14
    for name, config, open_, trigger in found:
        assert config == ["search_path=public, pg_temp"], name
        assert trigger or not open_, f"{name} can be called by anybody"


def test_many_wrong_passwords_make_an_account_rest(session: Session) -> None:
    users.create(session, system(DAY), name="berta", role="auditor", password=PASSWORD, codes=[], since=DAY)
    for _ in range(users.MOST_FAILURES):
        with pytest.raises(Invalid):
            users.log_in(session, " berta ", "wrong", DAY)
        users.note_failure(session, " berta ")
    with pytest.raises(TooMany, match="15 minutes"):
        users.log_in(session, "berta", PASSWORD, DAY)
    rows = select(AuditEntry).where(AuditEntry.action == "log_in_failed").order_by(AuditEntry.id.desc())
    newest = session.scalars(rows.limit(1)).one()
    assert (newest.user_name, newest.user_id is None, newest.subject, newest.detail) == ("berta", False, None, {})


def test_a_name_that_is_none_is_not_kept(app_session: Session, engine: Engine) -> None:
    users.note_failure(app_session, "my password by mistake")
    app_session.commit()
    with Session(engine) as session:
        newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (newest.action, newest.user_id, newest.user_name) == ("log_in_failed", None, "—")


@pytest.fixture
def clara(session: Session) -> str:
    users.create(session, system(DAY), name="clara", role="grid_leader", password=PASSWORD, codes=[GRID], since=DAY)
    return "clara"


def stamp(session: Session, name: str) -> str:
    number = session.scalars(select(User.id).where(User.name == name)).one()
    return users.account_of(session, number, DAY).stamp


def test_log_out_password_and_closing_end_every_session(session: Session, clara: str) -> None:
    number = session.scalars(select(User.id).where(User.name == clara)).one()
    seen = {stamp(session, clara)}
    users.log_out(session, users.viewer_of(session, number, DAY))
    seen.add(stamp(session, clara))
    users.set_password(session, system(DAY), clara, "a new password")
    seen.add(stamp(session, clara))
    users.set_active(session, system(DAY), clara, False)
    with pytest.raises(NotFound):
        stamp(session, clara)
    users.set_active(session, system(DAY), clara, True)
    assert len(seen | {stamp(session, clara)}) == 4
    assert [action for action, _subject in actions(session)[-4:]] == [
        "log_out", "set_password", "close_user", "open_user"
    ]  # fmt: skip


def test_a_hash_that_was_changed_by_hand_ends_the_sessions_too(session: Session, clara: str) -> None:
    before = stamp(session, clara)
    session.scalars(select(User).where(User.name == clara)).one().password_hash = generate_password_hash(PASSWORD)
    session.flush()
    assert stamp(session, clara) != before


def held(session: Session, name: str) -> list[tuple[str, date, date | None]]:
    rows = select(UserTerritory).join(User, User.id == UserTerritory.user_id).where(User.name == name)
    return sorted((each.code, each.valid.lower, each.valid.upper) for each in session.scalars(rows))


def test_a_territory_begins_changes_and_ends(session: Session, clara: str) -> None:
    viewer, later = system(DAY), DAY + timedelta(days=10)
    users.set_territory(session, viewer, clara, VILLAGE, since=later)
    assert held(session, clara) == [(VILLAGE, later, None), (GRID, DAY, None)]
    users.set_territory(session, viewer, clara, GRID, until=later)
    assert held(session, clara)[1] == (GRID, DAY, later)
    users.set_territory(session, viewer, clara, GRID, since=DAY + timedelta(days=5))
    assert held(session, clara)[1:] == [
        (GRID, DAY, DAY + timedelta(days=5)), (GRID, DAY + timedelta(days=5), None)
    ]  # fmt: skip
    users.set_territory(session, viewer, clara, VILLAGE, since=later, until=later)
    assert [code for code, *_ in held(session, clara)] == [GRID, GRID]
    with pytest.raises(Invalid, match="before it begins"):
        users.set_territory(session, viewer, clara, GRID, since=later, until=DAY)
    assert actions(session)[-1] == ("set_territory", clara)


@pytest.mark.parametrize(("code", "error"), [("123", Invalid), ("９９９９０１１００００１", Invalid),
                                             ("999901999999", NotFound), ("999901100001999", NotFound)])  # fmt: skip
def test_a_territory_is_an_area_or_a_grid_that_is_there(
    code: str, error: type[Exception], session: Session, clara: str
) -> None:
    with pytest.raises(error):
        users.set_territory(session, system(DAY), clara, code)
    with pytest.raises(error):
        users.create(session, system(DAY), name="dora", role="planner", password=PASSWORD, codes=[code], since=DAY)


@pytest.mark.parametrize("login", ["owner", "superuser", "app"])
def test_a_connection_of_the_server_never_works_as_the_owner(login: str, urls: cluster.ClusterUrls) -> None:
    engine = connect(getattr(urls, login), role=APP_ROLE)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == APP_ROLE
        connection.rollback()
        connection.execute(text("RESET ROLE"))
        assert connection.scalar(text("SELECT current_user")) == APP_ROLE
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(LEAK))
    engine.dispose()


def test_options_of_the_address_are_kept(urls: cluster.ClusterUrls) -> None:
    engine = connect(f"{urls.owner}&options=-c%20statement_timeout%3D4321", role=APP_ROLE)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "4321ms"
        assert connection.scalar(text("SELECT current_user")) == APP_ROLE
    engine.dispose()


def test_an_owner_that_did_not_make_the_role_becomes_its_member(fresh: cluster.ClusterUrls) -> None:
    keeper, name = "wangge_test_keeper", fresh.owner.split("?")[0].rsplit("/", 1)[1]
    above = create_engine(fresh.superuser, isolation_level="AUTOCOMMIT")
    with above.connect() as run:
        run.execute(text(f"DROP ROLE IF EXISTS {keeper}"))
        run.execute(text(f"CREATE ROLE {keeper} LOGIN CREATEROLE"))
        run.execute(text(f"ALTER DATABASE {name} OWNER TO {keeper}"))
    url = fresh.owner.replace("//wangge@", f"//{keeper}@")
    try:
        schema.upgrade(url)
        engine = connect(url, role=APP_ROLE)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == APP_ROLE
        engine.dispose()
    finally:
        with above.connect() as run:
            run.execute(text(f"ALTER DATABASE {name} OWNER TO wangge"))
            run.execute(text(f"REASSIGN OWNED BY {keeper} TO wangge"))
            run.execute(text(f"DROP OWNED BY {keeper}"))
            run.execute(text(f"DROP ROLE {keeper}"))
        above.dispose()
