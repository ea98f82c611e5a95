"""How the server ends: at Ctrl-C and when its terminal is closed, soon and without a word of killing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from gis import cluster
from gis.demo import accounts
from gis.errors import Unavailable
from gis.users import SHORTEST_PASSWORD
from webapp import processes
from webapp.cli import wangge
from webapp.commands import serve


def app(_environ, start_response):
    start_response("200 OK", [])
    return [b"here"]


@pytest.mark.parametrize("told", [signal.SIGHUP, signal.SIGINT], ids=["closed terminal", "Ctrl-C"])
def test_the_server_ends_soon_and_frees_its_port(told: signal.Signals) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["--bind", f"127.0.0.1:{port}", "--threads", "2", "--worker-class", "gthread", "--graceful-timeout", "60"]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:webapp.processes", *words]
    told_by = {"stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen([*command, f"{__name__}:app"], **told_by) as server:
        try:
            wait_for(port)
            os.killpg(server.pid, told)
            _, said = server.communicate(timeout=30)  # half of what the server would wait for a worker that hangs
        except BaseException:
            os.killpg(server.pid, signal.SIGKILL)
            raise
    assert "SIGKILL" not in said
    assert "ontrol socket" not in said, "which two servers of one user would share"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_server_of_this_checkout_is_known_by_its_number(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print(1, flush=True); input()", "webapp.wsgi:build(False)"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as server:
        assert server.stdout is not None
        server.stdout.readline()
        assert processes.running(tmp_path) == [server.pid]
        assert processes.running(tmp_path / "other") == []
        server.kill()


def test_stop_stops_the_tests_database_too_and_names_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(cluster, "stop", lambda _settings, name="": stopped.append(name) or name == "test")
    monkeypatch.setattr(processes, "running", lambda _root: [4711])
    said = CliRunner().invoke(wangge, ["database", "stop"])
    assert said.exit_code == 0, said.output
    assert stopped == ["", "test"]
    assert "The database was not running." in said.output
    assert "The database of the tests was stopped." in said.output
    assert "kill 4711" in said.output


@pytest.mark.parametrize("command", ["wangge serve", "make demo"])
def test_a_port_that_is_taken_is_said_with_the_command_that_was_called(command: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        port = probe.getsockname()[1]
        with pytest.raises(Unavailable, match=f"PORT={port + 1} {command}"):
            serve.free("127.0.0.1", port, command)


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
                asked.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                if asked.recv(100):
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_a_password_that_a_full_disk_left_empty_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "demo-password"
    path.touch()
    made = accounts.kept(path)
    assert len(made) >= SHORTEST_PASSWORD
    assert accounts.kept(path) == made
