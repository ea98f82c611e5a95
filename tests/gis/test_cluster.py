"""A real cluster: made, filled, killed, copied, moved out of the way; each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError

from gis import cluster, machine
from gis.cluster import ClusterUrls, place, server
from gis.errors import Conflict, Unavailable
from gis.settings import Settings


def settings_of(root: Path) -> Settings:
    return Settings.from_environment({"SECRET_KEY": "k" * 32}, root)


def silent(_line: str) -> None:
    pass


def ask(url: str, query: str) -> object:
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            found = connection.execute(text(query))
            return found.scalar() if found.returns_rows else None
    finally:
        engine.dispose()


def ask_alone(url: str, command: str) -> None:
    """Run a command that works outside of a transaction only."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(command)
    engine.dispose()


def folder_of(settings: Settings) -> Path:
    where = place.existing(settings.root, settings.var, "")
    assert where is not None
    return where.folder


def kill(settings: Settings) -> None:
    number = int((folder_of(settings) / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(number, signal.SIGKILL)
    while Path(f"/proc/{number}").exists() and "Z" not in Path(f"/proc/{number}/stat").read_text().split()[2]:
        time.sleep(0.01)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that every user can enter, with a blank and 汉字 in its name."""
    folder = Path(tempfile.mkdtemp(prefix="wangge 网格 ", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def settings(home: Path) -> Iterator[Settings]:
    found = settings_of(home)
    cluster.ensure(found, silent, durable=False)
    yield found
    cluster.stop(found)


@pytest.fixture
def urls(settings: Settings) -> ClusterUrls:
    return cluster.ensure(settings, silent, durable=False)


def test_the_application_role_owns_nothing(urls: ClusterUrls) -> None:
    assert ask(urls.owner, "SELECT current_user") == "wangge"
    assert ask(urls.app, "SELECT current_user") == "wangge_app"
    assert ask(urls.owner, "SELECT pg_has_role('wangge', 'wangge_app', 'MEMBER')") is True
    assert ask(urls.superuser, "SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname LIKE 'wangge%'") == 0
    with pytest.raises(ProgrammingError, match="permission denied"):
        ask(urls.app, "CREATE TABLE mine (id int)")


def test_the_database_knows_places_and_chinese(urls: ClusterUrls) -> None:
    assert ask(urls.app, "SELECT ST_SRID(ST_Transform(ST_SetSRID(ST_Point(120, 31), 4490), 4549))") == 4549
    assert ask(urls.app, "SELECT similarity('党群服务中心', '党群服务') > 0.3") is True
    assert ask(urls.app, "SHOW server_encoding") == "UTF8"


def test_a_spatial_index_serves_under_row_security(urls: ClusterUrls) -> None:
    leakproof = (
        "SELECT bool_and(proleakproof) FROM pg_operator JOIN pg_proc p ON p.oid = oprcode"
        " WHERE oprname = '&&' AND oprleft = 'geometry'::regtype AND oprright = 'geometry'::regtype"
    )
    assert ask(urls.owner, leakproof) is True


def test_the_server_listens_on_its_socket_alone(settings: Settings, urls: ClusterUrls) -> None:
    assert ask(urls.owner, "SHOW listen_addresses") == ""
    assert (folder_of(settings) / "socket").stat().st_mode & 0o777 == 0o700


def test_a_database_is_made_from_the_template_and_dropped(urls: ClusterUrls) -> None:
    made = cluster.create_database(urls, "wangge_test_made")
    assert ask(made.owner, "SELECT current_database() || PostGIS_Lib_Version()")
    ask(made.owner, "CREATE TABLE mine (id int)")
    with pytest.raises(Conflict, match="wangge_test_made"):
        cluster.create_database(urls, "wangge_test_made")
    cluster.drop_database(urls, "wangge_test_made")
    cluster.drop_database(urls, "wangge_test_made")


def test_data_outlive_a_killed_server(settings: Settings, urls: ClusterUrls) -> None:
    ask(urls.owner, "CREATE TABLE kept AS SELECT 7 AS number")
    ask(urls.superuser, "CHECKPOINT")
    kill(settings)
    again = cluster.ensure(settings, silent, durable=False)
    assert ask(again.owner, "SELECT number FROM kept") == 7
    ask(again.owner, "DROP TABLE kept")


def test_a_number_taken_by_another_process_is_no_server(settings: Settings, urls: ClusterUrls) -> None:
    kill(settings)
    for file in (
        folder_of(settings) / "data" / "postmaster.pid",
        folder_of(settings) / "socket" / ".s.PGSQL.5432.lock",
    ):
        lines = file.read_text().splitlines()
        file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not cluster.is_running(settings)
    assert ask(cluster.ensure(settings, silent, durable=False).owner, "SELECT 1") == 1


@pytest.mark.parametrize("left", ["", "12", "no number\n"])
def test_files_that_a_power_cut_left_half_written_are_written_anew(
    settings: Settings, urls: ClusterUrls, left: str
) -> None:
    ask(urls.owner, "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
    ask(urls.superuser, "CHECKPOINT")
    kill(settings)
    folder = folder_of(settings)
    for file in (folder / "data" / "postmaster.pid", folder / "socket" / ".s.PGSQL.5432.lock"):
        file.write_text(left)
    (folder / "data" / "wangge.conf").write_text("unix_socket_direc")
    assert not cluster.is_running(settings)
    assert ask(cluster.ensure(settings, silent, durable=False).owner, "SELECT number FROM kept") == 7
    assert ask(urls.owner, "SHOW listen_addresses") == ""


def test_a_socket_swept_away_comes_back_with_the_data(settings: Settings, urls: ClusterUrls) -> None:
    ask(urls.owner, "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
    ask(urls.superuser, "CHECKPOINT")
    kill(settings)
    shutil.rmtree(folder_of(settings) / "socket")
    assert ask(cluster.ensure(settings, silent, durable=False).owner, "SELECT number FROM kept") == 7
    assert (folder_of(settings) / "socket").stat().st_mode & 0o777 == 0o700


def test_a_template_that_was_not_finished_is_made_anew(settings: Settings, urls: ClusterUrls) -> None:
    ask_alone(urls.superuser, "ALTER DATABASE wangge_template IS_TEMPLATE false")
    ask_alone(urls.superuser, "ALTER DATABASE wangge_template RENAME TO wangge_template_unfinished")
    again = cluster.ensure(settings, silent, durable=False)
    made = cluster.create_database(again, "wangge_test_after")
    assert ask(made.owner, "SELECT PostGIS_Lib_Version()")
    cluster.drop_database(again, "wangge_test_after")


def test_a_long_recovery_is_waited_for_and_told(
    settings: Settings, urls: ClusterUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(urls.owner, "SELECT 1") == 1
    answers = iter(["busy"] * 25)
    really = server.state
    monkeypatch.setattr(server, "state", lambda where: next(answers, None) or really(where))
    told: list[str] = []
    cluster.ensure(settings, told.append, durable=False)
    assert told
    assert told[0] == "Starting the database … 2 s"


def test_several_at_once_make_one_server(settings: Settings) -> None:
    cluster.stop(settings)
    found: list[ClusterUrls] = []
    threads = [
        threading.Thread(target=lambda: found.append(cluster.ensure(settings, silent, durable=False))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert cluster.stop(settings)
    assert not cluster.stop(settings)


@pytest.fixture
def bare() -> Iterator[Settings]:
    """The settings of an empty checkout that every user can enter."""
    root = Path(tempfile.mkdtemp(prefix="wg-", dir="/tmp"))
    root.chmod(0o755)
    yield settings_of(root)
    shutil.rmtree(root)


def test_a_half_made_cluster_is_made_anew(bare: Settings) -> None:
    (bare.var / "cluster" / "new-1").mkdir(parents=True)
    try:
        assert ask(cluster.ensure(bare, silent, durable=False).owner, "SELECT 1") == 1
        assert sorted(file.name for file in (bare.var / "cluster").iterdir()) == ["data", "log", "socket"]
    finally:
        cluster.stop(bare)


def test_a_copied_checkout_gets_a_server_of_its_own(settings: Settings, urls: ClusterUrls, bare: Settings) -> None:
    ask(urls.superuser, "CHECKPOINT")
    shutil.copytree(folder_of(settings), bare.var / "cluster", ignore=shutil.ignore_patterns(".s.PGSQL.5432"))
    try:
        theirs = cluster.ensure(bare, silent, durable=False)
        assert theirs != urls
        assert ask(theirs.superuser, "SHOW data_directory") == str(bare.var / "cluster" / "data")
        assert ask(urls.superuser, "SHOW data_directory") == str(folder_of(settings) / "data")
    finally:
        cluster.stop(bare)


def test_data_of_another_version_are_left_alone(bare: Settings) -> None:
    data = bare.var / "cluster" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(Unavailable, match="PostgreSQL 9,"):
        cluster.ensure(bare, silent)
    assert (data / "PG_VERSION").read_text() == "9\n"


def test_a_machine_without_postgis_is_told_what_mends_it(bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "postgis", dict)
    with pytest.raises(Unavailable, match="install postg"):
        cluster.ensure(bare, silent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_a_checkout_that_others_cannot_enter_has_its_cluster_outside() -> None:
    root = Path(tempfile.mkdtemp(prefix="wg-", dir="/tmp"))  # mode 700
    try:
        where = place.find(root, root / "var", "")
        assert where.folder.is_relative_to("/var/lib/wangge")
        assert not (root / "var" / "cluster").exists()
        assert (root / "var" / "cluster.place").read_text().splitlines() == [str(root), str(where.folder)]
        shutil.rmtree(where.folder.parent)
    finally:
        shutil.rmtree(root)


def test_a_path_too_long_for_a_socket_is_not_used(tmp_path: Path) -> None:
    root = tmp_path / ("a" * 60) / ("b" * 60)
    (root / "var").mkdir(parents=True)
    where = place.find(root, root / "var", "")
    try:
        assert not where.folder.is_relative_to(root)
    finally:
        shutil.rmtree(where.folder.parent)
