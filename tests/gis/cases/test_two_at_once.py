"""Two people act on one case over two real connections: the first is heard, the second is told, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gis.cases import CaseEvent, filing, register, steps, together
from gis.cases.changes import Given
from gis.cases.tables import STATUSES
from gis.database import admit, transaction
from gis.errors import Conflict
from gis.viewer import Viewer
from tests.conftest import NOW

Act = Callable[[Session, Viewer, str, int], Any]
WAIT_S = 20


def at_once(engine: Engine, viewers: dict[str, Viewer], number: str, acts: dict[str, Act]) -> dict[str, Any]:
    """Let each viewer look first, then all act at the same moment; returns what each got, a refusal or an answer."""
    together_now = Barrier(len(acts))

    def one(name: str) -> Any:
        with transaction(engine) as session:
            admit(session, viewers[name])
            revision = register.found(session, viewers[name], number).revision
            together_now.wait(WAIT_S)
            return acts[name](session, viewers[name], number, revision)

    def told(name: str) -> Any:
        try:
            return one(name)
        except Conflict as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return dict(zip(acts, pool.map(told, acts, timeout=WAIT_S), strict=True))


def log(engine: Engine, number: str) -> list[tuple[str | None, str, str]]:
    with Session(engine) as session:
        from gis.cases import Case

        found = select(CaseEvent.step, CaseEvent.to_status, CaseEvent.actor).join(Case, Case.id == CaseEvent.case_id)
        rows = session.execute(found.where(Case.case_no == number).order_by(CaseEvent.id))
        return [(row.step, row.to_status, row.actor) for row in rows]


def step(name: str, **given: Any) -> Act:
    def act(session: Session, viewer: Viewer, number: str, revision: int) -> int:
        return steps.act(session, viewer, number, name, revision, NOW + timedelta(minutes=5), Given(**given))

    return act


def test_the_second_is_told_what_the_first_did(case: tuple[str, dict[str, Viewer]], engine: Engine,
                                               app_engine: Engine) -> None:  # fmt: skip
    number, viewers = case
    acts = {"grid_worker": step("accept"), "dispatcher": step("reject", reason="不属于本镇")}
    got = at_once(app_engine, viewers, number, acts)
    refused = [name for name, answer in got.items() if isinstance(answer, Conflict)]
    assert len(refused) == 1, got
    (first,) = set(acts) - set(refused)
    assert got[first] == 2
    assert got[refused[0]].params["actor"] == first, "who was first, and what was done"
    entries = log(engine, number)
    assert len(entries) == 2, "no step is written twice, and none is lost"
    assert entries[1][2] == first


def test_a_whole_choice_is_refused_when_one_of_it_was_changed(case: tuple[str, dict[str, Viewer]], engine: Engine,
                                                              app_engine: Engine) -> None:  # fmt: skip
    number, viewers = case

    def urge(session: Session, viewer: Viewer, number: str, revision: int) -> list[str]:
        other = session.scalars(select(filing.facts.c.case_no).where(
            filing.facts.c.closed_at.is_(None), filing.facts.c.case_no != number, filing.facts.c.status != "suspended"
        ).limit(1)).one()  # fmt: skip
        chosen = {number: revision, other: register.found(session, viewer, other).revision}
        return together.act(session, viewer, "urge", chosen, NOW + timedelta(minutes=5), Given(reason="请尽快办理"))

    got = at_once(app_engine, viewers, number, {"grid_worker": step("accept"), "dispatcher": urge})
    entries = log(engine, number)
    if isinstance(got["dispatcher"], Conflict):
        assert number in got["dispatcher"].params["cases"]
        assert [entry[0] for entry in entries] == ["report", "accept"]
    else:
        assert isinstance(got["grid_worker"], Conflict), "then the worker came second"
        assert [entry[0] for entry in entries] == ["report", "urge"]
    with Session(engine) as session:
        urged = session.scalar(
            select(func.count()).where(CaseEvent.step == "urge", CaseEvent.at == NOW + timedelta(minutes=5))
        )
    assert urged == (0 if isinstance(got["dispatcher"], Conflict) else 2), "all of them or none"


def test_of_two_cases_that_shall_repeat_each_other_one_stays_open(case: tuple[str, dict[str, Viewer]], engine: Engine,
                                                                  app_engine: Engine) -> None:  # fmt: skip
    one, viewers = case
    dispatcher = viewers["dispatcher"]
    with transaction(app_engine) as session:
        admit(session, viewers["grid_worker"])
        first = register.found(session, viewers["grid_worker"], one)
        lon, lat = session.execute(select(func.st_x(first.point), func.st_y(first.point))).one()
        other = filing.report(
            session, viewers["grid_worker"], filing.Report("environment", "路口又有垃圾", lon, lat), NOW
        ).case_no
    both_have_looked = Barrier(2)

    def mark(number: str, parent: str) -> Any:
        try:
            with transaction(app_engine) as session:
                admit(session, dispatcher)
                revision = register.found(session, dispatcher, number).revision
                both_have_looked.wait(WAIT_S)
                return step("duplicate", parent=parent)(session, dispatcher, number, revision)
        except Conflict as refused:
            return refused

    with ThreadPoolExecutor(2) as pool:
        got = dict(zip((one, other), pool.map(mark, (one, other), (other, one), timeout=WAIT_S), strict=True))
    (second,) = [number for number, answer in got.items() if isinstance(answer, Conflict)]
    (gone,) = {one, other} - {second}
    if "step" in got[second].params:
        assert got[second].params["status"] == STATUSES["duplicate"], "told of the case that was to be repeated"
        assert got[second].params["actor"] == "dispatcher"
    else:
        assert got[second].params["number"] == gone
    assert [entry[1] for entry in log(engine, gone)] == ["reported", "duplicate"]
    assert [entry[1] for entry in log(engine, second)] == ["reported"], "somebody still works on it"
