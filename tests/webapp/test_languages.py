"""Both languages are complete: every message has its Chinese, no page mixes them, no script brings its own words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from gis.viewer import ROLES
from layers.catalogue import CATALOGUE
from webapp.cases.words import WORDS as REPORT
from webapp.language import ngettext
from webapp.map_words import WORDS
from webapp.small_map import WORDS as SMALL_MAP

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = ROOT / "webapp" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
CHINESE = re.compile("[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
SAME = re.compile(
    r"[\W\d_]*((EPSG|CGCS2000|GeoJSON|RFC|CSV|WKT|GeoPackage|A[34]|km|m²|m|Enter|Esc|English|zip)[\W\d_]*)*"
)
"""What is written alike in both languages."""
PAGES = {"/login": "town_manager", "/exports": "town_manager", "/password": "town_manager", "/audit": "auditor",
         "/audit/exports": "auditor", "/users": "sys_admin", "/no/such/page": "town_manager"}  # fmt: skip
MADE_UP = "合成数据 SYNTHETIC DATA"


@cache
def extracted() -> frozenset[str]:
    """Every message id in the code and the templates."""
    found: set[str] = set()
    for ring in ("gis", "layers", "webapp"):
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / ring, METHODS, keywords=KEYWORDS):
            found.add(message[0] if isinstance(message, tuple) else message)
    return frozenset(found)


@cache
def catalogue() -> Catalog:
    with MESSAGES.open("rb") as file:
        return read_po(file, locale="zh")


def translation(message: str) -> str:
    found = catalogue().get(message)
    string = found.string if found else ""
    return string[0] if isinstance(string, tuple) else str(string)


def test_the_messages_are_found() -> None:
    assert len(extracted()) > 300
    assert {"Map", "Grids", "The name or the password is wrong."} <= extracted()


def test_every_message_has_its_chinese() -> None:
    assert sorted(message for message in extracted() if not translation(message)) == []


def test_nothing_is_left_over_or_uncertain() -> None:
    ids = {m.id[0] if isinstance(m.id, tuple) else m.id for m in catalogue() if m.id}
    assert sorted(ids - extracted()) == []
    assert [message.id for message in catalogue() if message.fuzzy and message.id] == []


def test_a_translation_keeps_its_placeholders() -> None:
    wrong = [
        message
        for message in extracted()
        if (text := translation(message)) and set(PLACEHOLDER.findall(message)) != set(PLACEHOLDER.findall(text))
    ]
    assert wrong == []


def test_a_translation_is_chinese() -> None:
    def bare(message: str) -> str:
        return PLACEHOLDER.sub("", message)

    worded = [m for m in extracted() if re.search("[A-Za-z]{3}", bare(translation(m))) and not SAME.fullmatch(bare(m))]
    assert [m for m in worded if not CHINESE.search(translation(m))] == []
    untouched = [m for m in extracted() if m == translation(m) and re.search("[a-z]{4,}", m) and not SAME.fullmatch(m)]
    assert untouched == []


def test_message_ids_are_english() -> None:
    assert [message for message in extracted() if CHINESE.search(message) and "审图号" not in message] == []


class Words(HTMLParser):
    """The words of a page that a reader sees or hears."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in ("meta", "link", "input", "img", "br", "path", "use", "circle", "hr"):
            told = tag == "html" or (
                given.get("lang") is None and "code" not in (tag, *(given.get("class") or "").split())
            )
            self.inside.append("" if told else "skip")
        self.found += [given[name] or "" for name in ("aria-label", "title", "placeholder", "alt") if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        if self.inside:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.inside):
            self.found.append(data)


@pytest.mark.parametrize("path", PAGES)
def test_an_english_page_has_no_chinese(path: str, client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as(PAGES[path])
    client.post("/language/en")
    words = " ".join(Words(client.get(path).text).found).replace(MADE_UP, "")
    assert CHINESE.findall(words) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_chinese_page_shows_no_english_message(path: str, client_as: Callable[[str], FlaskClient]) -> None:
    shown = {word.strip() for word in Words(client_as(PAGES[path]).get(path).text).found}
    english = {m for m in extracted() if translation(m) and translation(m) != m and re.search("[A-Za-z]{3,}", m)}
    data = {*ROLES, *(layer.name for layer in CATALOGUE)}
    assert sorted((shown & english) - data) == [], "names of accounts and layers are data"


def config(client: FlaskClient, address: str) -> dict:
    found = re.search(
        r'<script type="application/json" id="map-config"[^>]*>(.*?)</script>', client.get(address).text, re.S
    )
    assert found is not None
    return json.loads(found.group(1))


def texts(part: object, name: str = "") -> list[str]:
    """Every text of the map's configuration that is shown."""
    if isinstance(part, dict):
        return [text for key, value in part.items() for text in texts(value, key)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value, name)]
    return (
        [part]
        if isinstance(part, str) and name in ("title", "label", "about", "unit", "numerator", "denominator")
        else []
    )


def test_the_map_is_told_everything_in_the_users_language(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("district_manager")
    chinese = config(client, "/map")
    mixed = [
        t for t in [*texts(chinese), *chinese["words"].values()] if re.search("[a-z]{4,}", t) and not CHINESE.search(t)
    ]
    assert [text for text in mixed if text != "name"] == []
    client.post("/language/en")
    english = config(client, "/map")
    assert [t for t in [*texts(english), *english["words"].values()] if CHINESE.search(t)] == []


def scripts() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "static" / "js").glob("*.js")}


def test_pages_bring_no_signs_of_their_own() -> None:
    """A full-width colon between two words is Chinese: it stands in the translation of a message."""
    pages = (ROOT / "webapp" / "templates").rglob("*.html")
    assert [page.name for page in pages if re.search("[：，；。！？（）]", page.read_text("utf-8"))] == []


def test_scripts_bring_no_words_of_their_own() -> None:
    spoken = {name: re.sub(r"/\*.*?\*/|//.*", "", text) for name, text in scripts().items()}
    assert [name for name, text in spoken.items() if CHINESE.search(text)] == []


def test_every_word_that_a_script_asks_for_is_there_and_used() -> None:
    code = "\n".join(scripts().values())
    asked = set(re.findall(r"""\bt\(\s*["']([a-z_]+)["']""", code))
    assert asked - set(WORDS) == set()
    made = set(re.findall(r"\bt\(\s*`([a-z_]+)\$\{", code))
    unused = {
        key for key in WORDS if f'"{key}"' not in code and f"'{key}'" not in code and not key.startswith(tuple(made))
    }
    assert unused == set()


def test_every_word_that_the_report_form_asks_for_is_there_and_used() -> None:
    folder = ROOT / "static" / "js"
    own = "\n".join((folder / name).read_text(encoding="utf-8") for name in
                    ("cases/report.js", "cases/kept.js", "forces/pin.js", "forces/outline.js", "smallmap.js",
                     "api.js", "notice.js"))  # fmt: skip
    calls = r"\bt\(\s*", r"\bdress\(map, config, ", r"\bbutton\(", r"\blabel: ", r"\blabel = "
    asked = {word for call in calls for word in re.findall(call + r"""["']([a-z_]+)["']""", own)}
    assert {**SMALL_MAP, **REPORT}.keys() == asked


def test_a_number_of_things_has_its_thousands_apart(app: Flask) -> None:
    told = "{{ ngettext('%(num)s person', '%(num)s persons', 31900) }}"
    with app.test_request_context():
        assert render_template_string(told) == "31,900 人"
        assert ngettext("%(num)s team", "%(num)s teams", 1200).startswith("1,200")
