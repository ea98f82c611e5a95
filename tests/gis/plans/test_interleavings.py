"""Two planners on two connections at one plan: no work is lost, whatever comes first; 1,000 rounds with SOAK=1."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from sqlalchemy import Engine, delete, select

from gis import users
from gis.database import admit, transaction
from gis.errors import Conflict
from gis.plans import store
from gis.plans.edits import Edit, Outcome, apply, undo
from gis.plans.tables import Plan, PlanEvent, PlanGrid
from gis.users import User
from gis.viewer import Viewer
from tests import fabrics
from tests.conftest import DAY, NOW
from tests.gis.plans.desk import second_planner, stored
from tests.rounds import rounds

STROKES = 3


@dataclass
class Room:
    """A stored village that two planners plan; it is gone after the test."""

    engine: Engine
    village: fabrics.Village
    viewers: list[Viewer]

    def plan(self) -> tuple[int, list[int]]:
        """Begin a plan, and return its number and those of its grids."""
        with transaction(self.engine) as session:
            admit(session, self.viewers[0])
            plan = store.create(session, self.viewers[0], self.village.code, "同画", NOW)
            found = select(PlanGrid.id).where(PlanGrid.plan_id == plan.id).order_by(PlanGrid.id)
            return plan.id, list(session.scalars(found))


@pytest.fixture
def room(engine: Engine, app_engine: Engine) -> Iterator[Room]:
    """Planners connect as the application does, under the second lock."""
    with transaction(engine) as session:
        grid = np.arange(24).reshape(4, 6) // 6
        village = fabrics.lay(session, grid, np.full(grid.shape, 10))
        number = session.scalars(select(User.id).where(User.name == "planner")).one()
        first = users.viewer_of(session, number, DAY)
        second = replace(first, user_id=second_planner(session), name="planner_b")
    yield Room(app_engine, village, [first, second])
    with transaction(engine) as session:
        fabrics.clear(session, village.code)
        session.execute(delete(User).where(User.id == second.user_id))


@dataclass
class Planner:
    """Draws strokes one after the other; after a conflict, sees what the other one did and leaves those cells alone."""

    room: Room
    viewer: Viewer
    plan_id: int
    grids: list[int]
    chance: random.Random
    seen: int = 1
    written: dict[str, tuple[int, dict[int, int]]] = field(default_factory=dict)
    conflicts: int = 0

    def work(self, start: threading.Barrier) -> None:
        start.wait()
        for number in range(STROKES):
            time.sleep(self.chance.random() * 0.003)
            cells = self.chance.sample(self.room.village.cells.ravel().tolist(), 6)
            strokes = {cell: self.chance.choice(self.grids) for cell in cells}
            self.stroke(f"{self.viewer.name}-{number}", strokes)

    def stroke(self, key: str, strokes: dict[int, int]) -> None:
        while strokes:
            try:
                made = self.send(key, strokes)
            except Conflict as clash:
                self.conflicts += 1
                strokes = {cell: grid for cell, grid in strokes.items() if cell not in clash.params["cells"]}
            else:
                self.written[key] = (self.seen, strokes)
                self.seen = made.revision
                return

    def send(self, key: str, strokes: dict[int, int]) -> Outcome:
        with transaction(self.room.engine) as session:
            admit(session, self.viewer)
            edit = Edit("paint", self.seen, key, list(strokes), list(strokes.values()))
            return apply(session, self.viewer, self.plan_id, edit, NOW)


def play(room: Room, chance: random.Random) -> list[Planner]:
    plan_id, grids = room.plan()
    both = [Planner(room, viewer, plan_id, grids, random.Random(chance.random())) for viewer in room.viewers]
    start = threading.Barrier(2, timeout=30)
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(planner.work, start) for planner in both]:
            done.result(timeout=60)
    return both


def judge(engine: Engine, both: list[Planner]) -> None:
    """Hold the log and the cells against what each planner was told."""
    plan_id, written = both[0].plan_id, {**both[0].written, **both[1].written}
    with transaction(engine) as session:
        found = select(PlanEvent).where(PlanEvent.plan_id == plan_id).order_by(PlanEvent.seq)
        begun, *events = session.scalars(found)
        state = stored(session, plan_id)
        revision = session.get_one(Plan, plan_id).revision
    cells = dict(zip(begun.payload["cells"], begun.payload["after"], strict=True))
    past = [dict(cells)]
    assert [event.seq for event in events] == list(range(2, revision + 1)), "no revision twice, none left out"
    for event in events:
        base, strokes = written[event.key or ""]
        assert all(past[-1][cell] in (past[base - 1][cell], grid) for cell, grid in strokes.items()), "written unseen"
        cells.update(strokes)
        changed = [cell for cell in strokes if cells[cell] != past[-1][cell]]
        assert sorted(event.payload["cells"]) == sorted(changed)
        assert event.payload["before"] == [past[-1][cell] for cell in event.payload["cells"]]
        past.append(dict(cells))
    assert state.cells == cells, "the plan is what was told to be written, in the order of the revisions"


def test_scenario_8_no_interleaving_of_two_planners_loses_an_update(room: Room, engine: Engine) -> None:
    chance = random.Random(7)
    conflicts = 0
    for _ in range(rounds(30, 1000)):
        both = play(room, chance)
        judge(engine, both)
        conflicts += sum(planner.conflicts for planner in both)
    assert conflicts > rounds(30, 1000) / 10, "the planners hardly met"


def test_a_stroke_that_is_sent_twice_at_once_is_written_once(room: Room, engine: Engine) -> None:
    plan_id, grids = room.plan()
    for number in range(10):
        edit = Edit(
            "split", number + 1, f"twice-{number}", room.village.of(1)[:2], [-1, -1], [{"id": -1, "name": "新"}]
        )

        def send(edit: Edit = edit) -> Outcome:
            with transaction(room.engine) as session:
                admit(session, room.viewers[0])
                return apply(session, room.viewers[0], plan_id, edit, NOW)

        with ThreadPoolExecutor(3) as threads:
            answers = [done.result() for done in [threads.submit(send) for _ in range(3)]]
        assert {answer.revision for answer in answers} == {number + 2}
        assert len({tuple(answer.numbers.items()) for answer in answers}) == 1
    with transaction(engine) as session:
        assert len(stored(session, plan_id).grids) == len(grids) + 10


def test_undo_waits_for_a_stroke_on_its_way_and_does_not_write_over_it(room: Room) -> None:
    plan_id, grids = room.plan()
    one, two = room.viewers
    cell = room.village.of(1)[0]
    with transaction(room.engine) as session:
        admit(session, one)
        apply(session, one, plan_id, Edit("paint", 1, "a", [cell], [grids[1]]), NOW)
    with ThreadPoolExecutor(1) as threads, transaction(room.engine) as session:
        admit(session, two)
        apply(session, two, plan_id, Edit("paint", 2, "b", [cell], [grids[2]]), NOW)

        def back() -> None:
            with transaction(room.engine) as other:
                admit(other, one)
                undo(other, one, plan_id, 2, "c", NOW)

        done = threads.submit(back)
        time.sleep(0.1)
        assert not done.done(), "it waits for the plan's lock"
        session.commit()
        with pytest.raises(Conflict, match="drawn over"):
            done.result(timeout=30)
