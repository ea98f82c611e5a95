"""The steps that a case can take, as data: from which states, to which, who may, and what has to be said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gis.cases.tables import STATUSES
from gis.errors import Conflict
from gis.words import N_, Word

ENDED = ("closed", "rejected", "duplicate", "voided")
OPEN = tuple(status for status in STATUSES if status not in ENDED)
RUNNING = tuple(status for status in OPEN if status != "suspended")
NEEDS = {
    "reason": N_("a reason"),
    "body": N_("who leads"),
    "closure": N_("how it ended"),
    "limit": N_("the new limit"),
    "parent": N_("the case that it repeats"),
    "assignee": N_("who takes it over"),
}
"""What a step may ask for, in the words of its form."""


@dataclass(frozen=True)
class Step:
    """One step: `target` is the state it leads to, None for the one that the case is in or goes back to."""

    name: str
    title: str
    sources: tuple[str, ...]
    target: str | None
    permission: str
    needs: tuple[str, ...] = ()


STEPS: tuple[Step, ...] = (
    Step("accept", N_("Accept"), ("reported", "returned"), "accepted", "case.handle"),
    Step("file", N_("File the case"), ("accepted",), "filed", "case.dispatch"),
    Step("dispatch", N_("Dispatch"), ("filed", "verify_failed", "returned"), "dispatched", "case.dispatch", ("body",)),
    Step("start", N_("Begin"), ("dispatched",), "in_progress", "case.handle"),
    Step("report_done", N_("Report as done"), ("in_progress",), "handled", "case.handle"),
    Step("verify", N_("Verify"), ("handled",), "verifying", "case.dispatch"),
    Step("pass", N_("Close the case"), ("verifying",), "closed", "case.dispatch", ("closure",)),
    Step("fail", N_("Not solved: send back"), ("verifying",), "verify_failed", "case.dispatch", ("reason",)),
    Step("self_close", N_("Solved on the spot"), ("accepted",), "closed", "case.handle", ("closure",)),
    Step("return", N_("Return: not ours"), ("dispatched",), "returned", "case.handle", ("reason",)),
    Step("ask_pause", N_("Ask for a pause"), RUNNING, None, "case.handle", ("reason",)),
    Step("suspend", N_("Suspend"), RUNNING, "suspended", "case.suspend", ("reason",)),
    Step("refuse_pause", N_("Refuse the pause"), RUNNING, None, "case.suspend", ("reason",)),
    Step("resume", N_("Resume"), ("suspended",), None, "case.suspend"),
    Step("extend", N_("Extend the limit"), RUNNING[2:], None, "case.suspend", ("limit", "reason")),
    Step("reject", N_("Reject"), ("reported", "accepted"), "rejected", "case.dispatch", ("reason",)),
    Step("duplicate", N_("Mark as a duplicate"), OPEN, "duplicate", "case.dispatch", ("parent",)),
    Step("void", N_("Void"), OPEN, "voided", "case.dispatch", ("reason",)),
    Step("assign", N_("Hand over"), RUNNING, None, "case.dispatch", ("assignee",)),
    Step("urge", N_("Urge"), RUNNING, None, "case.urge", ("reason",)),
    Step("part", N_("Not a duplicate"), ("duplicate",), None, "case.dispatch", ("reason",)),
)
BY_NAME = {step.name: step for step in STEPS}
BACK = {"resume": "in_progress", "part": "accepted"}
"""Step that leads back → the state it leads to when nobody knows the former one."""
CALLS = {"call_team": N_("Volunteer team called"), "call_came": N_("Volunteer team came"),
         "call_declined": N_("Volunteer team declined"), "call_withdrawn": N_("Call of a team withdrawn")}  # fmt: skip
"""Entries of the log that leave the state as it is."""
TITLES = {step.name: step.title for step in STEPS} | {"import": N_("Brought in from another system")} | CALLS


def allowed(status: str, permissions: Collection[str]) -> list[Step]:
    """Return the steps that a case can take from a state, for who has these permissions."""
    return [step for step in STEPS if status in step.sources and step.permission in permissions]


def next_status(status: str, step: Step, before: str | None = None) -> str:
    """Return the state that a step leads to, for a way back the one from before; raises Conflict from a wrong one."""
    if status not in step.sources:
        message = N_("“%(step)s” is not possible: the case is “%(status)s”.")
        raise Conflict(message, step=Word(step.title), status=Word(STATUSES.get(status, status)))
    if step.name in BACK:
        return before or BACK[step.name]
    return step.target or status
