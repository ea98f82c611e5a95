"""A counter where cases come in: the accounts of a town, each under the second lock, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.cases import Case, filing, register, steps
from gis.cases.changes import Given
from gis.database import admit
from gis.viewer import Viewer
from tests.conftest import DAY, NOW

WHO = ("grid_worker", "grid_leader", "village_manager", "dispatcher", "town_manager", "district_manager", "planner")


@dataclass
class Counter:
    """Reports and steps as requests make them."""

    session: Session
    viewers: dict[str, Viewer]
    now: datetime = NOW
    numbers: int = 0
    spot: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        code = self.viewers["grid_worker"].territory.codes[0]
        place = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre))
        lon, lat = self.session.execute(place.where(GridOutline.code == code, GridOutline.valid.contains(DAY))).one()
        self.spot = (lon, lat)

    def enter(self, name: str) -> Viewer:
        admit(self.session, self.viewers[name])
        return self.viewers[name]

    def report(self, who: str = "grid_worker", **given: Any) -> Case:
        lon, lat = given.pop("spot", self.spot)
        words = {"category": "environment", "title": "路口垃圾", "key": None, **given}
        return filing.report(self.session, self.enter(who), filing.Report(lon=lon, lat=lat, **words), self.now)

    def look(self, case_no: str, who: str = "dispatcher") -> Any:
        return register.found(self.session, self.enter(who), case_no)

    def act(self, case_no: str, step: str, who: str = "dispatcher", seen: int | None = None, **given: Any) -> int:
        viewer = self.enter(who)
        revision = register.found(self.session, viewer, case_no).revision if seen is None else seen
        self.now += timedelta(minutes=1)
        return steps.act(self.session, viewer, case_no, step, revision, self.now, Given(**given))

    def walk(self, case_no: str, *names: str) -> None:
        """Take steps one after the other, with what each needs, as those who may."""
        for name in names:
            who = "town_manager" if name in ("suspend", "refuse_pause", "resume", "extend") else "dispatcher"
            self.act(case_no, name, who, **NEEDED.get(name, {}))


NEEDED: dict[str, dict[str, Any]] = {
    name: {"reason": "不属于本部门"}
    for name in ("return", "fail", "suspend", "reject", "void", "ask_pause", "refuse_pause", "urge", "part")
} | {
    "pass": {"closure": "resolved", "level": "grid"}, "self_close": {"closure": "resolved"},
    "extend": {"reason": "等待材料", "amount": 2}, "assign": {"body": "镇街城市管理部门"},
}  # fmt: skip


def opened(session: Session, viewer_as: Callable[[str], Viewer]) -> Counter:
    """Return the counter; the owner looks all accounts up before anybody is admitted."""
    return Counter(session, {name: viewer_as(name) for name in WHO})
