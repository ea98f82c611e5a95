"""What gunicorn is told of its processes: a closed terminal ends the server, and Ctrl-C ends it once."""

from __future__ import annotations

import signal
from typing import Any


def when_ready(server: Any) -> None:
    """End the server when its terminal is closed; gunicorn would load it anew and keep the port."""
    signal.signal(signal.SIGHUP, lambda _number, _frame: server.signal(signal.SIGTERM, _frame))


def post_worker_init(_worker: Any) -> None:
    """Leave Ctrl-C to the server, which tells the workers: the terminal tells them too, and that would be twice."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
