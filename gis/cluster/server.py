"""The cluster's server: made, started and stopped, whatever state it was left in."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import psycopg2

from gis.cluster.place import PORT, Place
from gis.errors import Unavailable
from gis.words import N_

PATIENCE = 300.0
"""Seconds that a server may take to recover after a crash."""

COMMON = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": 60,
    "jit": "off",
    "random_page_cost": 1.1,
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "wal_level": "minimal",  # a table that is made and filled in one transaction writes no log
    "max_wal_senders": 0,
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "lc_messages": "C",
}
"""Server settings that every private cluster has."""

CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum_naptime": "5min"}
"""What a cluster for tests may do, whose data nobody misses."""


def make(where: Place, programs: Path, durable: bool) -> None:
    """Make the data directory, first under another name, so that a half-made one is never taken for whole."""
    for left in where.folder.glob("new-*"):
        shutil.rmtree(left)
    fresh = where.folder / f"new-{os.getpid()}"
    words = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
    made = where.run(programs / "initdb", *words, *([] if durable else ["--no-sync"]), "-D", fresh)
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Unavailable(N_("The database could not be made: %(reason)s"), reason=_reason(made.stdout))
    conf = fresh / "postgresql.conf"
    where.write(conf, conf.read_text() + "include = 'wangge.conf'\n")
    fresh.rename(where.data)


def _reason(output: str) -> str:
    """Return the line of a program's output that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["?"]
    return next((line for line in lines if "error:" in line or "FATAL:" in line), lines[-1])


def _configure(where: Place, durable: bool) -> None:
    """Write the cluster's settings, for this machine's memory and this place."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    sized = {
        "unix_socket_directories": f'"{where.socket}"',  # the inner quotes keep commas and blanks in the path
        "shared_buffers": f"{max(128, min(1024, memory // 4)) if durable else 256}MB",
        "effective_cache_size": f"{max(512, memory // 2)}MB",
    }
    shared = Path("/dev/shm")
    if shared.exists() and shutil.disk_usage(shared).total < 2**28:  # containers give 64 MB: parallel queries fail
        sized["dynamic_shared_memory_type"] = "mmap"
    every = {**COMMON, **sized, **({} if durable else CARELESS)}
    quoted = ((name, str(value).replace("\\", "\\\\").replace("'", "''")) for name, value in every.items())
    where.write(where.data / "wangge.conf", "".join(f"{name} = '{value}'\n" for name, value in quoted))


def state(where: Place) -> Literal["up", "busy", "down"]:
    """Tell whether the server answers, is on its way up or down, or is not there."""
    try:
        psycopg2.connect(
            host=str(where.socket), port=PORT, user="postgres", dbname="postgres", connect_timeout=5
        ).close()
    except psycopg2.OperationalError as error:
        said = str(error)
        if "the database system is" in said:
            return "busy"
        return "up" if "FATAL" in said else "down"
    return "up"


def _is_alive(where: Place) -> bool:
    """Tell whether the process that the data directory names is a server of these very data."""
    try:
        lines = (where.data / "postmaster.pid").read_text().splitlines()
        number, data = int(lines[0]), lines[1]
    except (OSError, ValueError, IndexError):
        return False
    if data != str(where.data):
        return False  # copied along with the data of another checkout
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    command = Path(f"/proc/{number}/cmdline")
    return not command.exists() or os.fsencode(where.data) in command.read_bytes()


def _sweep(where: Place) -> None:
    """Remove what a killed server left, which a process that now has its number would seem to own."""
    for left in (where.data / "postmaster.pid", where.socket / f".s.PGSQL.{PORT}.lock"):
        left.unlink(missing_ok=True)


def start(where: Place, programs: Path, durable: bool, say: Callable[[str], None]) -> None:
    """Start the server unless it runs, wait until it answers, and say so when that takes time."""
    began = told = time.monotonic()
    while (now := state(where)) != "up":
        waited = time.monotonic() - began
        if waited > PATIENCE:
            raise Unavailable(N_("The database did not start; %(log)s says why."), log=where.log)
        if time.monotonic() - told > 2:
            told = time.monotonic()
            say(f"Starting the database … {waited:.0f} s")
        if now == "down" and not _is_alive(where):
            _try(where, programs, durable)
        elif now == "down" and waited > 10:
            stop(where, programs)  # it runs, but somebody removed its socket
        else:
            time.sleep(0.1)


def _try(where: Place, programs: Path, durable: bool) -> None:
    """Start the server once; what is over in a moment is tried again by the caller, the rest raises."""
    _sweep(where)
    _configure(where, durable)
    said_before = where.log.stat().st_size if where.log.exists() else 0
    started = where.run(programs / "pg_ctl", "start", "-D", where.data, "-l", where.log, "-t", "2")
    if started.returncode == 0 or _is_alive(where) or "in time" in started.stdout:
        return  # a server that takes longer, because it recovers, is waited for by the caller, who says so
    with where.log.open(errors="replace") as log:
        log.seek(said_before)
        said = log.read()
    if "still in use" not in said:  # by the last children of a killed server, which go by themselves
        raise Unavailable(N_("The database did not start: %(reason)s (%(log)s)"), reason=_reason(said), log=where.log)
    time.sleep(0.5)


def stop(where: Place, programs: Path) -> bool:
    """Stop the server, cutting its connections, and tell whether it was running."""
    if not _is_alive(where):
        return False
    stopped = where.run(programs / "pg_ctl", "stop", "-D", where.data, "-m", "fast", "-t", "60")
    if stopped.returncode != 0:
        raise Unavailable(N_("The database did not stop: %(reason)s"), reason=_reason(stopped.stdout))
    return True
