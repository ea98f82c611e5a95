"""Posts: somebody is put on a role, hands it over, leaves it; every change is a date, and nothing is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, Select, Text, and_, cast, column, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from gis import audit, staffing
from gis.areas import Area
from gis.boundaries import GridOutline, hold_still
from gis.database import from_day, hold_name
from gis.errors import Conflict, Invalid, NotFound
from gis.scope import Scope
from gis.staffing import ROLES, Assignment, Staff
from gis.viewer import Viewer, ancestors, key, level
from gis.words import N_

GRID_ROLES = ("grid_leader", "grid_worker", "micro_grid_head")
ON_GRIDS = (*GRID_ROLES, "link_cadre", "sunken_cadre")
ALONE = ("grid_leader", "legal_adviser")
"""Roles that one alone has on a place: one leader of a grid, one adviser of a village."""
COUNTED = ("micro_grid_head", "sunken_cadre", "judge", "prosecutor", "police_officer")
"""Roles that may be held by a bare number of heads."""
FARTHEST = timedelta(days=366)
LONGEST_CONTRACT = timedelta(days=3653)
MOST_HEADS = 500


@dataclass(frozen=True)
class Post:
    """What is asked for: a role on a grid or village from a day on, and the state of the role that the page showed."""

    role: str
    code: str
    since: date
    staff_id: int | None = None
    headcount: int = 1
    employment: str | None = None
    contract_ends_on: date | None = None
    seen: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which posts a list shows; those that begin after its day when they are `ahead`."""

    role: str = ""
    employment: str = ""
    text: str = ""
    ahead: bool = False


def permission(role: str) -> str:
    """Return what putting somebody on a role takes: those of a grid are the village's, all others are the town's."""
    return "staff.assign" if role in GRID_ROLES else "staff.appoint"


def ask(viewer: Viewer) -> None:
    """Ask for the right to change any post; which one it takes is known when the post is."""
    if not viewer.may("staff.appoint"):
        viewer.require("staff.assign")


def listed(
    session: Session, viewer: Viewer, scope: Scope, wanted: Wanted, start: int = 0, most: int | None = None
) -> tuple[list[Any], bool]:
    """Return the posts of the scope on its day by place and role, a page or all of them; and whether there is more."""
    viewer.require("map.view")
    found = filtered(scope, wanted)
    rank = func.array_position(list(ROLES), found.selected_columns.role)
    query = found.order_by(found.selected_columns.code, rank, found.selected_columns.id).offset(start)
    rows = list(session.execute(query.limit(None if most is None else most + 1)))
    return rows[:most], most is not None and len(rows) > most


def totals(session: Session, viewer: Viewer, scope: Scope, wanted: Wanted) -> tuple[int, int]:
    """Return how many posts the list has, and how many persons hold them: one who holds several is one person."""
    viewer.require("map.view")
    found = filtered(scope, wanted).subquery("found")
    bare = func.coalesce(func.sum(found.c.headcount).filter(found.c.staff_id.is_(None)), 0)
    number = func.coalesce(func.sum(found.c.headcount), 0)
    posts, persons = session.execute(select(number, func.count(found.c.staff_id.distinct()) + bare)).one()
    return int(posts), int(persons)


def filtered(scope: Scope, wanted: Wanted) -> Select[Any]:
    """Select the posts that a list shows, with their last day."""
    days = func.lower(Assignment.valid) > scope.day if wanted.ahead else None
    last = (func.upper(Assignment.valid, type_=Date) - 1).label("last")
    found = staffing.rows(scope, days).add_columns(Assignment.staff_id, last).subquery("posts")
    query = select(found)
    if wanted.role:
        query = query.where(found.c.role == wanted.role)
    if wanted.employment:
        query = query.where(found.c.employment == wanted.employment)
    if wanted.text:
        words = (found.c.name, found.c.place, found.c.code)
        query = query.where(or_(*(each.contains(wanted.text, autoescape=True) for each in words)))
    return query


def heads(session: Session, viewer: Viewer, scope: Scope) -> dict[str, int]:
    """Return role → how many persons hold it in the scope on its day: named ones once, the others as counted."""
    viewer.require("map.view")
    bare = func.coalesce(func.sum(Assignment.headcount).filter(Assignment.staff_id.is_(None)), 0)
    counted = select(Assignment.role, func.count(Assignment.staff_id.distinct()) + bare).group_by(Assignment.role)
    here = counted.where(scope.holds(Assignment.territory), Assignment.valid.contains(scope.day))
    found = {role: int(number) for role, number in session.execute(here)}
    return {role: found.get(role, 0) for role in ROLES}


def place_of(session: Session, viewer: Viewer, code: str, day: date) -> Any:
    """Return grid_id, code, name, village and town of a grid or village; raises NotFound outside the territory."""
    viewer.require("map.view")
    village, town = Area.__table__.alias("village"), Area.__table__.alias("town")
    above = (village.c.name.label("village"), town.c.name.label("town"), village.c.code.label("village_code"))
    if level(code) == "grid":
        query = select(GridOutline.grid_id, GridOutline.code, GridOutline.name, *above)
        query = query.join(village, village.c.code == func.left(GridOutline.code, 12))
        query = query.where(GridOutline.code == code, GridOutline.valid.contains(day))
    else:
        none = cast(None, Text).label("grid_id")
        query = select(none, village.c.code, village.c.name, *above).where(village.c.code == code)
    query = query.outerjoin(town, town.c.code == village.c.parent_code)
    found = session.execute(query).first() if viewer.territory.holds(code) else None
    if found is None or level(code) not in ("grid", "village"):
        raise NotFound(N_("There is no area or grid %(code)s in your territory on this day."), code=code)
    return found


def holders(session: Session, viewer: Viewer, code: str, role: str, day: date) -> tuple[list[Any], str]:
    """Return who holds a role on a grid or village or will, and the state of the role: both change when one acts."""
    viewer.require("map.view")
    place = place_of(session, viewer, code, day)
    mine = on(place, role)
    now = select(Assignment.id, Assignment.valid, Assignment.headcount, Assignment.contract_ends_on, Staff.name,
                 Assignment.employment, Staff.work_phone).outerjoin(Staff, Staff.id == Assignment.staff_id)  # fmt: skip
    today_on = or_(Assignment.valid.contains(day), func.lower(Assignment.valid) > day)
    rows = session.execute(now.where(mine, today_on).order_by(func.lower(Assignment.valid), Assignment.id))
    return list(rows), state(session, place, role)


def on(place: Any, role: str) -> Any:
    """Return the condition that an assignment is of a role on a place."""
    target = Assignment.grid_id == place.grid_id if place.grid_id else Assignment.area_code == place.code
    return and_(Assignment.role == role, target)


def state(session: Session, place: Any, role: str) -> str:
    """Return a mark of who was put on a role on a place from when to when; it is another one once anybody acts."""
    told = func.concat_ws("/", Assignment.id, Assignment.valid)
    rows = func.array_to_string(func.array_agg(aggregate_order_by(told, Assignment.id)), " ")
    return str(session.scalar(select(func.md5(func.coalesce(rows, ""))).where(on(place, role))))


def candidates(session: Session, viewer: Viewer, code: str, role: str, day: date) -> list[Any]:
    """Return the staff of a place and of the areas above it with how many posts they hold, those of the role first."""
    viewer.require(permission(role))
    posts = Assignment.valid.contains(day)
    mine = func.count(Assignment.id).filter(posts, Assignment.role == role)
    homes = [key(code), *(key(each) for each in ancestors(code)), key(code[:12])]
    query = (
        select(Staff.id, Staff.name, Staff.employer, mine.label("same"),
                func.count(Assignment.id).filter(posts).label("posts"))
        .outerjoin(Assignment, Assignment.staff_id == Staff.id)
        .where(Staff.active, Staff.territory.in_(homes))
        .group_by(Staff.id)
    )  # fmt: skip
    return list(session.execute(query.order_by(column("same").desc(), Staff.territory.desc(), Staff.id).limit(300)))


def assign(session: Session, viewer: Viewer, given: Post, day: date) -> Assignment:
    """Put somebody on a role from a day on; raises Conflict when somebody else changed the role since it was shown."""
    viewer.require(permission(given.role))
    check(given, day)
    hold(session, given.role, given.code)
    place = place_of(session, viewer, given.code, day)
    if given.seen != state(session, place, given.role):
        raise Conflict(N_("Somebody else changed this role meanwhile. Look at it again."))
    made = put(session, given, place)
    audit.record(session, viewer, "post.assign", given.code, role=given.role, since=given.since.isoformat())
    return made


def hold(session: Session, role: str, code: str) -> None:
    """Hold the pair of role and place until the transaction ends, and the lines of the village."""
    hold_still(session, [key(code[:12])])
    hold_name(session, f"{role}/{code}")


def put(session: Session, given: Post, place: Any, *, primary: bool = False) -> Assignment:
    """Add a post; raises Conflict when somebody with a name has this role here from that day on or later."""
    staff = member(session, given.staff_id)
    if given.role in ALONE:
        alone(session, given, place)
    same = select(Assignment.id).where(
        on(place, given.role), Assignment.staff_id == given.staff_id, Assignment.valid.overlaps(from_day(given.since))
    )
    if staff and session.scalar(same):
        raise Conflict(N_("%(name)s has this role here already."), name=staff.name)
    made = Assignment(
        role=given.role, staff_id=given.staff_id, headcount=given.headcount, grid_id=place.grid_id,
        area_code=None if place.grid_id else given.code, employment=given.employment,
        contract_ends_on=given.contract_ends_on, territory=key(given.code), valid=from_day(given.since),
        is_primary=primary,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def alone(session: Session, given: Post, place: Any) -> None:
    """Raise Conflict when somebody else has a role that one alone has from the day on; an ended contract is none."""
    ends = Assignment.contract_ends_on
    other = select(Staff.name).join(Assignment, Assignment.staff_id == Staff.id).where(
        on(place, given.role), Assignment.staff_id != given.staff_id, or_(ends.is_(None), ends >= given.since),
        Assignment.valid.overlaps(from_day(given.since)))  # fmt: skip
    if name := session.scalar(other.limit(1)):
        raise Conflict(N_("%(name)s has this role here. Hand it over, or let it end first."), name=name)


def check(given: Post, day: date) -> None:
    """Raise Invalid for a post that cannot be."""
    if given.role not in ROLES or (level(given.code) == "grid") != (given.role in ON_GRIDS):
        raise Invalid(N_("This role is not given on such a place."))
    if given.staff_id is None and given.role not in COUNTED:
        raise Invalid(N_("Choose somebody."))
    if not 1 <= given.headcount <= MOST_HEADS or (given.staff_id is not None and given.headcount != 1):
        raise Invalid(N_("The number of persons is from 1 to 500; somebody with a name is one."))
    if not day <= given.since <= day + FARTHEST:
        raise Invalid(N_("A post begins today or within a year: what was stays as it was."))
    if (given.role == "grid_worker") != (given.employment in ("full_time", "part_time")):
        raise Invalid(N_("Say of a grid worker, and of nobody else, whether full-time or part-time."))
    ends = given.contract_ends_on
    if (given.role == "legal_adviser") != (ends is not None) or (ends and ends <= given.since):
        raise Invalid(N_("An adviser has a contract that ends after the first day."))
    if ends and ends > given.since + LONGEST_CONTRACT:
        raise Invalid(N_("The contract of an adviser ends within ten years."))


def member(session: Session, staff_id: int | None) -> Staff | None:
    """Return a member of staff that the viewer sees; raises NotFound for another number."""
    if staff_id is None:
        return None
    found = session.scalar(select(Staff).where(Staff.id == staff_id, Staff.active))
    if found is None:
        raise NotFound(N_("There is no such member of staff in your territory."))
    return found
