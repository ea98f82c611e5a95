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

from gis.demo import accounts
from gis.users import SHORTEST_PASSWORD


def app(_environ, start_response):
    start_response("200 OK", [])
    return [b"here"]


@pytest.mark.parametrize("told", [signal.SIGHUP, signal.SIGINT], ids=["closed terminal", "Ctrl-C"])
def test_the_server_ends_soon_and_frees_its_port(told: signal.Signals) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["--bind", f"127.0.0.1:{port}", "--threads", "2", "--worker-class", "gthread", "--graceful-timeout", "5"]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:webapp.processes", *words]
    server = subprocess.Popen([*command, f"{__name__}:app"], stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        wait_for(port)
        began = time.monotonic()
        os.killpg(server.pid, told)
        _, said = server.communicate(timeout=20)
        assert time.monotonic() - began < 4.5
        assert "SIGKILL" not in said
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
    finally:
        server.kill()


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
