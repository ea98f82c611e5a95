"""A server that went and came back: connections that died meanwhile are replaced before anybody notices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from gis.cluster import ClusterUrls
from gis.database import connect
from gis.settings import Settings
from tests.conftest import NOW
from webapp import create_app

ADDRESSES = ["/healthz", "/map", "/map/figures", "/tiles/grids/14/13695/6578.mvt", "/layers/grids.csv?purpose=x"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_first_request_after_a_restart_is_answered(
    path: str, urls: ClusterUrls, settings: Settings, client_as: Callable[[str], FlaskClient], cookies: dict[str, str]
) -> None:
    client_as("town_manager")
    engine, owner = connect(urls.app, pool_size=4), connect(urls.superuser)
    app = create_app(settings, engine, now=lambda: NOW)
    try:
        client = app.test_client()
        client.set_cookie("session", cookies["town_manager"])
        held = [engine.raw_connection() for _ in range(3)]
        numbers = [each.driver_connection.info.backend_pid for each in held]  # type: ignore[union-attr]
        for each in held:
            each.close()
        before = client.get(path)
        assert before.status_code in (200, 204)
        before.get_data()
        with owner.connect() as connection:
            ended = connection.execute(
                text("SELECT pg_terminate_backend(pid, 5000) FROM unnest(:p) AS pid"), {"p": numbers}
            )
            assert all(ended.scalars())
        for _ in range(4):
            assert client.get(path).status_code == before.status_code
    finally:
        engine.dispose()
        owner.dispose()
