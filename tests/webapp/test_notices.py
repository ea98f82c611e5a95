"""The notice board as a page: for everyone, on paper too."""

from __future__ import annotations

from dataclasses import replace

import segno
from flask import Flask
from sqlalchemy import Engine

from gis.settings import Settings
from tests.conftest import NOW
from webapp import create_app

CODE = "999901100001001"
PATH = f"/notice/{CODE}"


def test_the_anonymous_read_it_in_both_languages(app: Flask) -> None:
    client = app.test_client()
    page = client.get(PATH)
    assert page.status_code == 200
    assert "海棠苑社区第一网格" in page.text
    assert "监督电话" in page.text
    client.post("/language/en")
    assert "Supervision phone" in client.get(PATH).text


def test_the_code_on_the_wall_leads_back_to_the_page(app: Flask) -> None:
    here = f"http://grids.example{PATH}"
    page = app.test_client().get(PATH, base_url="http://grids.example")
    assert here in page.text
    path = segno.make(here, error="m").svg_inline(border=0, omitsize=True).split(' d="')[1].split('"')[0]
    assert path in page.text


def test_no_figure_and_no_way_into_the_house_is_on_it(app: Flask) -> None:
    page = app.test_client().get(PATH).text
    for word in ("/map", "/layers", "在办", "户数", "走访"):
        assert word not in page


def test_an_unknown_grid_is_said_to_be_unknown(app: Flask) -> None:
    for code in ("999901100001999", "999901100001", "x", "<script>"):
        answer = app.test_client().get(f"/notice/{code}")
        assert answer.status_code == 404
        assert "<script>" not in answer.text


def test_a_district_may_name_its_own_supervision_phone_and_map_number(settings: Settings, app_engine: Engine) -> None:
    given = replace(settings, supervision_phone="000-12345", map_approval_no="示S(2026)001号")
    page = create_app(given, app_engine, now=lambda: NOW).test_client().get(PATH).text
    assert "000-12345" in page
    assert "审图号：示S(2026)001号" in page
