"""Who is looking: a role's permissions and a territory on one day; everything else is denied."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from gis.errors import NotAllowed
from gis.words import N_, Word

SIGNIFICANT = {"district": 6, "town": 9, "village": 12, "grid": 15}

MAP = frozenset({"map.view", "layer.export", "password.change"})
FIELD = MAP | {"building.view", "household.view", "case.view"}
COUNTS = frozenset({"care.view", "care.count"})
TOWN = MAP | COUNTS | {"building.view", "case.view"}
WORK = frozenset({"case.report", "case.handle"})
ROUNDS = frozenset({"visit.record", "care.view", "care.serve"})
CENTRE = WORK | {"case.dispatch", "case.urge"}
REVIEW = frozenset({"plan.view", "plan.review", "plan.publish"})
RESOURCES = frozenset({"resource.manage", "honour.manage"})
LEAD = frozenset({"staff.assign", "staff.appoint", "meeting.manage", "project.manage"}) | RESOURCES

ROLES: dict[str, frozenset[str]] = {
    "grid_worker": FIELD | WORK | ROUNDS,
    "grid_leader": FIELD | WORK | ROUNDS,
    "village_manager": FIELD | CENTRE | COUNTS | RESOURCES | {"care.lead", "staff.assign", "meeting.manage"},
    "dispatcher": TOWN | CENTRE | {"case.suspend", "case.import"},
    "town_manager": TOWN | REVIEW | LEAD | {"case.suspend", "case.urge"},
    "district_manager": TOWN | REVIEW | LEAD | {"duty.manage", "figure.keep", "case.urge"},
    "planner": MAP | COUNTS | {"building.view", "plan.view", "plan.draw"},
    "data_steward": MAP | {"building.view", "data.import", "calendar.manage", "duty.manage"},
    "auditor": frozenset({"audit.view", "password.change"}),
    "sys_admin": frozenset({"user.manage", "password.change"}),
    "intake": frozenset({"case.report", "case.status", "password.change"}),
}
"""Role code → permissions (access matrix of the deny-by-default rule); a role not listed has none."""

ROLE_NAMES: dict[str, str] = {
    "grid_worker": N_("grid worker"),
    "grid_leader": N_("grid leader"),
    "village_manager": N_("village or community manager"),
    "dispatcher": N_("dispatcher"),
    "town_manager": N_("town manager"),
    "district_manager": N_("district manager"),
    "planner": N_("planner"),
    "data_steward": N_("data steward"),
    "auditor": N_("auditor"),
    "sys_admin": N_("system administrator"),
    "intake": N_("intake program"),
}

PERMISSION_NAMES: dict[str, str] = {
    "map.view": N_("look at the map"),
    "layer.export": N_("export layers"),
    "password.change": N_("change the password"),
    "building.view": N_("look at buildings"),
    "household.view": N_("look at households"),
    "case.view": N_("look at cases"),
    "case.report": N_("report cases"),
    "case.handle": N_("handle cases"),
    "case.dispatch": N_("file, dispatch and close cases"),
    "case.suspend": N_("suspend cases and extend their limits"),
    "case.urge": N_("urge cases"),
    "case.import": N_("bring cases of other systems in"),
    "case.status": N_("follow reported cases"),
    "calendar.manage": N_("change the working calendar"),
    "duty.manage": N_("change the powers-and-duties list"),
    "visit.record": N_("record visits"),
    "care.view": N_("open the care page"),
    "staff.assign": N_("assign the staff of grids"),
    "staff.appoint": N_("appoint link cadres, advisers and the staff of villages"),
    "meeting.manage": N_("keep the calendar of meetings"),
    "project.manage": N_("keep renovation projects"),
    "honour.manage": N_("give and end honours of buildings"),
    "resource.manage": N_("change volunteer teams and service points"),
    "care.count": N_("look at care figures"),
    "care.serve": N_("make the care visits that are assigned to you"),
    "care.lead": N_("enrol households in the care action and assign staff"),
    "data.import": N_("import data"),
    "plan.view": N_("look at plans"),
    "plan.draw": N_("draw plans"),
    "plan.review": N_("review plans"),
    "plan.publish": N_("publish plans"),
    "figure.keep": N_("keep the figures of a month"),
    "audit.view": N_("look at the logs"),
    "notice.view": N_("read a notice board"),
    "user.manage": N_("manage accounts"),
}


def key(code: str) -> int:
    """Return the 15-digit territory key of a 12-digit division code or a 15-digit grid code."""
    return int(code.ljust(15, "0"))


def level(code: str) -> str:
    """Return district, town, village or grid, as the length and the trailing zeros of the code tell."""
    if len(code) == 15 and not code.endswith("000"):
        return "grid"
    if not code[:12].endswith("000"):
        return "village"
    return "district" if code[:12].endswith("000000") else "town"


def span(code: str) -> tuple[int, int]:
    """Return the first and the last territory key under a code, both included."""
    free = 15 - SIGNIFICANT[level(code)]
    low = key(code)
    return low, low + 10**free - 1


def ancestors(code: str) -> list[str]:
    """Return the 12-digit codes of the areas above a code, the district first."""
    above = [code[:6].ljust(12, "0"), code[:9].ljust(12, "0"), code[:12]]
    return above[: list(SIGNIFICANT).index(level(code))]


@dataclass(frozen=True)
class Territory:
    """The codes that a viewer is responsible for on a day."""

    codes: tuple[str, ...] = ()

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Territory keys as closed ranges."""
        return tuple(sorted(span(code) for code in self.codes))

    @property
    def multirange(self) -> str:
        """The spans as the text of an int8multirange."""
        return "{" + ",".join(f"[{low},{high}]" for low, high in self.spans) + "}"

    @property
    def reach(self) -> str:
        """The territory and the single keys of the areas above it, as the text of an int8multirange."""
        above = {key(area) for code in self.codes for area in ancestors(code)}
        spans = [*self.spans, *((point, point) for point in sorted(above))]
        return "{" + ",".join(f"[{low},{high}]" for low, high in spans) + "}"

    def holds(self, code: str) -> bool:
        """Tell whether the whole of the code's area lies in the territory."""
        low, high = span(code)
        return any(first <= low and high <= last for first, last in self.spans)

    def within(self, area: str | None) -> list[str]:
        """Return what the area shares with the territory: itself when it lies inside, else the codes below it."""
        if area is None:
            return list(self.codes)
        return [area] if self.holds(area) else [code for code in self.codes if area in ancestors(code)]

    @property
    def home(self) -> str | None:
        """The smallest single code that covers the territory: where the map opens."""
        if not self.codes:
            return None
        shared = self.codes[0]
        while not all(span(shared)[0] <= key(code) <= span(shared)[1] for code in self.codes):
            shared = ancestors(shared)[-1]
        return shared


@dataclass(frozen=True)
class Viewer:
    """A user on a day: the first argument of every core verb after the session."""

    user_id: int | None
    name: str
    role: str
    territory: Territory
    day: date
    staff_id: int | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)

    def may(self, permission: str) -> bool:
        """Tell whether the role includes the permission."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise NotAllowed unless the role includes the permission."""
        if not self.may(permission):
            said = Word(PERMISSION_NAMES.get(permission, permission))
            raise NotAllowed(N_("Your role does not include this: %(permission)s."), permission=said)

    @property
    def stamp(self) -> str:
        """A short hash of everything that decides which rows and fields this viewer gets."""
        parts = (self.territory.multirange, ",".join(sorted(self.permissions)), self.staff_id)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def system(day: date) -> Viewer:
    """Return the viewer of the command line, which works with the owner's rights."""
    everything = frozenset().union(*ROLES.values())
    return Viewer(None, "system", "system", Territory(), day, permissions=everything)
