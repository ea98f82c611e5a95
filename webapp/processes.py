"""The web server's processes: a closed terminal ends the server, Ctrl-C ends it once, and which of them run."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

LOADED = b"webapp.wsgi:build("
"""What the command line of every process of a server holds."""

control_socket_disable = True
"""Nobody steers the server through a socket in the home folder, which all servers of a user would share."""


def running(root: Path) -> list[int]:
    """Return the numbers of the web servers of a checkout, without their workers; none where there is no /proc."""
    found: dict[int, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if LOADED in (process / "cmdline").read_bytes() and (process / "cwd").readlink() == root:
                found[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # another user's, or gone by now
            continue
    return sorted(number for number, parent in found.items() if parent not in found)


def when_ready(server: Any) -> None:
    """End the server at Ctrl-C and when its terminal is closed; what is being answered is answered first.

    For a closed terminal gunicorn would load it anew and keep the port. At Ctrl-C it would have each worker close its
    threads from within a signal, which waits for ever when it has just begun one. A second Ctrl-C waits no more.
    """

    def end(_number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, server.signal)
        server.signal(signal.SIGTERM, frame)

    for told in (signal.SIGHUP, signal.SIGINT):
        signal.signal(told, end)


def post_worker_init(_worker: Any) -> None:
    """Leave Ctrl-C to the server, which tells the workers: the terminal tells them too, and that would be twice."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
