"""Scripts and styles travel compressed, the same to the byte, and are asked again under the stamp they came with."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from flask import Flask

from gis.settings import Settings

STYLE = "/static/css/base.css"
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", [STYLE, "/static/js/map.js", "/static/node_modules/leaflet/dist/leaflet.js"])
def test_a_text_is_the_same_after_unpacking_and_much_smaller(path: str, app: Flask, settings: Settings) -> None:
    stored = (settings.root / path[1:]).read_bytes()
    with app.test_client().get(path, headers=GZIP) as packed, app.test_client().get(path) as plain:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == stored == plain.data
        assert len(packed.data) < 0.5 * len(stored)
        assert packed.mimetype == plain.mimetype
        assert "Content-Encoding" not in plain.headers
        for answer in (packed, plain):
            assert "Accept-Encoding" in answer.headers["Vary"]


def test_each_form_has_its_own_stamp_and_is_not_sent_twice(app: Flask) -> None:
    client, stamps = app.test_client(), []
    for headers in (GZIP, {}):
        with client.get(STYLE, headers=headers) as first:
            stamps.append(first.headers["ETag"])
        with client.get(STYLE, headers={**headers, "If-None-Match": stamps[-1]}) as again:
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == stamps[-1]
            assert "Accept-Encoding" in again.headers["Vary"]
    assert stamps[0] != stamps[1]
    with client.get(STYLE, headers={"If-None-Match": stamps[0]}) as other:
        assert other.status_code == 200, "who takes no gzip was told to keep what is gzip"


@pytest.mark.parametrize("accepted", ["gzip;q=0", "identity", "br"])
def test_who_does_not_take_it_gets_the_file_as_it_is(accepted: str, app: Flask) -> None:
    with app.test_client().get(STYLE, headers={"Accept-Encoding": accepted}) as answer:
        assert "Content-Encoding" not in answer.headers


def test_a_part_of_a_file_is_a_part_of_the_file(app: Flask, settings: Settings) -> None:
    with app.test_client().get(STYLE, headers={**GZIP, "Range": "bytes=0-9"}) as answer:
        assert answer.status_code == 206
        assert answer.data == (settings.root / STYLE[1:]).read_bytes()[:10]


def test_pages_are_not_compressed_and_hidden_files_stay_hidden(app: Flask) -> None:
    assert "Content-Encoding" not in app.test_client().get("/login", headers=GZIP).headers
    assert app.test_client().get("/static/package.json", headers=GZIP).status_code == 404


def test_a_changed_file_is_sent_anew(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    file = tmp_path / "x.css"
    for number in (1, 2):
        file.write_text(f"/* {number} */")
        os.utime(file, (number, number))
        with app.test_client().get("/static/x.css", headers=GZIP) as answer:
            assert gzip.decompress(answer.data) == f"/* {number} */".encode()
