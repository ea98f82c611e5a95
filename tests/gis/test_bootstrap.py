"""What runs before anything is installed: it must need nothing, and name no address."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from gettext import GNUTranslations
from pathlib import Path

import pytest

from gis import bootstrap, machine
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


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A Debian whose lists are there, with a user who has sudo."""
    monkeypatch.setattr(machine, "manager", lambda: "apt-get")
    monkeypatch.setattr(machine, "is_ubuntu", lambda: False)
    monkeypatch.setattr(machine, "has_lists", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    return monkeypatch


def test_what_mends_is_a_command_of_this_machines_package_manager(debian: pytest.MonkeyPatch) -> None:
    for manager, command in {
        "apt-get": "sudo apt-get install postgresql-postgis gdal-bin",
        "dnf": "sudo dnf install postgis gdal",
        "brew": "brew install postgis gdal",
        None: "sudo apt-get install postgresql-postgis gdal-bin",
    }.items():
        debian.setattr(machine, "manager", lambda found=manager: found)
        assert machine.mend("PostGIS", "GDAL") == command


def test_what_mends_can_be_typed_by_this_very_user(debian: pytest.MonkeyPatch) -> None:
    debian.setattr(machine, "has_lists", lambda: False)
    assert machine.mend("GDAL") == "sudo apt-get update && sudo apt-get install gdal-bin"
    debian.setattr(shutil, "which", lambda _name: None)
    assert machine.mend("GDAL") == "su -c 'apt-get update && apt-get install gdal-bin'"
    debian.setattr(os, "geteuid", lambda: 0)
    assert machine.mend("GDAL") == "apt-get update && apt-get install gdal-bin"


@pytest.mark.parametrize("why", ["only root may install it", "it could not be installed now (log says why)"])
def test_a_need_that_cannot_be_met_is_one_sentence_with_its_command(debian: pytest.MonkeyPatch, why: str) -> None:
    debian.setattr(machine, "has", lambda _need: False)
    debian.setattr(bootstrap, "apt", lambda *_words: why)
    with pytest.raises(bootstrap.Stop) as stopped:
        bootstrap.system(["PostGIS"])
    assert str(stopped.value) == (
        f"PostGIS is missing and {why}; this mends it: sudo apt-get install postgresql-postgis"
    )


def test_a_user_without_rights_is_told_so(debian: pytest.MonkeyPatch) -> None:
    debian.setattr(bootstrap, "as_root", lambda: None)
    debian.setattr(bootstrap, "run", lambda *_words: pytest.fail("nothing is to be run"))
    assert bootstrap.apt("PostGIS", "postgresql-postgis") == "only root may install it"
    debian.setattr(machine, "manager", lambda: "brew")
    assert bootstrap.apt("PostGIS", "postgresql-postgis") == "is not installed by itself on this system"


def test_an_installation_that_was_cut_off_is_ended_first(debian: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not machine.is_interrupted(tmp_path)
    (tmp_path / "0000").touch()
    assert machine.is_interrupted(tmp_path)
    ran: list[str] = []
    debian.setattr(bootstrap, "as_root", lambda: ["sudo", "-n"])
    debian.setattr(machine, "is_interrupted", lambda: True)
    debian.setattr(bootstrap, "run", lambda _title, words: not ran.append(" ".join(words)))
    assert bootstrap.apt("GDAL", "gdal-bin") == ""
    assert ran[0] == "sudo -n env DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a"
    assert ran[1].endswith(" install -y --no-install-recommends gdal-bin")


def test_a_python_too_old_looks_for_a_second_one(debian: pytest.MonkeyPatch) -> None:
    here: list[str] = []
    debian.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    debian.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name in (*here, "sudo") else None)
    debian.setattr(bootstrap, "apt", lambda *_words: "only root may install it")
    with pytest.raises(bootstrap.Stop, match=r"this is 3\.10; this mends it: sudo apt-get install python3\.11 "):
        bootstrap.right_python([])
    debian.setattr(bootstrap, "apt", lambda _title, *packages: here.extend(packages) or "")
    gone_on: list[list[str]] = []
    debian.setattr(os, "execv", lambda _program, words: gone_on.append(words) or sys.exit())
    with pytest.raises(SystemExit):
        bootstrap.right_python(["--test"])
    assert gone_on == [["/usr/bin/python3.11", "-I", bootstrap.__file__, "--test"]]


def test_ubuntu_gets_the_browser_that_is_no_snap(debian: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    debian.setattr(machine, "is_ubuntu", lambda: True)
    debian.setattr(machine, "chromium", lambda: None)
    debian.setattr(bootstrap, "as_root", lambda: ["sudo", "-n"])
    debian.setattr(bootstrap, "run", lambda _title, words: ran.append(words))
    with pytest.raises(bootstrap.Stop, match=r"this mends it: \.venv/bin/playwright install --with-deps chromium, or"):
        bootstrap.browser()
    own = str(bootstrap.VENV / "bin" / "playwright")
    assert ran == [["sudo", "-n", own, "install-deps", "chromium"], [own, "install", "chromium"]]


def test_ubuntu_is_told_from_what_is_like_it(tmp_path: Path) -> None:
    release = tmp_path / "os-release"
    release.write_text('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n')
    assert not machine.is_ubuntu(release)
    release.write_text('NAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n')
    assert machine.is_ubuntu(release)


def test_a_half_written_catalogue_is_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    po = tmp_path / "webapp/translations/zh/LC_MESSAGES/messages.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Grid"\nmsgstr "网格"\n')
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/bin").symlink_to(Path(sys.executable).parent)
    for name, path in {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "LOG": tmp_path / "log"}.items():
        monkeypatch.setattr(bootstrap, name, path)
    bootstrap.translations()
    compiled = po.with_suffix(".mo")
    compiled.write_bytes(compiled.read_bytes()[:20])  # younger than its catalogue, as a power cut leaves it
    bootstrap.translations()
    with compiled.open("rb") as file:
        assert GNUTranslations(file).gettext("Grid") == "网格"
    monkeypatch.setattr(bootstrap, "run", lambda *_words: pytest.fail("there is nothing to do"))
    bootstrap.translations()


def test_a_snap_stub_is_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = tmp_path / "chromium-browser"
    stub.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    own = {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "fetched")}
    assert machine.chromium(own) is None
    fetched = tmp_path / "fetched/chromium-1200/chrome-linux64/chrome"
    fetched.parent.mkdir(parents=True)
    fetched.write_text("#!/bin/sh\n")
    fetched.chmod(0o755)
    assert machine.chromium(own) == str(fetched)
    (tmp_path / "google-chrome").write_text("#!/bin/sh\n")
    (tmp_path / "google-chrome").chmod(0o755)
    assert machine.chromium(own) == str(tmp_path / "google-chrome")
    assert machine.chromium({"CHROMIUM": str(stub)}) == str(stub)
