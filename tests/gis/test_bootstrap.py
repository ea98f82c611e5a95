"""What runs before anything is installed: it must need nothing, and name no address."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gis import machine
from gis.settings import ROOT

FIRST = [ROOT / "gis" / name for name in ("bootstrap.py", "machine.py", "__init__.py")]
LOCKS = sorted(ROOT.glob("requirements*.lock"))


@pytest.mark.parametrize("file", FIRST, ids=lambda file: file.name)
def test_old_pythons_can_read_what_runs_first(file: Path) -> None:
    ast.parse(file.read_text(), feature_version=(3, 7))


@pytest.mark.parametrize("file", FIRST, ids=lambda file: file.name)
def test_what_runs_first_needs_the_standard_library_alone(file: Path) -> None:
    named: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
    named = {name for name in named if name.split(".")[0] not in sys.stdlib_module_names}
    assert named <= {"gis.machine"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda file: file.name)
def test_a_lock_file_holds_a_hash_for_every_package_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    packages = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text
    assert "--index" not in text


def test_the_front_end_lock_holds_hashes_and_no_address() -> None:
    text = (ROOT / "static" / "package-lock.json").read_text()
    assert text.count('"integrity": "sha512-') == text.count('"node_modules/')
    assert "://" not in text


def test_a_second_set_up_has_nothing_to_do() -> None:
    command = [sys.executable, "-I", "gis/bootstrap.py"]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=True)
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    assert (again.stdout, again.stderr) == ("", "")


def test_what_mends_is_a_command_of_this_machines_package_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    for manager, command in {
        "apt-get": "sudo apt-get install postgresql-postgis gdal-bin",
        "dnf": "sudo dnf install postgis gdal",
        "brew": "brew install postgis gdal",
        None: "sudo apt-get install postgresql-postgis gdal-bin",
    }.items():
        monkeypatch.setattr(machine, "manager", lambda found=manager: found)
        assert machine.mend("PostGIS", "GDAL") == command


def test_a_snap_stub_is_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = tmp_path / "chromium-browser"
    stub.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.chromium({}) is None
    (tmp_path / "google-chrome").write_text("#!/bin/sh\n")
    (tmp_path / "google-chrome").chmod(0o755)
    assert machine.chromium({}) == str(tmp_path / "google-chrome")
    assert machine.chromium({"CHROMIUM": str(stub)}) == str(stub)
