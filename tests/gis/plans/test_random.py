"""Random strokes of two planners, with undo and redo, against an oracle; 400 in the suite, 10,000 with SOAK=1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import checks
from gis.areas import Area
from gis.errors import Conflict, Invalid, Refused
from gis.fabric.store import shapes
from gis.geometry import derive
from gis.plans import store
from gis.plans.draft import Draft, draft
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
        self.village = village
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
        self.told(drawn)
        rows = select(func.count()).where(PlanCell.plan_id == self.plan_id)
        assert self.session.scalar(rows) == len(drawn.of)

    def told(self, drawn: Draft) -> None:
        """A draft may be in pieces (E3) and have grids of no land (E8): the rules tell exactly those, and no others."""
        found = checks.check(drawn)
        torn = {each.grid: sorted(sorted(part) for part in each.parts) for each in found if each.code == "E3"}
        held = {number for number, fields in self.oracle.grids.items() if not fields["retired"]}
        parts = {number: pieces(self.village, self.oracle.cells, number) for number in held}
        assert torn == {number: own for number, own in parts.items() if len(own) > 1}
        assert {each.grid for each in found if each.code == "E8"} == {number for number in held if not parts[number]}

    def mended(self) -> None:
        """The remedies of the rules bring any draft to where it can be handed in: no gap, no grid in pieces or bare."""
        who, there = self.viewers["甲"], stored(self.session, self.plan_id)
        grids = [{"id": number, "locked": False} for number, fields in there.grids.items() if fields["locked"]]
        apply(self.session, who, self.plan_id, Edit("unlock", self.seq, "free", sorted(there.locked), [], grids), NOW)
        for _round in range(100):
            drawn = draft(self.session, who, self.plan_id)
            errors = [each for each in checks.check(drawn) if each.severity == "error"]
            if not errors:
                break
            self.edit(drawn, errors[0])
        assert errors == []
        self.tiled(drawn)

    def edit(self, drawn: Draft, wrong: checks.Finding) -> None:
        """Take the remedy of a finding; retire a grid without land, rename one whose name is there twice."""
        changes = {"E8": {"retired": True}, "E7": {"name": f"改{wrong.grid}"}}
        grids = [{"id": wrong.grid, **changes[wrong.code]}] if wrong.code in changes else []
        assert wrong.remedy or grids, (wrong.code, wrong.message)
        edit = Edit("paint" if wrong.remedy else "change", drawn.plan.revision, f"m{drawn.plan.revision}",
                    list(wrong.remedy), list(wrong.remedy.values()), grids)  # fmt: skip
        apply(self.session, self.viewers["甲"], self.plan_id, edit, NOW)

    def tiled(self, drawn: Draft) -> None:
        """The outlines are of one piece each, valid as a coverage, and are the village."""
        outlines = outlined(self.session, self.viewers["甲"], drawn)
        assert shapely.coverage_is_valid(outlines)
        assert {shapely.get_num_geometries(each) for each in outlines} == {1}
        area = self.session.scalars(select(Area).where(Area.code == self.village.code)).one()
        whole = shapely.from_wkb(bytes(area.outline.data))
        assert shapely.area(shapely.symmetric_difference(shapely.union_all(outlines), whole)) < 1e-15


def outlined(session: Session, viewer: Viewer, drawn: Draft) -> Any:
    """Return the outlines of the grids that are drawn."""
    _ids, cells = shapes(session, viewer, drawn.ground.villages)
    made = derive(cells, drawn.of, len(drawn.grids))
    return made[~shapely.is_missing(made)]


def pieces(village: fabrics.Village, of: dict[int, int | None], grid: int) -> list[list[int]]:
    """Return the connected parts of a grid by walking from square to square."""
    left = {at for at, cell in np.ndenumerate(village.cells) if of[int(cell)] == grid}
    found = []
    while left:
        part, edge = [], [left.pop()]
        while edge:
            row, column = edge.pop()
            part.append(int(village.cells[row, column]))
            beside = {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)} & left
            left -= beside
            edge += beside
        found.append(sorted(part))
    return sorted(found)


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
    game.mended()
