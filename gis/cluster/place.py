"""Where a cluster lies, and as whom it runs: root starts no PostgreSQL, and its user must be able to get there."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Unavailable
from gis.words import N_

PORT = 5432
LONGEST = 100
"""Bytes that a socket's whole path may have, a little under what every system allows."""

STAND_INS = ("postgres", "nobody")
"""Whom root lets run the server, the first that exists."""


@dataclass(frozen=True)
class Place:
    """A cluster's folder and the user that runs it."""

    folder: Path
    user: pwd.struct_passwd

    @property
    def data(self) -> Path:
        """The data directory; it exists only once it is whole."""
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        """The folder of the socket."""
        return self.folder / "socket"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "log"

    @property
    def version(self) -> int | None:
        """The major version that made the data, None when there are none yet."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def run(
        self, *command: str | Path, given: str | None = None, timeout: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the cluster's user, without the caller's PG variables; its output is captured."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        other = self.user.pw_uid != os.geteuid()
        return subprocess.run(
            [str(word) for word in command],
            cwd="/",
            env={**kept, "HOME": self.user.pw_dir, "LC_ALL": "C"},
            input=given or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            user=self.user.pw_uid if other else None,
            group=self.user.pw_gid if other else None,
            extra_groups=[] if other else None,
        )

    def write(self, file: Path, text: str) -> None:
        """Write a file as the cluster's user, so that root follows no link that this user may have laid."""
        written = self.run("sh", "-c", 'umask 077; cat >"$1"', "sh", file, given=text)
        if written.returncode != 0:
            raise Unavailable(N_("%(file)s cannot be written: %(reason)s"), file=file, reason=written.stdout.strip())


def folder_name(name: str) -> str:
    """Return what a cluster's folder is called: `cluster`, or `test-cluster` for the one named `test`."""
    return f"{name}-cluster" if name else "cluster"


def _runner() -> pwd.struct_passwd:
    """Return the user that is to run a new server: oneself, or for root somebody who is not root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in STAND_INS:
        if name in known:
            return known[name]
    raise Unavailable(
        N_("PostgreSQL does not run as root; this makes the user that it needs: %(command)s"),
        command="useradd --system postgres",
    )


def _candidates(root: Path, var: Path, name: str) -> Iterator[Path]:
    """Yield the folders that come into question: the checkout's own, then one outside of it named after its path."""
    yield var / folder_name(name)
    key = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    if os.geteuid() == 0:
        yield Path("/var/lib/wangge", key, folder_name(name))
    else:
        state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        yield Path(state, "wangge", key, folder_name(name))


def _pointer(var: Path, name: str) -> Path:
    """Return the file that says where the cluster is when it is not in the checkout."""
    return var / f"{folder_name(name)}.place"


def existing(root: Path, var: Path, name: str) -> Place | None:
    """Return the place of the cluster that was made before, None when there is none."""
    try:
        made_for, folder = _pointer(var, name).read_text().splitlines()
    except (FileNotFoundError, ValueError):
        made_for, folder = "", ""
    told = [Path(folder)] if made_for == str(root) else []  # a copied checkout has a copied pointer
    for candidate in [*told, *_candidates(root, var, name)]:
        if os.access(candidate, os.F_OK) and _has_data(candidate):
            return Place(candidate, _keeper(candidate))
    return None


def _has_data(folder: Path) -> bool:
    """Tell whether a folder holds a cluster; one that this user may not enter is another user's."""
    try:
        (folder / "data" / "PG_VERSION").stat()
    except FileNotFoundError:
        return False
    except PermissionError:
        raise _not_ours(folder) from None
    return True


def _not_ours(folder: Path) -> Unavailable:
    message = N_(
        "The database in %(folder)s belongs to another user of this machine; "
        "run the command as that user or as root, or move the folder away to begin anew."
    )
    return Unavailable(message, folder=folder)


def _keeper(folder: Path) -> pwd.struct_passwd:
    """Return the user that runs a cluster made before: its owner; what root copied is given to root's stand-in."""
    owner = (folder / "data").stat().st_uid
    if owner == 0:
        keeper = _runner()
        for parent, _folders, files in os.walk(folder):
            for each in (parent, *(os.path.join(parent, file) for file in files)):  # noqa: PTH118
                os.chown(each, keeper.pw_uid, keeper.pw_gid, follow_symlinks=False)
        return keeper
    if os.geteuid() not in (0, owner):
        raise _not_ours(folder)
    return pwd.getpwuid(owner)


def find(root: Path, var: Path, name: str) -> Place:
    """Return the place of the cluster, made before or to be made now."""
    before = existing(root, var, name)
    if before is not None:
        _prepare(before)
        return before
    user = _runner()
    for candidate in _candidates(root, var, name):
        where = Place(candidate, user)
        if _fits(where):
            if candidate.parent != var:
                var.mkdir(mode=0o755, exist_ok=True)
                _pointer(var, name).write_text(f"{root}\n{candidate}\n")
            return where
    raise Unavailable(
        N_("There is no folder for the database that the user %(user)s can enter; set DATABASE_URL instead."),
        user=user.pw_name,
    )


def _fits(where: Place) -> bool:
    """Make the folder and tell whether the cluster's user can work there; leave nothing behind when not."""
    socket = where.socket / f".s.PGSQL.{PORT}"
    if len(os.fsencode(socket)) > LONGEST or "," in str(socket):  # libpq takes a comma for the next host
        return False
    new = not where.folder.exists()
    try:
        _prepare(where)
        if where.run("test", "-w", where.socket).returncode == 0 and where.folder.stat().st_mode & 0o777 == 0o700:
            return True
    except OSError:
        pass
    if new:
        shutil.rmtree(where.folder, ignore_errors=True)
    return False


def _prepare(where: Place) -> None:
    """Make the cluster's folder and its socket's, closed to everybody but the cluster's user and root."""
    where.folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    where.folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(where.folder, where.user.pw_uid, where.user.pw_gid)
    where.folder.chmod(0o700)
    where.run("mkdir", "-p", "-m", "700", where.socket)
