"""Random strokes of two planners, with undo and redo, against an oracle; 400 in the suite, 10,000 with SOAK=1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import checks
from gis.errors import Conflict, Invalid, Refused
from gis.plans import store
from gis.plans.draft import draft
from gis.plans.edits import Edit, apply, redo, undo
from gis.plans.tables import PlanCell, PlanEvent
from gis.viewer import Viewer
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans.desk import second_planner, stored
from tests.gis.plans.oracle import Hand, Oracle, Step
from tests.rounds import rounds

REFUSALS = (Conflict, Invalid, Refused)


class Game:
    """A small village, two planners, and what ought to have become of it."""

    def __init__(self, session: Session, viewers: dict[str, Viewer], plan_id: int, village: fabrics.Village) -> None:
        self.session, self.viewers, self.plan_id, self.seq = session, viewers, plan_id, 1
        begun = stored(session, plan_id)
        self.oracle = Oracle(begun.cells, begun.grids)
        self.tally: Counter[str] = Counter()

    def draw(self, who: str, given: dict[str, Any], steps: list[Step]) -> None:
        edit = Edit(base=self.seq, key=f"k{sum(self.tally.values())}", **given)
        known = self.oracle.grids
        free = [step for step in steps if step[1] != -1 and step[3] != -1]
        entering = [("cell", step[1], step[2], None) for step in steps if step[3] == -1]
        if not self.oracle.possible([*free, *entering]):
            self.refused(apply, who, edit)
            return
        made = apply(self.session, self.viewers[who], self.plan_id, edit, NOW)
        self.tally[given["kind"]] += 1
        if not steps:
            assert made.revision == self.seq
            return
        number = made.numbers.get(-1)
        if number is not None:
            known[number] = {**stored(self.session, self.plan_id).grids[number], "retired": True}
        named = [(what, number if which == -1 else which, before, number if after == -1 else after)
                 for what, which, before, after in steps]  # fmt: skip
        self.oracle.draw(who, named)
        self.seq += 1

    def turn(self, who: str, kind: str) -> None:
        verb = undo if kind == "undo" else redo
        steps = self.oracle.way(who, kind)
        if steps is None or not self.oracle.possible(steps):
            self.refused(verb, who, self.seq, f"k{sum(self.tally.values())}")
            return
        verb(self.session, self.viewers[who], self.plan_id, self.seq, f"k{sum(self.tally.values())}", NOW)
        self.tally[kind] += 1
        self.oracle.turn(who, kind, steps)
        self.seq += 1

    def refused(self, verb: Callable[..., Any], who: str, *given: Any) -> None:
        self.tally["refused"] += 1
        with pytest.raises(REFUSALS):
            verb(self.session, self.viewers[who], self.plan_id, *given, NOW)

    def agree(self) -> None:
        """The tables, the log and the oracle say the same, and the rules that a draft always keeps hold."""
        there = stored(self.session, self.plan_id)
        assert there.cells == self.oracle.cells
        assert there.locked == self.oracle.locked
        live = {number: fields for number, fields in self.oracle.grids.items() if not fields["retired"]}
        assert {number: fields for number, fields in there.grids.items() if not fields["retired"]} == live
        viewer = self.viewers["甲"]
        assert store.replay(self.session, viewer, self.plan_id) == there
        drawn = draft(self.session, viewer, self.plan_id)
        held = {finding.code for finding in checks.check(drawn)} & {"E2", "E4", "E5", "E6", "E11"}
        assert held == set(), "no gap is hidden, nothing lies twice or across a border, no building is cut"
        free = [cell for finding in checks.check(drawn) if finding.code == "E1" for cell in finding.cells]
        assert sorted(free) == sorted(cell for cell, grid in there.cells.items() if grid is None)
        rows = select(func.count()).where(PlanCell.plan_id == self.plan_id)
        assert self.session.scalar(rows) == len(drawn.of)


def test_random_strokes_keep_every_promise(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    grid = np.arange(48).reshape(6, 8) // 12
    village = fabrics.lay(session, grid, np.full(grid.shape, 10))
    viewer = viewer_as("planner")
    viewers = {"甲": viewer, "乙": replace(viewer, user_id=second_planner(session), name="乙")}
    plan = store.create(session, viewer, village.code, "乱画", NOW)
    game = Game(session, viewers, plan.id, village)
    rng = np.random.default_rng(20261118)
    strokes = rounds(400, 10_000)
    hand = Hand(game.oracle, rng)
    for number in range(strokes):
        who = ("甲", "乙")[rng.integers(2)]
        chance = rng.random()
        if chance < 0.25:
            game.turn(who, "undo")
        elif chance < 0.4:
            game.turn(who, "redo")
        else:
            game.draw(who, *hand.stroke())
        if number % max(strokes // 20, 1) == 0:
            game.agree()
    game.agree()
    events = session.scalar(select(func.count()).where(PlanEvent.plan_id == plan.id))
    assert events == game.seq == plan.revision
    played = ("paint", "split", "merge", "change", "lock", "unlock", "undo", "redo", "refused")
    assert min(game.tally[kind] for kind in played) > strokes // 200, game.tally
