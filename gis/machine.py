"""What this machine has: PostGIS, a browser, fonts, tools; standard library only, as it is asked before any install."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

POSTGRES = (
    ("/usr/lib/postgresql/*/bin", "/usr/share/postgresql/{version}"),
    ("/usr/pgsql-*/bin", "{bin}/../share"),
    ("/opt/homebrew/opt/postgresql@*/bin", "/opt/homebrew/share/postgresql@{version}"),
    ("/usr/local/opt/postgresql@*/bin", "/usr/local/share/postgresql@{version}"),
    ("/usr/bin", "/usr/share/pgsql"),
)
"""Where distributions keep a server's programs, and the share folder that goes with them."""

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")

PACKAGES = {
    "PostGIS": {"apt-get": "postgresql-postgis", "dnf": "postgis", "brew": "postgis"},
    "Chromium": {"apt-get": "chromium", "dnf": "chromium", "brew": "--cask chromium"},
    "a Chinese font": {
        "apt-get": "fonts-noto-cjk",
        "dnf": "google-noto-sans-cjk-fonts",
        "brew": "--cask font-noto-sans-cjk",
    },
    "GDAL": {"apt-get": "gdal-bin", "dnf": "gdal", "brew": "gdal"},
    "Python 3.11": {"apt-get": "python3.11 python3.11-venv", "dnf": "python3.11", "brew": "python@3.11"},
}
"""What is needed → its package for each package manager."""


def major_of(programs: Path) -> int:
    """Return the major version of the PostgreSQL whose programs lie in the folder, 0 when they do not answer."""
    try:
        told = subprocess.run([str(programs / "postgres"), "-V"], stdout=subprocess.PIPE, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(r"PostgreSQL\) (\d+)", told.decode())
    return int(version.group(1)) if version else 0


def postgis() -> dict[int, Path]:
    """Return each PostgreSQL here that has PostGIS, by major version, newest first: the folder of its programs."""
    found: dict[int, Path] = {}
    for pattern, share in POSTGRES:
        for programs in map(Path, glob.glob(pattern)):
            if not (programs / "initdb").exists():
                continue
            version = major_of(programs)
            control = Path(share.format(version=version, bin=programs), "extension", "postgis.control")
            if version and control.exists():
                found.setdefault(version, programs)
    return dict(sorted(found.items(), reverse=True))


def _is_stub(program: str) -> bool:
    """Tell whether a browser is only the door to a snap, which most servers and containers cannot run."""
    behind = os.path.realpath(program)
    if behind.startswith("/snap/") or behind == "/usr/bin/snap":
        return True
    with open(behind, "rb") as start:
        return b"/snap/bin/" in start.read(4000)


def chromium(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the browser for the tests: CHROMIUM's, else the first that is no snap's stub, else Playwright's."""
    chosen = environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    own = environ.get("PLAYWRIGHT_BROWSERS_PATH") or os.path.expanduser("~/.cache/ms-playwright")
    fetched = sorted(glob.glob(f"{glob.escape(own)}/chromium-*/chrome-linux*/chrome"), reverse=True)
    here = [program for program in map(shutil.which, (*BROWSERS, *fetched)) if program]
    return next((program for program in here if not _is_stub(program)), None)


def is_ubuntu(release: Path = Path("/etc/os-release")) -> bool:
    """Tell whether this is Ubuntu, whose own Chromium is a snap."""
    return release.exists() and re.search(r'^ID="?ubuntu"?$', release.read_text(), re.M) is not None


def has_chinese_font() -> bool:
    """Tell whether a font with Chinese characters is installed, without which pictures show boxes."""
    lister = shutil.which("fc-list")
    if lister:
        told = subprocess.run([lister, ":lang=zh", "family"], stdout=subprocess.PIPE, check=False)
        return bool(told.stdout.strip())
    return bool(glob.glob("/usr/share/fonts/**/*CJK*", recursive=True) or Path("/System/Library/Fonts").exists())


def has(need: str) -> bool:
    """Tell whether a need of PACKAGES is met here."""
    if need == "PostGIS":
        return bool(postgis())
    if need == "Chromium":
        return chromium() is not None
    if need == "GDAL":
        return shutil.which("ogrinfo") is not None
    return has_chinese_font()


def manager() -> str | None:
    """Return the package manager of this machine, None when it is none that we know."""
    return next((name for name in ("apt-get", "dnf", "brew") if shutil.which(name)), None)


def has_lists(lists: Path = Path("/var/lib/apt/lists")) -> bool:
    """Tell whether apt knows any package: a fresh container's has no lists and finds nothing."""
    return any(lists.glob("*Packages*"))


def is_interrupted(updates: Path = Path("/var/lib/dpkg/updates")) -> bool:
    """Tell whether an installation was cut off, which dpkg wants to end before any other."""
    return updates.exists() and any(updates.iterdir())


def mend(*needs: str) -> str:
    """Return the command that installs what is needed, for the package manager that is here."""
    chosen = manager() or "apt-get"
    if needs == ("Chromium",) and chosen == "apt-get" and is_ubuntu():
        return ".venv/bin/playwright install --with-deps chromium"
    return install(chosen, " ".join(PACKAGES[need][chosen] for need in needs))


def install(manager: str, names: str) -> str:
    """Return the command with which this user installs packages: as root, with sudo, or with root's password."""
    steps = [f"{manager} install {names}"]
    if manager == "brew":
        return steps[0]
    if manager == "apt-get" and not has_lists():
        steps.insert(0, "apt-get update")
    if os.geteuid() == 0:
        return " && ".join(steps)
    if shutil.which("sudo"):
        return " && ".join(f"sudo {step}" for step in steps)
    return f"su -c '{' && '.join(steps)}'"


def npm() -> list[str] | None:
    """Return the command of an npm that is new enough (10), None when there is none."""
    program = shutil.which("npm")
    if not program:
        return None
    try:
        told = subprocess.run([program, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
        return [program] if int(told.stdout.decode().split(".")[0]) >= 10 else None
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
