"""Fixtures of the pages: a village, and clients over one transaction that is rolled back."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.settings import Settings
from tests import fabrics
from tests.conftest import NOW, PASSWORD
from tests.webapp.desk import Desk
from webapp import create_app


@pytest.fixture
def desk(connection: Connection, session: Session, settings: Settings) -> Desk:
    app = create_app(settings, connection, now=lambda: NOW)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def enter(name: str) -> FlaskClient:
        client = app.test_client()
        assert client.post("/login", data={"name": name, "password": PASSWORD}).status_code == 302
        return client

    village = fabrics.qinghe(session)
    session.commit()
    return Desk(session, village, enter)
