"""Fixtures of the pages: a village, and clients over one transaction that is rolled back."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.settings import Settings
from tests import fabrics
from tests.conftest import NOW, PASSWORD
from tests.webapp.desk import Desk, Enter, opened
from webapp import create_app


@pytest.fixture
def desk(connection: Connection, session: Session, settings: Settings) -> Desk:
    return opened(connection, session, settings, fabrics.qinghe(session))


@pytest.fixture
def enter(connection: Connection, session: Session, settings: Settings) -> Enter:
    app = create_app(settings, connection, now=lambda: NOW)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    clients: dict[str, FlaskClient] = {}

    def log_in(name: str) -> FlaskClient:
        if name not in clients:
            clients[name] = app.test_client()
            assert clients[name].post("/login", data={"name": name, "password": PASSWORD}).status_code == 302
        return clients[name]

    return log_in
