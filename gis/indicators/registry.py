"""The registry of figures: each a name, a numerator over a denominator, a unit and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from gis.words import N_

VERSION = 1
"""Raised when a formula changes; every file says by which one its figures were made."""


@dataclass(frozen=True)
class Indicator:
    """A named quotient: `numerator` and `denominator` are columns of `by_grid`, `per` scales the value."""

    name: str
    title: str
    numerator: str
    denominator: str | None
    numerator_title: str
    denominator_title: str | None
    per: int = 1
    unit: str = ""
    about: str = ""


VISITS = Indicator(
    "visits", N_("Visit coverage"), "visited", "households_listed", N_("households visited"), N_("households on the list"),
    1, "%", N_("Households met at least once in the last 183 days; a visit to a closed door does not count."),
)  # fmt: skip
ORGANISATION = Indicator(
    "organisation", N_("Organisation coverage"), "branch_cover", None, N_("own or joint Party branch"), None,
    about=N_("A grid is covered by a Party branch of its own or by a joint one."),
)  # fmt: skip
LINK = Indicator(
    "link", N_("Link-cadre coverage"), "link_cadres", None, N_("link cadres"), None, 1, N_("persons"),
    N_("Leading cadres assigned to the grid on the day."),
)  # fmt: skip
ADVISER = Indicator(
    "adviser", N_("Legal advisers"), "adviser_state", None, N_("legal adviser of the village or community"), None,
    about=N_("One legal adviser per village or community, under a contract that still runs."),
)  # fmt: skip
FUNCTIONAL = Indicator(
    "functional", N_("Functional branches"), "functional_kinds", None, N_("kinds of functional branch in the village"), None,
    about=N_("Villages have functional branches of the seconded forces, of the social forces, of both, or none."),
)  # fmt: skip
CARE = Indicator(
    "care", N_("Care visits in time"), "care_in_time", "care_enrolled", N_("visited within the tier"), N_("enrolments"),
    1, "%", N_("Enrolments of the elder-care action that were visited within their tier; fewer than 5 are not shown."),
)  # fmt: skip
OPEN = Indicator(
    "open", N_("Open cases per 1,000 households"), "open_cases", "households", N_("open cases"), N_("registered households"),
    1000, N_("cases"), N_("Cases that were not closed, rejected, duplicate or voided at the moment."),
)  # fmt: skip
OVERDUE = Indicator(
    "overdue", N_("Overdue cases"), "overdue_cases", None, N_("overdue cases"), None, 1, N_("cases"),
    N_("Open cases past their time limit and not suspended."),
)  # fmt: skip
DUE_TODAY = Indicator(
    "due_today", N_("Due today"), "due_today_cases", None, N_("cases due today"), None, 1, N_("cases"),
    N_("Open cases whose time limit ends today and has not passed."),
)  # fmt: skip
DUE_SOON = Indicator(
    "due_soon", N_("Due soon"), "due_soon_cases", None, N_("cases due soon"), None, 1, N_("cases"),
    N_("Open cases with less than a fifth of their time limit left; those due today may be among them."),
)  # fmt: skip
ON_TIME = Indicator(
    "on_time", N_("Closed on time, last 30 days"), "on_time_cases", "due_cases", N_("closed by their limit"),
    N_("cases due in the last 30 days"), 1, "%",
    N_("Cases whose limit ended in the 30 days before the moment; suspended ones are left out."),
)  # fmt: skip
VOLUNTEERS = Indicator(
    "density", N_("Active volunteers per 1,000 residents"), "volunteers", "residents", N_("active volunteers"),
    N_("residents"), 1000, N_("persons"),
    N_("Active members, as counted now, of the teams based in the grid on the day, over its residents of the day."),
)  # fmt: skip
NEAREST = Indicator(
    "nearest", N_("Distance to the nearest team"), "nearest_m", None, N_("metres from the middle of the grid"), None,
    1, "m", N_("Straight-line distance from the middle of the grid to the nearest volunteer team in your territory."),
)  # fmt: skip
TIER = Indicator(
    "tier", N_("Deepest tier reached"), "deepest_tier", None, N_("tier"), None,
    about=N_("How far down the five-tier Party chain reaches in the grid."),
)  # fmt: skip
SIZE = Indicator(
    "size", N_("Households per grid"), "households", None, N_("registered households"), None, 1, N_("households"),
    N_("Registered households of the outline in force; 300–500 is wanted."),
)  # fmt: skip
WORKERS = Indicator(
    "workers", N_("Households per full-time grid worker"), "households", "full_time", N_("registered households"),
    N_("full-time grid workers"), 1, N_("households"), N_("Registered households over full-time grid workers on the day."),
)  # fmt: skip
NEED = Indicator(
    "need", N_("Need and resources"), "open_cases", None, N_("open cases"), None,
    about=N_("Open cases per 1,000 households against active volunteers per 1,000 residents of the grid."),
)  # fmt: skip
