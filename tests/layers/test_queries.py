"""How often a page asks the database: a number that does not grow with the district."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from tests.outputs import tile_of

GRID = "999901100001003"
MOST = {
    "/map": 10,
    "/map/figures?theme=coverage": 12,
    f"/map/card/{GRID}": 16,
    "/map/territory": 10,
    "/map/search?q=海棠": 18,
    "/exports": 6,
    "/layers/buildings.geojson?purpose=x": 12,
}
"""Address → the most statements it may take, transaction and log-in included."""


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def asked(engine: Engine, client: FlaskClient, path: str) -> list[str]:
    """Return the statements of the second request: the first one may prepare what is kept."""
    assert client.get(path).status_code in (200, 204)
    with counted(engine) as statements:
        assert client.get(path).status_code in (200, 204)
    return statements


@pytest.mark.parametrize("path", MOST)
def test_a_page_takes_few_statements(path: str, app_engine: Engine, client_as: Callable[[str], FlaskClient]) -> None:
    statements = asked(app_engine, client_as("town_manager"), path)
    assert len(statements) <= MOST[path], "\n".join(statement[:120] for statement in statements)


@pytest.mark.parametrize("path", ["/map", "/map/figures?theme=coverage", "/map/figures?theme=cases"])
def test_a_whole_town_takes_as_many_as_one_grid(
    path: str, app_engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    joint = "&" if "?" in path else "?"
    client = client_as("town_manager")
    town, grid = (len(asked(app_engine, client, f"{path}{joint}area={area}")) for area in ("999901100000", GRID))
    assert town == grid


@pytest.mark.parametrize("layer", ["grids", "buildings", "cases"])
def test_a_tile_takes_a_handful_however_much_it_holds(
    layer: str, app_engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    client = client_as("town_manager")
    numbers = set()
    for zoom in (14, 16):
        z, x, y = tile_of(120.86, 32.405, zoom)
        client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt?date=2026-11-17")
        with counted(app_engine) as statements:
            client.get(f"/tiles/{layer}/{z}/{x}/{y + 1}.mvt?date=2026-11-17")
        numbers.add(len(statements))
    assert max(numbers) <= 6


def test_a_tile_that_is_held_already_takes_even_less(
    app_engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    client = client_as("town_manager")
    z, x, y = tile_of(120.86, 32.405, 14)
    address = f"/tiles/grids/{z}/{x}/{y}.mvt"
    stamp = client.get(address).headers["ETag"]
    with counted(app_engine) as statements:
        assert client.get(address, headers={"If-None-Match": stamp}).status_code == 304
    assert len(statements) <= 3, statements
