"""清河社区 behind the application: a planner's requests, and what they came to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.settings import Settings
from tests import fabrics
from tests.conftest import NOW, PASSWORD
from webapp import create_app

Enter = Callable[[str], FlaskClient]
"""Log in as a demo account, in a transaction that is rolled back."""


@dataclass
class Desk:
    """清河社区 in a transaction that is rolled back, and clients logged in over it."""

    session: Session
    village: fabrics.Village
    enter: Callable[[str], FlaskClient]
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    keys: int = 0
    now: datetime = NOW

    def client(self, name: str = "planner") -> FlaskClient:
        if name not in self.clients:
            self.clients[name] = self.enter(name)
        return self.clients[name]

    def tomorrow(self) -> None:
        """Let a night pass: everybody has to log in again."""
        self.now += timedelta(days=1)
        self.clients.clear()

    def plan(self, name: str = "春季调整") -> int:
        answer = self.client().post("/plans/", data={"area": self.village.code, "name": name})
        assert answer.status_code == 302, answer.text
        return int(answer.location.split("/")[2])

    def changed(self, name: str = "春季调整") -> int:
        """Begin a plan in which one grid has another name, the least that can be handed in."""
        plan = self.plan(name)
        first = self.draft(plan)["grids"][0]
        assert self.send(plan, kind="change", grids=[{"id": first["id"], "name": "清河新名"}]).status_code == 200
        return plan

    def draft(self, plan: int) -> dict[str, Any]:
        found: dict[str, Any] = self.client().get(f"/drafts/{plan}?village={self.village.code}").get_json()
        return found

    def send(self, plan: int, verb: str = "edits", client: str = "planner", **given: Any) -> Any:
        self.keys += 1
        body = {"kind": "paint", "base": self.draft(plan)["revision"], "key": f"k{self.keys}", **given}
        return self.client(client).post(f"/drafts/{plan}/{verb}", json=body)


def opened(connection: Connection, session: Session, settings: Settings, village: fabrics.Village) -> Desk:
    """Return a desk over a village of the session; its clock stands until a test moves it."""

    def enter(name: str) -> FlaskClient:
        client = app.test_client()
        assert client.post("/login", data={"name": name, "password": PASSWORD}).status_code == 302
        return client

    session.commit()
    desk = Desk(session, village, enter)
    app = create_app(settings, connection, now=lambda: desk.now)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return desk


def seen_on(page: str) -> str:
    """Return the mark of what a page showed, which its forms send along."""
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def sums(draft: dict[str, Any]) -> dict[int, int]:
    """Households per grid, as the browser adds them up."""
    found = {grid["id"]: 0 for grid in draft["grids"]}
    for grid, households in zip(draft["of"], draft["households"], strict=True):
        found[grid] = found.get(grid, 0) + households
    return found
