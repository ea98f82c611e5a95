"""Make a fresh checkout ready: PostGIS, `.venv`, front-end packages; run by make as `python3 -I gis/bootstrap.py`.

Standard library only, and no newer syntax than Python 3.7 reads, because it runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gis import machine  # noqa: E402  (the root is on the path only now)

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = ROOT / "var"
LOG = VAR / "bootstrap.log"
STATIC = ROOT / "static"
FLOOR = (3, 11)
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Stop(Exception):
    """The set-up cannot go on; the message is the one sentence to show."""


def say(line: str) -> None:
    """Print one line at once, also into a pipe."""
    print(line, flush=True)


def run(title: str, command: list[str], **environ: str) -> bool:
    """Run a command with its output in the log, show how long it takes, and return whether it worked."""
    began, shown = time.monotonic(), 0
    with LOG.open("ab") as log:
        log.write(f"\n== {title}\n".encode())
        log.flush()
        process = subprocess.Popen(
            command,
            cwd=str(ROOT),
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        say(f"{title} …") if not sys.stdout.isatty() else None
        while process.poll() is None:
            time.sleep(0.1)
            shown = _show(title, time.monotonic() - began, shown)
    seconds = time.monotonic() - began
    clear = "\r\033[K" if sys.stdout.isatty() else ""
    outcome = "done" if process.returncode == 0 else "failed"
    if clear or seconds > 2:
        say(f"{clear}{title}: {outcome} in {seconds:.0f} s")
    return process.returncode == 0


def _show(title: str, seconds: float, shown: int) -> int:
    """Show a step's age: a spinner on a terminal, else a plain line every ten seconds; return the last line's age."""
    if sys.stdout.isatty():
        mark = SPINNER[int(seconds * 10) % len(SPINNER)]
        print(f"\r\033[K{mark} {title} {seconds:.0f} s", end="", flush=True)
    elif seconds >= shown + 10:
        say(f"{title} … {seconds:.0f} s")
        return int(seconds)
    return shown


def digest(*files: Path) -> str:
    """Return one fingerprint of the files' contents."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def is_current(stamp: Path, fingerprint: str) -> bool:
    """Tell whether the stamp was written for the same fingerprint."""
    return stamp.exists() and stamp.read_text() == fingerprint


def newer_python() -> str | None:
    """Return the newest Python here that is new enough, None when there is none."""
    names = (f"python3.{minor}" for minor in range(14, FLOOR[1] - 1, -1))
    return next(filter(None, map(shutil.which, names)), None)


def right_python(arguments: list[str]) -> None:
    """Go on under a Python that is new enough, when this one is not; the distribution may have a second one."""
    if sys.version_info >= FLOOR:
        return
    if newer_python() is None:
        apt("Python 3.11", *machine.PACKAGES["Python 3.11"]["apt-get"].split())
    newer = newer_python()
    if newer:
        os.execv(newer, [newer, "-I", __file__, *arguments])
    here = ".".join(map(str, sys.version_info[:2]))
    raise Stop(f"Python 3.11 or newer is needed and this is {here}; this mends it: {machine.mend('Python 3.11')}")


def as_root() -> list[str] | None:
    """Return the words before a command that make it run as root, None when this user may not."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return ["sudo", "-n"]
    if sys.stdin.isatty():
        say("Packages of the distribution are missing; sudo asks for your password to install them.")
        return ["sudo", "-n"] if subprocess.run(["sudo", "-v"], check=False).returncode == 0 else None
    return None


def apt(title: str, *packages: str) -> str:
    """Install packages of the distribution, with fresh lists when the ones here do not do; return why it failed."""
    if machine.manager() != "apt-get":
        return "is not installed by itself on this system"
    words = as_root()
    if words is None:
        return "only root may install it"
    words += ["env", "DEBIAN_FRONTEND=noninteractive"]
    if machine.is_interrupted():
        run("What an installation left half done", [*words, "dpkg", "--force-confold", "--configure", "-a"])
    quiet = [*words, "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    install = [*quiet, "install", "-y", "--no-install-recommends", *packages]
    if machine.has_lists() and run(title, install):
        return ""
    run("The distribution's package lists", [*quiet, "-o", "APT::Update::Error-Mode=any", "update"])
    return "" if run(title, install) else f"it could not be installed now ({LOG} says why)"


def system(needs: list[str]) -> None:
    """Install what the distribution has to give, each need by itself, as one may be missing where another is not."""
    for need in needs:
        if machine.has(need):
            continue
        why = apt(need, *machine.PACKAGES[need]["apt-get"].split())
        if not machine.has(need):
            raise Stop(f"{need} is missing and {why or 'is not in its package'}; this mends it: {machine.mend(need)}")


def browser() -> None:
    """Install the browser of the tests: the distribution's, or Playwright's where the distribution's is a snap."""
    if machine.chromium():
        return
    if not machine.is_ubuntu():
        why = apt("Chromium", machine.PACKAGES["Chromium"]["apt-get"])
    else:
        words, own = as_root(), str(VENV / "bin" / "playwright")
        if words is not None:
            run("Chromium's libraries", [*words, own, "install-deps", "chromium"])
        run("Chromium", [own, "install", "chromium"])
        why = f"it could not be installed now ({LOG} says why)"
    if not machine.chromium():
        raise Stop(
            f"The browser tests need a Chromium or Chrome that is not a snap, and {why}; "
            f"this mends it: {machine.mend('Chromium')}, or CHROMIUM=<its path>"
        )


def venv_works() -> bool:
    """Tell whether `.venv` is whole, was made at this very place and is new enough."""
    pip = VENV / "bin" / "pip"
    if not PYTHON.exists() or not pip.exists() or str(VENV).encode() not in pip.read_bytes()[:1000]:
        return False
    asked = f"import sys, pip; sys.exit(sys.version_info < {FLOOR})"
    return subprocess.run([str(PYTHON), "-c", asked], stderr=subprocess.DEVNULL, check=False).returncode == 0


def venv(arguments: list[str]) -> None:
    """Make `.venv` when it is missing, broken or was copied from elsewhere."""
    if venv_works():
        return
    right_python(arguments)
    package = f"python3.{sys.version_info[1]}-venv"
    why = apt("Python's venv", package) if importlib.util.find_spec("ensurepip") is None else ""
    if why:
        command = machine.install("apt-get", package)
        raise Stop(f"Python's venv, the package {package}, is missing and {why}; this mends it: {command}")
    if not run("Python environment", [sys.executable, "-m", "venv", "--clear", str(VENV)]):
        raise Stop(f"The Python environment could not be made, {LOG} says why; this mends it: rm -r {VENV}; make demo")


def pip(title: str, *words: str) -> None:
    """Install with pip into `.venv`; the machine's own configuration says where from."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", *words]
    if not run(title, command, PIP_USER="0"):
        raise Stop(f"{title} could not be installed, {LOG} says why; when its packages can be reached again: make demo")


def python_packages(lock: str, title: str) -> None:
    """Install the packages of a lock file, every file checked against its hash, unless they are there."""
    stamp, fingerprint = VENV / f"{lock}.installed", digest(ROOT / lock)
    if not is_current(stamp, fingerprint):
        pip(title, "--require-hashes", "--requirement", lock)
        stamp.write_text(fingerprint)


def project() -> None:
    """Put the project itself into `.venv`, as it lies here, with its `wangge` command."""
    stamp, fingerprint = VENV / "project.installed", digest(ROOT / "pyproject.toml")
    if not is_current(stamp, fingerprint) or not (VENV / "bin" / "wangge").exists():
        pip("Wangge itself", "--no-deps", "--no-build-isolation", "--editable", ".")
        stamp.write_text(fingerprint)


def translations() -> None:
    """Compile the interface's languages unless each compiled form is the whole one of its catalogue."""
    folder, stamp = ROOT / "webapp" / "translations", VENV / "translations.installed"
    written = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    both = [*written, *(po.with_suffix(".mo") for po in written)]
    if all(file.exists() for file in both) and is_current(stamp, digest(*both)):
        return
    if not run("Translations", [str(VENV / "bin" / "pybabel"), "compile", "--directory", str(folder)]):
        raise Stop(f"The translations could not be compiled; {LOG} says which line is wrong.")
    stamp.write_text(digest(*both))


def frontend() -> None:
    """Install the libraries that the pages use, with the machine's npm or else with Node from a Python package."""
    stamp = STATIC / "node_modules" / "installed"
    fingerprint = digest(STATIC / "package.json", STATIC / "package-lock.json")
    if is_current(stamp, fingerprint):
        return
    npm, environ = machine.npm(), {"npm_config_update_notifier": "false"}
    if npm is None:
        python_packages("requirements-node.lock", "Node")
        npm = [str(VENV / "bin" / "npm")]
        environ["PATH"] = f"{VENV / 'bin'}:{os.environ.get('PATH', '')}"
        for config in filter(os.path.exists, ("/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc")):
            environ.setdefault("npm_config_globalconfig", config)  # the machine's own, which this npm does not know
    if not os.access(os.path.expanduser("~"), os.W_OK):
        environ["npm_config_cache"] = str(VAR / "npm")
    if not run("Front-end packages", [*npm, "ci", "--prefix", str(STATIC), "--ignore-scripts"], **environ):
        raise Stop(
            f"Front-end packages could not be installed, {LOG} says why; when they can be reached again: make demo"
        )
    stamp.write_text(fingerprint)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one set-up of this checkout run at a time; the others wait for it."""
    VAR.mkdir(mode=0o755, exist_ok=True)
    with (VAR / "bootstrap.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up of this checkout is running; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(arguments: list[str]) -> None:
    """Do everything that is not done yet, in the order in which each step needs the others."""
    needs = [] if os.environ.get("DATABASE_URL") else ["PostGIS"]
    with_browser = bool({"--test", "--bench"} & set(arguments))
    if with_browser:
        needs += ["GDAL", "a Chinese font"]
    system(needs)
    venv(arguments)
    python_packages("requirements.lock", "Python packages")
    if with_browser:
        browser()
    if "--bench" in arguments:
        python_packages("requirements-bench.lock", "Python packages of the peers")
    project()
    frontend()
    translations()


def main(arguments: list[str]) -> int:
    """Prepare the checkout; whatever stands in the way is told in one sentence."""
    try:
        with alone():
            prepare(arguments)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"The set-up cannot go on: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
