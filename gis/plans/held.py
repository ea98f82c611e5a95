"""A plan in the hand: found, locked while it is changed, and what may be written on it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gis import private
from gis.errors import Conflict, Invalid, NotFound, Refused
from gis.plans.tables import Plan
from gis.viewer import Viewer
from gis.words import N_

LONGEST_NAME, LONGEST_TEXT = 60, 2000


def find(session: Session, viewer: Viewer, plan_id: int, *, locked: bool = False) -> Plan:
    """Return a plan, locked until the transaction ends if asked; raises NotFound outside the viewer's territory."""
    viewer.require("plan.view")
    plan = session.get(Plan, plan_id, with_for_update=locked or None, populate_existing=True)
    if plan is None:
        raise NotFound(N_("There is no plan %(number)s in your territory."), number=plan_id)
    return plan


def in_hand(session: Session, viewer: Viewer, plan_id: int) -> Plan:
    """Return a plan, locked, that the viewer may draw in; raises Conflict when it is no draft any more."""
    viewer.require("plan.draw")
    plan = find(session, viewer, plan_id, locked=True)
    refuse_done(plan)
    return plan


def refuse_done(plan: Plan) -> None:
    """Raise Conflict for a plan that is no draft any more."""
    if plan.status != "draft":
        raise Conflict(N_("“%(name)s” is not a draft any more; branch it to go on drawing."), name=plan.name)


def plain(name: str) -> str:
    """Return a name without blanks around it; raises Invalid for one that is empty, too long or not one line.

    Raises Refused for one that holds numbers of persons.
    """
    short = name.strip()
    if not short or len(short) > LONGEST_NAME or not short.isprintable():
        raise Invalid(N_("A name is one line of 1 to %(most)s characters."), most=LONGEST_NAME)
    return impersonal(short)


def prose(text: str) -> str:
    """Return a text without blanks around it; raises Invalid for one that is too long, Refused as for a name."""
    words = text.strip()
    if len(words) > LONGEST_TEXT:
        raise Invalid(N_("Write 1 to %(most)s characters."), most=LONGEST_TEXT)
    return impersonal(words)


def impersonal(text: str) -> str:
    """Return a text; raises Refused for one that holds numbers of persons."""
    found = private.found_in(text)
    if found is not None:
        raise Refused(N_("The text holds %(what)s. Leave them out; they are never stored."), what=found)
    return text


def in_order(low: int, high: int) -> tuple[int, int]:
    """Return the range of households; raises Invalid for one that holds nothing."""
    if not 0 <= low < high:
        raise Invalid(N_("The most households have to be more than the fewest: %(low)s–%(high)s."), low=low, high=high)
    return low, high
