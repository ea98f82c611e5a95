"""The documents name everything there is, and point at nothing that is not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from gis.settings import Settings
from layers.catalogue import CATALOGUE
from layers.files import FORMATS
from webapp.cli import wangge

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"]
READMES = DOCUMENTS[:2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def words(name: str) -> str:
    """A document's text with `a|b` written out, as tables show alternatives."""
    return read(name).replace("\\|", "|")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_there_and_begins_with_its_title(name: str) -> None:
    assert read(name).startswith("# ")
    assert len(read(name)) > 500


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def told(document: str, path: tuple[str, ...]) -> bool:
    """`wangge import areas|grids …` names both commands."""
    *above, last = path
    start = re.escape(" ".join(["wangge", *above]))
    return bool(re.search(rf"{start} ([\w-]+\|)*{re.escape(last)}\b", words(document)))


@pytest.mark.parametrize("document", READMES)
def test_every_command_is_named(document: str) -> None:
    assert [path for path, _command in commands(wangge) if not told(document, path)] == []


def test_every_command_and_option_says_what_it_does() -> None:
    for path, command in commands(wangge):
        assert command.help, f"{path} says nothing"
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name != "help":
                assert parameter.help, f"{path} {parameter.opts} says nothing"


@pytest.mark.parametrize("document", READMES)
def test_a_command_in_a_document_exists(document: str) -> None:
    known = {path[: n + 1] for path, _command in commands(wangge) for n in range(len(path))}
    for line in re.findall(r"wangge ((?:[a-z][a-z|-]*)(?: [a-z][a-z|-]*)?)", words(document)):
        first, _space, second = line.partition(" ")
        assert any((each,) in known for each in first.split("|")), f"wangge {line}"
        if isinstance(wangge.get_command(click.Context(wangge), first), click.Group) and second:
            assert all((first, each) in known for each in second.split("|")), f"wangge {line}"


@pytest.mark.parametrize("document", READMES)
def test_an_option_in_a_document_exists(document: str) -> None:
    known = {option for _path, command in commands(wangge) for each in command.params for option in each.opts} | {
        "--help"
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", words(document))) - known == set()


@pytest.mark.parametrize("document", READMES)
def test_every_setting_is_named_and_every_named_one_exists(document: str) -> None:
    variables = {each.metadata["env"] for each in fields(Settings) if each.metadata}
    text = read(document)
    assert {name for name in variables if f"`{name}`" not in text} == set()
    table = re.findall(r"^\| (`[A-Z_`, 、]+`) \|", text, re.M)
    named = {name for row in table for name in re.findall(r"[A-Z][A-Z_]+", row)}
    assert named - variables == set()


@pytest.mark.parametrize("document", READMES)
@pytest.mark.parametrize("name", [*(layer.name for layer in CATALOGUE), *FORMATS])
def test_every_layer_and_format_is_named(document: str, name: str) -> None:
    assert f"`{name}`" in read(document)


@pytest.mark.parametrize("document", READMES)
def test_every_target_of_make_is_named_and_every_named_one_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", read("Makefile"), re.M))
    assert {"demo", "test", "bench"} <= targets
    named = set(re.findall(r"make ([a-z]+)", re.sub(r"bare .*? and make,", "", read(document))))
    assert targets - named == set()
    assert set(re.findall(r"`make ([a-z]+)`", read(document))) - targets == set()


def links() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for target in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", read(document)):
            yield document, target


@pytest.mark.parametrize(("document", "target"), list(links()))
def test_a_link_leads_somewhere(document: str, target: str) -> None:
    if target.startswith(("https://", "mailto:")):
        return
    path, _hash, anchor = target.partition("#")
    assert not path or (ROOT / path).exists(), f"{document} links {path}"
    if anchor:
        headings = re.findall(r"^#+ (.+)$", read(path or document), re.M)
        slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in slugs, f"{document} links #{anchor}"


def test_both_readmes_show_the_same_pictures_and_tables() -> None:
    english, chinese = (read(name) for name in READMES)
    for pattern in (r"!\[[^\]]*\]\(([^)]+)\)", r"^```sh$"):
        assert re.findall(pattern, english, re.M) == re.findall(pattern, chinese, re.M)
    assert len(re.findall(r"^## ", english, re.M)) == len(re.findall(r"^## ", chinese, re.M))
    assert rows(re.sub(r"<!-- bench -->.*?<!-- /bench -->", "", english, flags=re.S)) == rows(chinese)


def rows(text: str) -> list[int]:
    """Return how many rows each table has."""
    return [table.count("\n") for table in re.findall(r"(?:^\|.*\n)+", text, re.M)]


def test_the_licence_is_the_same_everywhere() -> None:
    assert (ROOT / "LICENSE").exists()
    name = PROJECT["license"].split("-")[0]
    assert name in read("LICENSE") or {"AGPL": "AFFERO", "GPL": "GENERAL PUBLIC"}.get(name, name) in read("LICENSE")
    assert all(name in read(document) for document in READMES)


def test_the_version_is_in_the_changelog() -> None:
    assert re.search(rf"^## \[?({re.escape(PROJECT['version'])}|Unreleased)\]?", read("CHANGELOG.md"), re.M | re.I)


def test_the_contributors_guide_has_its_design_notes() -> None:
    notes = read("CONTRIBUTING.md").split("## Design notes")
    assert len(notes) == 2
    assert len(re.findall(r"^\*\*.+\?\*\*", notes[1], re.M)) >= 5, "a question, its answer, the reason"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_python_and_system_are_those_of_the_project(document: str) -> None:
    for version in re.findall(r"Python (3\.\d+)", read(document)):
        assert f">={version}" == PROJECT["requires-python"], f"{document} speaks of Python {version}"
