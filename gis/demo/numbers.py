"""The allocation table of the fictional district and its totals, as data: everything in the demo adds up to these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Frame = Any
"""A pandas frame or column: what its columns hold is told in docstrings, because the type checker cannot follow it."""

DISTRICT_CODE = "999901000000"
DISTRICT_NAME = "澜湾区"


@dataclass(frozen=True)
class Town:
    """One row of the table: a town or street with every count that is fixed for it (cases are per month)."""

    name: str
    code: str
    villages: int
    communities: int
    km2: float
    households: int
    residents: int
    general: int
    dedicated: int
    homesteads: int
    sunken: int
    social: int
    members: int
    link_cadres: int
    office_cadres: int
    legal: int
    teams: int
    volunteers: int
    cases: int

    @property
    def is_street(self) -> bool:
        """Whether the town-level unit is a street (街道)."""
        return self.code[6:9] < "100"


TOWNS: tuple[Town, ...] = (
    Town("湾心街道", "999901001000", 0, 14, 12, 46000, 124200, 102, 14, 0, 7, 5, 159, 78, 880, 45, 63, 1866, 307),
    Town("新埭街道", "999901002000", 2, 12, 18, 40000, 108000, 91, 12, 1800, 6, 3, 121, 77, 783, 40, 56, 1622, 267),
    Town("临港街道", "999901003000", 3, 9, 34, 30000, 81000, 70, 9, 2700, 5, 3, 107, 73, 602, 31, 43, 1217, 200),
    Town("学苑街道", "999901004000", 3, 8, 26, 28000, 75600, 66, 9, 2700, 5, 3, 106, 70, 559, 29, 40, 1136, 187),
    Town("望潮镇", "999901100000", 18, 4, 104, 26000, 70200, 80, 5, 19000, 10, 6, 213, 97, 634, 32, 44, 1054, 173),
    Town("听涛镇", "999901101000", 17, 3, 98, 23000, 62100, 72, 4, 19437, 9, 6, 199, 92, 566, 28, 39, 933, 153),
    Town("云帆镇", "999901102000", 17, 2, 110, 21000, 56700, 68, 4, 18624, 9, 6, 199, 90, 524, 26, 36, 852, 140),
    Town("芦汀镇", "999901103000", 16, 2, 120, 19000, 51300, 62, 3, 16624, 8, 5, 173, 87, 482, 24, 33, 771, 127),
    Town("盐溪镇", "999901104000", 17, 2, 102, 20000, 54000, 65, 3, 17624, 9, 6, 199, 90, 508, 25, 35, 811, 133),
    Town("稻香镇", "999901105000", 18, 1, 96, 19000, 51300, 64, 3, 17812, 9, 6, 199, 90, 492, 24, 34, 770, 127),
    Town("桑园镇", "999901106000", 16, 1, 88, 17000, 45900, 57, 3, 15812, 7, 5, 159, 85, 440, 22, 30, 689, 113),
    Town("石渠镇", "999901107000", 15, 1, 92, 16000, 43200, 54, 2, 14812, 7, 5, 159, 82, 414, 20, 29, 649, 107),
    Town("南埭镇", "999901108000", 14, 1, 86, 15000, 40500, 51, 2, 13812, 7, 5, 159, 80, 388, 19, 27, 608, 100),
    Town("北埭镇", "999901109000", 15, 1, 104, 15000, 40500, 52, 2, 13812, 7, 5, 159, 82, 398, 20, 28, 608, 100),
    Town("海棠镇", "999901110000", 13, 2, 106, 14000, 37800, 47, 3, 11619, 7, 5, 159, 80, 372, 18, 26, 568, 93),
    Town("金穗镇", "999901111000", 12, 1, 104, 11000, 29700, 39, 2, 9812, 6, 3, 120, 75, 304, 15, 21, 446, 73),
)

TINY_TOWNS: tuple[Town, ...] = (
    Town("望潮镇", "999901100000", 2, 1, 7.5, 600, 1620, 10, 2, 320, 2, 1, 69, 13, 30, 5, 3, 60, 10),
)


@dataclass(frozen=True)
class Profile:
    """How much of the district is made; counts are whole-district totals unless they say otherwise."""

    name: str
    towns: tuple[Town, ...]
    showcase: frozenset[str] | None
    homes_per_row: int
    blocks: int
    others_general: int
    others_dedicated: int
    villages_with_both: int
    villages_only_sunken: int
    committees: int
    general_branches: int
    grid_branches: int
    grids_with_branch: int
    groups: int
    party_members: int
    full_time: int
    part_time: int
    grids_without_link: int
    advisers: int
    expired_advisers: int
    judges: int
    prosecutors: int
    registered_volunteers: int
    grid_service_points: int
    care: tuple[int, int, int]
    councils_a_month: int
    cases: int
    filed: int
    open_cases: int
    overdue_cases: int
    sewage_cases: int
    crowded_grid: str
    crowded_households: int
    gap_buildings: int

    def shows(self, town_code: str) -> bool:
        """Whether buildings and households of this town (12 digits) are made."""
        return self.showcase is None or town_code in self.showcase

    def total(self, column: str) -> int:
        """The sum of one column of the allocation table."""
        return int(sum(getattr(town, column) for town in self.towns))


def _district(name: str, showcase: frozenset[str] | None, homes: int, general: int, dedicated: int) -> Profile:
    return Profile(
        name=name,
        towns=TOWNS,
        showcase=showcase,
        homes_per_row=homes,
        blocks=4600,
        others_general=general,
        others_dedicated=dedicated,
        villages_with_both=65,
        villages_only_sunken=53,
        committees=22,
        general_branches=118,
        grid_branches=732,
        grids_with_branch=1009,
        groups=2490,
        party_members=58000,
        full_time=1248,
        part_time=2240,
        grids_without_link=16,
        advisers=130,
        expired_advisers=3,
        judges=46,
        prosecutors=38,
        registered_volunteers=73000,
        grid_service_points=400,
        care=(1900, 4300, 3520),
        councils_a_month=80,
        cases=28800,
        filed=27216,
        open_cases=393,
        overdue_cases=60,
        sewage_cases=14,
        crowded_grid="999901101205003",
        crowded_households=712,
        gap_buildings=9,
    )


PROFILES: dict[str, Profile] = {
    "tiny": Profile(
        name="tiny",
        towns=TINY_TOWNS,
        showcase=None,
        homes_per_row=2,
        blocks=36,
        others_general=4,
        others_dedicated=2,
        villages_with_both=1,
        villages_only_sunken=1,
        committees=1,
        general_branches=1,
        grid_branches=7,
        grids_with_branch=9,
        groups=24,
        party_members=100,
        full_time=12,
        part_time=24,
        grids_without_link=2,
        advisers=3,
        expired_advisers=1,
        judges=1,
        prosecutors=1,
        registered_volunteers=300,
        grid_service_points=4,
        care=(7, 10, 7),
        councils_a_month=1,
        cases=120,
        filed=113,
        open_cases=10,
        overdue_cases=4,
        sewage_cases=4,
        crowded_grid="999901100201003",
        crowded_households=120,
        gap_buildings=9,
    ),
    "demo": _district("demo", frozenset({"999901001000", "999901100000"}), 5, 3, 8),
    "full": _district("full", None, 1, 10, 20),
}


def share(total: int, weights: ArrayLike, least: int = 0) -> NDArray[np.int64]:
    """Split a whole number by weights with largest remainders, giving everyone at least `least`."""
    weight = np.asarray(weights, dtype=float)
    left = total - least * len(weight)
    if left < 0 or not len(weight):
        raise ValueError("the total is smaller than the least shares")
    exact = left * weight / weight.sum()
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: left - int(parts.sum())]] += 1
    return np.asarray(parts + least)


def spread(total: int, count: int, rng: np.random.Generator, sway: float = 0.2, least: int = 0) -> NDArray[np.int64]:
    """Split a whole number into `count` nearly even parts that sway by about the given fraction."""
    return share(total, 1 + sway * rng.uniform(-1, 1, count), least)


def stream(seed: int, noun: str) -> np.random.Generator:
    """The random numbers of one noun: adding draws to one part never shifts another."""
    return np.random.default_rng([seed, *noun.encode()])


def deal(count: int, shares: dict[str, float] | dict[str, int], rng: np.random.Generator) -> NDArray[np.object_]:
    """Return `count` words in exactly the given shares, shuffled."""
    words = np.repeat(np.array(list(shares), dtype=object), share(count, list(shares.values())))
    return np.asarray(rng.permutation(words))
