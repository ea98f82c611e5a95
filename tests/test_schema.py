"""The schema: equal to the models, up and down without loss, locked, and never with a place for persons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gis import cluster, demo, schema
from gis.database import APP_ROLE, Base, connect, transaction
from gis.viewer import system
from tests import builders
from tests.conftest import DAY
from tests.rights import DELETED, INSERTED, UPDATED

VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"
TABLE_NAME = "CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name"
OPEN = {"revisions"}
"""Tables without territory data, which the application reads whole."""
FORBIDDEN = {
    "id_card", "idcard", "id_number", "identity", "passport", "ethnic", "ethnicity", "nation", "religion", "political",
    "politics", "key_person", "petition", "petitioner", "drug", "mental", "offender", "criminal", "score", "rank_of",
    "credit", "minor_child", "child", "plate", "vehicle", "track", "tracks", "wifi", "camera", "checkin", "check_in",
    "online_time", "employment_of", "marital", "marriage", "education", "health", "disease", "diagnosis", "relation",
    "relative", "spouse", "resident_name", "birth", "birthday", "gender", "sex", "face", "fingerprint",
}  # fmt: skip
FORBIDDEN_CHINESE = re.compile(
    "身份证|证件号|护照|民族|宗教|政治面貌|重点人员|信访|吸毒|精神|前科|评分|积分|车牌|轨迹|摄像|签到|婚姻|学历|病史|姓名|生日|性别"
)
PERSON_TABLES = re.compile(
    r"(^|_)(residents?|persons?|people|members?|populations?|scores?|labels?|tags?|tracks?|cameras?)$"
)


@pytest.fixture
def connected(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
        session.rollback()


def rows(session: Session, query: str) -> list[tuple]:
    return [tuple(row) for row in session.execute(text(query))]


def test_models_equal_the_schema(urls: cluster.ClusterUrls, engine: Engine) -> None:
    command.check(schema.config(urls.owner))


def test_the_constraints_that_autogenerate_does_not_compare_are_equal_too(connected: Session) -> None:
    query = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'x')"
    stored = {(table, name) for table, name in rows(connected, query) if table in Base.metadata.tables}
    prepare = connected.get_bind().dialect.identifier_preparer.format_constraint
    declared = {
        (table.fullname, prepare(each))
        for table in Base.metadata.tables.values()
        for each in table.constraints
        if isinstance(each, (CheckConstraint, ExcludeConstraint))
    }
    assert {(table, name.strip('"')) for table, name in declared} == stored


def test_migrations_are_one_numbered_line() -> None:
    script = ScriptDirectory.from_config(schema.config(""))
    assert len(script.get_heads()) == 1
    files = sorted(path.name for path in VERSIONS.glob("*.py") if path.name != "__init__.py")
    assert [name.split("_")[0] for name in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.py", name) for name in files)
    assert script.get_current_head() == files[-1][:4]
    assert [r.revision for r in script.walk_revisions()][::-1] == [name[:4] for name in files]


@pytest.fixture
def scratch(urls: cluster.ClusterUrls, settings) -> Iterator[str]:
    """A database of its own with the tiny district in it, for what cannot be rolled back."""
    server = cluster.ensure(settings, lambda _text: None, name="test", durable=False)
    name = f"{urls.owner.split('?')[0].rsplit('/', 1)[1]}_scratch"
    cluster.drop_database(server, name)
    cluster.create_database(server, name)
    yield server.to(name).owner
    cluster.drop_database(server, name)


def counts(engine: Engine, tables: Iterable[str] = tuple(Base.metadata.tables)) -> dict[str, int]:
    with engine.connect() as connection:
        tables = set(tables) - {"revisions"}
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}


def policies(engine: Engine) -> list[tuple]:
    query = "SELECT schemaname, tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2, 3"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_down_and_up_again_loses_nothing_that_it_need_not(scratch: str, tmp_path: Path) -> None:
    schema.upgrade(scratch)
    engine = connect(scratch)
    with transaction(engine) as session:
        demo.load(session, system(DAY), profile="tiny", seed=1, say=lambda _text: None, folder=tmp_path)
        session.execute(text("UPDATE assignments SET valid = 'empty' WHERE id IN (SELECT min(id) FROM assignments)"))
    before, locks = counts(engine), policies(engine)
    care = {name: 0 for name in before if name.startswith("care.")}
    assert min(before[name] for name in care) > 0
    later = {"fabrics", "cells", "cell_borders", "case_photos", "calendar_days", "kpi_snapshots", *care,
             "case_views", "tokens", "stage_limits", "reception_cases", "case_calls", "withdrawn_visits"}  # fmt: skip
    drafts = {table for table in before if table.startswith("plan") or table in later}
    assert min(before[name] for name in ("grids", "buildings", "cases", "case_events", "visits")) > 0
    schema.downgrade(scratch, "0001")
    assert counts(engine, set(before) - drafts) == {name: n for name, n in before.items() if name not in drafts}
    assert policies(engine) == []
    schema.upgrade(scratch)
    lost = {**care, "calendar_days": 0, "case_calls": 0, "reception_cases": 0}
    assert counts(engine) == {**before, **lost}, "only what the first version has no place for"
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM assignments WHERE isempty(valid)")) == 1, "withdrawn"
    assert policies(engine) == locks
    schema.downgrade(scratch, "base")
    with engine.connect() as connection:
        left = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    assert set(left) <= {"alembic_version", "spatial_ref_sys"}
    schema.upgrade(scratch)
    command.check(schema.config(scratch))
    engine.dispose()


def test_every_table_of_a_territory_has_row_security_and_a_policy(connected: Session) -> None:
    locked = dict(rows(connected, "SELECT oid::regclass::text, relrowsecurity FROM pg_class WHERE relkind = 'r'"))
    ruled = {
        name
        for (name,) in rows(
            connected, f"SELECT polrelid::regclass::text FROM pg_policy WHERE '{APP_ROLE}'::regrole = ANY (polroles)"
        )
    }
    territorial = {name for name, table in Base.metadata.tables.items() if "territory" in table.columns}
    assert len(territorial) >= 18
    assert {name for name in territorial if not locked[name]} == set()
    assert territorial - ruled == set()


def test_every_other_table_is_locked_too_or_open_for_a_reason(connected: Session) -> None:
    locked = dict(rows(connected, "SELECT oid::regclass::text, relrowsecurity FROM pg_class WHERE relkind = 'r'"))
    assert {name for name in Base.metadata.tables if not locked[name]} == OPEN


def test_the_application_owns_nothing_and_writes_almost_nothing(connected: Session) -> None:
    role = rows(
        connected,
        f"SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = '{APP_ROLE}'",
    )
    assert role == [(False, False, False, False)]
    owned = rows(
        connected,
        f"SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = '{APP_ROLE}'",
    )
    assert owned == []
    grants = rows(
        connected,
        f"SELECT {TABLE_NAME}, privilege_type FROM information_schema.role_table_grants "
        f"WHERE grantee = '{APP_ROLE}' AND privilege_type <> 'SELECT'",
    )
    assert set(grants) == {
        *((table, "INSERT") for table in INSERTED),
        *((table, "DELETE") for table in DELETED),
    }
    columns = rows(
        connected,
        f"SELECT {TABLE_NAME}, column_name FROM information_schema.role_column_grants "
        f"WHERE grantee = '{APP_ROLE}' AND privilege_type = 'UPDATE'",
    )
    assert set(columns) == {(table, column) for table, names in UPDATED.items() for column in names}
    member = rows(connected, f"SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
                             f"JOIN pg_roles a ON a.oid = m.member WHERE a.rolname = '{APP_ROLE}'")  # fmt: skip
    assert member == []


def area(code: str, outline: str) -> str:
    columns = "territory, code, level, kind, name, outline"
    return f"INSERT INTO areas ({columns}) VALUES ({code}000, '{code}', 'district', 'district', 'x', {outline})"


def outline(days: str, grid: str = "o.grid_id") -> str:
    columns = "territory, grid_id, code, name, outline, area_m2, valid"
    return (
        f"INSERT INTO grid_outlines ({columns}) SELECT o.territory, {grid}, o.code, o.name, o.outline, 1, "
        f"daterange({days}) FROM grid_outlines o JOIN grids g ON g.code <> o.code LIMIT 1"
    )


SQUARE = f"'{builders.square(120, 32)}'::geometry"
BITES = {
    "another reference system": (area("999903000000", f"st_setsrid({SQUARE}, 4326)"), "SRID"),
    "an outline that crosses itself": (
        area("999903000000", "'SRID=4490;MULTIPOLYGON(((0 0, 1 1, 1 0, 0 1, 0 0)))'"), "outline_valid"),
    "a point for an outline": ("UPDATE areas SET outline = 'SRID=4490;POINT(0 0)'", "Geometry type"),
    "a code of 11 digits": (area("99990300000", SQUARE), "code_12_digits"),
    "a territory that is not the code's": ("UPDATE grids SET territory = territory + 1", "territory_of_code"),
    "a grid under another village's code": ("UPDATE grids SET code = '999901100009001', territory = 999901100009001 "
                                            "WHERE id = (SELECT min(id) FROM grids)", "code_of_village"),
    "two outlines at a time": (outline("'2026-07-01', '2026-08-01'"), "one_at_a_time"),
    "a code of another grid": (outline("'2000-01-01', '2000-02-01'", "g.id"), "not_reused"),
    "an empty time": ("UPDATE grid_outlines SET valid = 'empty'", "some_day"),
    "dates that float": ("UPDATE grid_outlines SET valid = '[2026-02-01,2026-01-01)'", "range lower bound"),
    "a day that does not exist": ("UPDATE reception_days SET held_on = '2026-02-30'", "out of range"),
    "a case that ended before it began": (
        "UPDATE cases SET closed_at = reported_at - interval '1 day', status = 'closed'", "closed_after_report"),
    "a case that ended without a moment": ("UPDATE cases SET closed_at = NULL, status = 'closed'", "ended"),
    "a status that nobody knows": ("UPDATE cases SET status = 'forgotten', closed_at = NULL", "status_known"),
    "a building of a grid that is not there": ("UPDATE buildings SET grid_id = 0", "fk_buildings_grid_id"),
    "more in time than enrolled": ("UPDATE care_tallies SET in_time = enrolled + 1", "in_time_of_enrolled"),
    "an organisation in two places": (
        "UPDATE organisations SET grid_id = (SELECT min(id) FROM grids), area_code = '999901000000'", "one_place"),
    "a role that nobody knows": ("UPDATE users SET role = 'superuser'", "role_known"),
    "a territory of 11 digits": ("UPDATE user_territories SET code = '99990100000'", "code_12_or_15"),
    "a changed step of a case": ("UPDATE case_events SET note = 'x'", "append-only"),
    "a deleted step of a case": ("DELETE FROM case_events", "append-only"),
    "a changed audit": ("UPDATE audit_log SET user_name = 'x'", "append-only"),
    "a deleted audit": ("DELETE FROM audit_log", "append-only"),
    "an emptied audit": ("TRUNCATE audit_log", "append-only"),
    "a changed figure of a closed month": ("UPDATE kpi_snapshots SET value = 1", "append-only"),
    "a deleted figure of a closed month": ("DELETE FROM kpi_snapshots", "append-only"),
}  # fmt: skip


@pytest.mark.parametrize("what", BITES)
def test_the_database_itself_refuses(what: str, connected: Session) -> None:
    statement, reason = BITES[what]
    with pytest.raises(DBAPIError, match=reason):
        connected.execute(text(statement))


def names() -> Iterator[str]:
    for name, table in Base.metadata.tables.items():
        yield name
        yield from (f"{name}.{column.name}" for column in table.columns)


def test_no_table_or_column_is_a_place_for_what_is_never_stored(connected: Session) -> None:
    stored = rows(
        connected,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema IN ('public', 'care') "
        "AND table_name NOT IN ('spatial_ref_sys', 'geometry_columns', 'geography_columns')",
    )
    every = {*names(), *(f"{table}.{column}" for table, column in stored)}
    wrong = [name for name in every for word in FORBIDDEN if re.search(rf"(^|[._]){word}s?([._]|$)", name)]
    assert wrong == []
    assert [name for name in every if FORBIDDEN_CHINESE.search(name)] == []
    assert [name for name in Base.metadata.tables if PERSON_TABLES.search(name)] == []


def test_names_are_those_of_workers_teams_and_places_only() -> None:
    """A `name` column belongs to something that is no resident."""
    named = {table for table, columns in Base.metadata.tables.items() if "name" in columns.columns}
    assert named == {
        "areas", "calendar_days", "grids", "grid_outlines", "barriers", "buildings", "organisations", "projects",
        "service_points", "plan_grids", "plans", "staff", "teams", "users", "volunteer_activities", "volunteer_teams",
    }  # fmt: skip


def test_every_foreign_key_and_geometry_has_its_index(connected: Session) -> None:
    first = {(table, column) for table, column in rows(
        connected, "SELECT t.relname, a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid "
        "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]")}  # fmt: skip
    keys = {(t.name, c.name) for t in Base.metadata.tables.values() for c in t.columns if c.foreign_keys}
    assert keys - first == set()
