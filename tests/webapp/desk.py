"""清河社区 behind the application: a planner's requests, and what they came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import fabrics


@dataclass
class Desk:
    """清河社区 in a transaction that is rolled back, and clients logged in over it."""

    session: Session
    village: fabrics.Village
    enter: Callable[[str], FlaskClient]
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    keys: int = 0

    def client(self, name: str = "planner") -> FlaskClient:
        if name not in self.clients:
            self.clients[name] = self.enter(name)
        return self.clients[name]

    def plan(self, name: str = "春季调整") -> int:
        answer = self.client().post("/plans/", data={"area": self.village.code, "name": name})
        assert answer.status_code == 302, answer.text
        return int(answer.location.split("/")[2])

    def draft(self, plan: int) -> dict[str, Any]:
        found: dict[str, Any] = self.client().get(f"/drafts/{plan}?village={self.village.code}").get_json()
        return found

    def send(self, plan: int, verb: str = "edits", client: str = "planner", **given: Any) -> Any:
        self.keys += 1
        body = {"kind": "paint", "base": self.draft(plan)["revision"], "key": f"k{self.keys}", **given}
        return self.client(client).post(f"/drafts/{plan}/{verb}", json=body)


def sums(draft: dict[str, Any]) -> dict[int, int]:
    """Households per grid, as the browser adds them up."""
    found = {grid["id"]: 0 for grid in draft["grids"]}
    for grid, households in zip(draft["of"], draft["households"], strict=True):
        found[grid] = found.get(grid, 0) + households
    return found
