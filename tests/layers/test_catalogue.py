"""Every layer is declared whole: what it declares, its source has; what it needs, it names."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis.database import Base
from gis.viewer import ROLES, Viewer, system
from layers.catalogue import CATALOGUE
from layers.files import FORMATS
from layers.layer import Catalogue, Field, Layer, Style
from layers.query import Asked
from layers.themes import THEMES
from tests.conftest import DAY, NOW

LAYERS = {layer.name: layer for layer in CATALOGUE}
EXPECTED = {
    "areas", "grids", "gaps", "buildings", "households", "coverage", "organisations", "staffing", "cases", "volunteers",
    "service_points", "vacancies", "teams", "meetings", "projects", "honours",
}  # fmt: skip
PERMISSIONS = frozenset().union(*ROLES.values())
COLOUR = re.compile(r"#[0-9a-f]{6}|none")


def test_the_layers_are_those_that_outsiders_rely_on() -> None:
    assert set(LAYERS) == EXPECTED | {"barriers", "unvisited"}
    assert set(FORMATS) == {"geojson", "geojsonl", "gpkg", "csv"}


@pytest.mark.parametrize("name", LAYERS)
def test_a_source_has_what_the_layer_declares(name: str) -> None:
    layer = LAYERS[name]
    columns = {column.key for column in layer.source(Asked(DAY, NOW).scope(system(DAY))).subquery().c}
    assert {"id", "territory", "geom", "tile"} <= columns
    assert {f.name for f in layer.fields} <= columns
    if layer.geometry == "polygon" and layer.counts_below:
        assert "centre" in columns


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_names_tables_that_are_there_and_are_counted(name: str, session: Session) -> None:
    counted = set(
        session.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_revision'"))
    )
    assert LAYERS[name].tables
    assert set(LAYERS[name].tables) <= set(Base.metadata.tables)
    assert set(LAYERS[name].tables) <= counted, "a write to this table would not renew the tiles"


def tables_of(layer: Layer) -> set[str]:
    """The tables that a layer's query reads, as PostgreSQL would be told."""
    query = str(layer.source(Asked(DAY, NOW).scope(system(DAY))).compile())
    found = set(re.findall(r"(?:FROM|JOIN) ([a-z_]+)", query)) | set(re.findall(r", ([a-z_]+) AS ", query))
    return {"cases" if name == "case_facts" else name for name in found} & set(Base.metadata.tables)


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in ("grids", "coverage")])
def test_a_layer_names_every_table_that_its_rows_come_from(name: str) -> None:
    named_only = {"areas", "grids"}  # a renamed parent shows in a click at once; the shapes in the tiles stay the same
    assert tables_of(LAYERS[name]) - named_only <= set(LAYERS[name].tables)


@pytest.mark.parametrize("name", LAYERS)
def test_permissions_and_words_are_known(name: str) -> None:
    layer = LAYERS[name]
    assert layer.permission in PERMISSIONS
    assert layer.title
    assert layer.about.endswith(".")
    for f in layer.fields:
        assert f.permission is None or f.permission in PERMISSIONS
        assert re.fullmatch(r"[a-z][a-z0-9_]*", f.name)
        assert f.title
    if layer.permission == "map.view":
        assert not [f.name for f in layer.fields if f.free_text], "free words need a permission of their own"


@pytest.mark.parametrize("name", LAYERS)
def test_zooms_and_styles_make_sense(name: str) -> None:
    layer = LAYERS[name]
    assert 0 <= layer.minzoom <= layer.maxzoom <= 19
    assert layer.counts_below <= layer.maxzoom
    for each in layer.style.classes:
        assert COLOUR.fullmatch(each.fill), each
        assert each.label
    shown = [(each.fill, each.pattern, each.shape) for each in layer.style.classes]
    assert len(set(shown)) == len(shown), "two classes look the same"
    if layer.style.by is not None:
        assert layer.field(layer.style.by).in_tiles, "what decides the colour has to be in the tile"


@pytest.mark.parametrize("measure", [m for t in THEMES for m in t.measures], ids=lambda m: m.name)
def test_a_scale_is_told_by_more_than_its_colours(measure) -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    values = [(round(lightness(each.fill), 2), each.pattern) for each in measure.classes]
    for one, other in pairwise(values):
        assert abs(one[0] - other[0]) > 0.02 or one[1] != other[1], f"{one} and {other} look alike in grey"


def test_a_wrong_declaration_fails_at_once() -> None:
    grids = LAYERS["grids"]
    with pytest.raises(ValueError, match="twice"):
        replace(grids, fields=(*grids.fields, grids.fields[0]))
    with pytest.raises(ValueError, match="no field"):
        replace(grids, style=Style(by="colour"))
    with pytest.raises(ValueError, match="twice"):
        Catalogue((grids, grids))


def test_a_deployment_adds_a_layer_without_touching_ours() -> None:
    own = replace(LAYERS["gaps"], name="own", fields=(Field("kind", "Kind", in_tiles=True),))
    extended = CATALOGUE.extended_by(own)
    assert extended.get("own") is own
    assert "own" not in {layer.name for layer in CATALOGUE}


def test_a_role_sees_the_layers_of_its_permissions() -> None:
    def seen(role: str) -> set[str]:
        viewer: Viewer = replace(system(DAY), permissions=ROLES[role])
        return {layer.name for layer in CATALOGUE.seen_by(viewer)}

    every = set(LAYERS)
    assert seen("grid_leader") == seen("grid_worker") == seen("village_manager") == every
    assert seen("town_manager") == seen("dispatcher") == seen("district_manager") == every - {"households", "unvisited"}
    assert seen("planner") == every - {"households", "unvisited", "cases"}
    assert seen("auditor") == seen("sys_admin") == set()
