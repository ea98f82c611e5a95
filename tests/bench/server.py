"""The product's own server over the district, and a client that costs the machine little."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from gis.settings import ROOT
from tests.bench.district import District

HOST = "127.0.0.1"
NAME = "bench"
"""Who asks; a session that another browser shows is written anew with each answer."""


@dataclass(frozen=True)
class Answer:
    """What came back for one address: status, body as sent, and the stamp of its version."""

    status: int
    body: bytes
    etag: str


class Client:
    """A connection that is kept open; it knows just enough HTTP to read an answer with a length or in chunks."""

    def __init__(self, port: int, headers: str = "") -> None:
        self.socket = socket.create_connection((HOST, port), 600)
        self.headers = headers
        self.kept = b""

    def send(self, path: str, more: str = "") -> None:
        """Ask for an address."""
        given = f"Host: {HOST}\r\nUser-Agent: {NAME}\r\n{self.headers}{more}"
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{given}\r\n".encode())

    def until(self, mark: bytes) -> bytes:
        """Read up to a mark and keep what comes after it."""
        while mark not in self.kept:
            block = self.socket.recv(1 << 18)
            if not block:
                raise ConnectionError("the server hung up")
            self.kept += block
        found, _, self.kept = self.kept.partition(mark)
        return found

    def exactly(self, size: int) -> bytes:
        """Read so many bytes."""
        parts, missing = [self.kept[:size]], size - len(self.kept)
        self.kept = self.kept[size:]
        while missing > 0:
            block = self.socket.recv(min(missing, 1 << 18))
            if not block:
                raise ConnectionError("the server hung up")
            parts.append(block)
            missing -= len(block)
        return b"".join(parts)

    def get(self, path: str, more: str = "") -> Answer:
        """Fetch an address."""
        self.send(path, more)
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        status = int(lines[0].split()[1])
        return Answer(status, b"".join(self.pieces(status, fields)), fields.get("etag", ""))

    def pieces(self, status: int, fields: dict[str, str]) -> Iterator[bytes]:
        """Yield the body."""
        if status in (204, 304):
            return
        if fields.get("transfer-encoding") != "chunked":
            yield self.exactly(int(fields["content-length"]))
            return
        while size := int(self.until(b"\r\n"), 16):
            yield self.exactly(size)
            self.exactly(2)
        self.exactly(2)

    def drained(self, path: str) -> tuple[int, int]:
        """Fetch an address and throw it away: return its bytes and its lines."""
        self.send(path)
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        size = breaks = 0
        for piece in self.pieces(int(lines[0].split()[1]), fields):
            size += len(piece)
            breaks += piece.count(b"\n")
        return size, breaks


@dataclass(frozen=True)
class Asking:
    """One client's share of the work."""

    port: int
    headers: str
    paths: tuple[str, ...]
    stamps: tuple[str, ...] = ()


def ask(share: Asking) -> tuple[float, int, int, set[int]]:
    """Fetch the paths one after the other; return seconds, answers, bytes of the bodies and the statuses met."""
    client = Client(share.port, share.headers)
    client.get("/healthz")
    began, size, met = time.perf_counter(), 0, set()
    for place, path in enumerate(share.paths):
        more = f"If-None-Match: {share.stamps[place]}\r\n" if share.stamps else ""
        answer = client.get(path, more)
        size += len(answer.body)
        met.add(answer.status)
    return time.perf_counter() - began, len(share.paths), size, met


class Crowd:
    """Clients in processes of their own, which fetch at the same time."""

    def __init__(self, clients: int = 2) -> None:
        self.clients = clients
        self.pool = ProcessPoolExecutor(clients)

    def fetch(
        self, port: int, headers: str, paths: Sequence[str], stamps: Sequence[str] = ()
    ) -> tuple[float, int, int, set[int]]:
        """Share the paths out and return the time of the slowest client, and the sums of answers and bytes."""
        n = self.clients
        shares = [Asking(port, headers, tuple(paths[i::n]), tuple(stamps[i::n])) for i in range(n)]
        done = list(self.pool.map(ask, shares))
        return (
            max(d[0] for d in done),
            sum(d[1] for d in done),
            sum(d[2] for d in done),
            set().union(*(d[3] for d in done)),
        )


@dataclass(frozen=True)
class Server:
    """A running server and its accounts."""

    port: int
    pid: int
    password: str

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def cookie(self, name: str) -> str:
        """Log an account in and return its session cookie as a header."""
        session = requests.Session()
        session.headers["User-Agent"] = NAME
        page = session.get(f"{self.address}/login").text
        token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        given = {"name": name, "password": self.password, "csrf_token": token}
        answer = session.post(f"{self.address}/login", data=given, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return f"Cookie: session={session.cookies['session']}\r\n"

    def workers(self) -> list[int]:
        """The processes that serve."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(each) for each in found]

    def peak(self) -> int:
        """The most memory that any worker has had, in bytes."""
        lines = (line for pid in self.workers() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return max(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@contextmanager
def serve(district: District) -> Iterator[Server]:
    """Run `wangge serve` over the district until the block ends."""
    port = free()
    where = {
        "DATABASE_URL": district.urls.owner,
        "APP_DATABASE_URL": district.urls.app,
        "HOST": HOST,
        "PORT": str(port),
    }
    environment = {**os.environ, **where}
    with running([str(Path(sys.executable).with_name("wangge")), "serve"], environment, port, "/healthz") as process:
        yield Server(port, process.pid, district.password)


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends, waiting first until it answers."""
    with (ROOT / "var" / "bench.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with {process.returncode}; var/bench.log says why")
            try:
                if requests.get(f"http://{HOST}:{port}{path}", timeout=20).ok:
                    break
            except requests.RequestException:
                time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def free() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
