"""Who is assigned where: leaders, workers, link cadres, advisers as staff; everyone else as bare headcounts; corps."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.demo import names
from gis.demo.district import District, since
from gis.demo.numbers import Frame, Town, share, stream

HOUSEHOLDS_PER_HEAD = 40
VACANT_SHARE = 0.012
"""Share of the general grids that wait for a full-time worker."""


class Roster:
    """Staff and assignments while they are collected."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.staff: list[dict[str, object]] = []
        self.posts: list[dict[str, object]] = []
        self.grid_codes = district.grids["code"].to_numpy()

    def hire(self, territory: int, employer: str) -> int:
        """Add a member of staff and return its row."""
        number = len(self.staff) + 1
        row = {"name": names.worker(number), "work_phone": names.phone(number), "employer": employer}
        self.staff.append(row | {"territory": territory})
        return number - 1

    def post(self, role: str, target: int | str, staff: int = -1, heads: int = 1, **more: object) -> None:
        """Add an assignment to a grid (its row) or an area (its code)."""
        on_grid = not isinstance(target, str)
        territory = int(self.grid_codes[target]) if on_grid else int(target) * 1000
        row: dict[str, object] = {
            "role": role,
            "staff_id": staff,
            "team_id": -1,
            "headcount": heads,
            "grid_id": target if on_grid else -1,
            "area_code": None if on_grid else target,
            "employment": None,
            "is_primary": False,
            "contract_ends_on": None,
            "last_visit_on": None,
            "territory": territory,
            "valid": since(self.district.began),
        }
        self.posts.append(row | more)


def assign(district: District) -> None:
    """Add the tables staff, assignments and teams."""
    rng, roster = stream(district.seed, "forces"), Roster(district)
    _grid_staff(district, roster, rng)
    without = unlinked(district, rng)
    district.planted["unlinked"] = district.grids["code"].to_numpy()[without].tolist()
    for town in district.profile.towns:
        _link(district, roster, town, without)
        _office_cadres(district, roster, town, rng)
    _legal(district, roster, rng)
    district.tables["staff"] = pd.DataFrame(roster.staff)
    district.tables["assignments"] = pd.DataFrame(roster.posts)
    district.tables["teams"] = corps(district)


def _grid_staff(district: District, roster: Roster, rng: np.random.Generator) -> None:
    grids, profile = district.grids, district.profile
    general = np.flatnonzero(grids["kind"] == "general")
    vacant = max(round(len(general) * VACANT_SHARE), 1)
    full = np.zeros(len(grids), dtype=np.int64)
    order = rng.permutation(general)
    full[order[vacant:]] = share(profile.full_time, rng.random(len(order) - vacant), 1)
    part = share(profile.part_time, rng.uniform(0.8, 1.2, len(grids)), 1)
    for row, grid in enumerate(grids.itertuples()):
        territory = int(grid.code)
        roster.post("grid_leader", row, roster.hire(territory, grid.name), is_primary=True)
        for employment, count in (("full_time", full[row]), ("part_time", part[row])):
            for turn in range(count):
                staff = roster.hire(territory, grid.name)
                primary = employment == "full_time" and turn == 0
                roster.post("grid_worker", row, staff, employment=employment, is_primary=primary)
        heads = round(grid.households / HOUSEHOLDS_PER_HEAD)
        if heads:
            roster.post("micro_grid_head", row, heads=heads)
    for village in district.villages.itertuples():
        staff = roster.hire(int(village.code) * 1000, village.name)
        roster.post("village_manager", village.code, staff, is_primary=True)


def unlinked(district: District, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose the grids without a link cadre: five in one town, the others in as many other towns."""
    left = district.profile.grids_without_link
    first = district.town_of("听涛镇")
    rows = list(rng.choice(district.rows_of(first, "general"), min(5, left), replace=False))
    others = [town for town in district.profile.towns if town is not first]
    for town in rng.permutation(np.arange(len(others)))[: max(left - 5, 0)]:
        rows.append(rng.choice(district.rows_of(others[int(town)], "general")))
    return np.sort(np.array(rows, dtype=np.int64))


def _link(district: District, roster: Roster, town: Town, without: NDArray[np.int64]) -> None:
    linked = np.setdiff1d(district.rows_of(town), without)
    cadres = [roster.hire(int(town.code) * 1000, town.name) for _ in range(town.link_cadres)]
    for turn in range(max(len(cadres), len(linked))):
        grid, cadre = int(linked[turn % len(linked)]), cadres[turn % len(cadres)]
        roster.post("link_cadre", grid, cadre, is_primary=turn < len(linked))


def _office_cadres(district: District, roster: Roster, town: Town, rng: np.random.Generator) -> None:
    rows = district.rows_of(town)
    for row, heads in zip(rows, share(town.office_cadres, rng.uniform(0.8, 1.2, len(rows)), 1), strict=True):
        roster.post("sunken_cadre", int(row), heads=int(heads))


def _legal(district: District, roster: Roster, rng: np.random.Generator) -> None:
    """Post one adviser to every village (most serve two), and judges, prosecutors and police officers as headcounts."""
    profile = district.profile
    villages = [district.villages_of(town) for town in profile.towns]
    advisers = share(profile.advisers, [len(rows) for rows in villages])
    expired = set(rng.choice(len(district.villages), profile.expired_advisers, replace=False).tolist())
    others = np.array([town.legal for town in profile.towns]) - advisers
    police = int(others.sum()) - profile.judges - profile.prosecutors
    roles = np.repeat(["judge", "prosecutor", "police_officer"], [profile.judges, profile.prosecutors, police])
    ranks = np.concatenate([(np.arange(n) + 0.5) / n for n in (profile.judges, profile.prosecutors, police) if n])
    turns = iter(roles[np.argsort(ranks, kind="stable")])
    codes = district.villages["code"].to_numpy()
    for town, rows, lawyers, count in zip(profile.towns, villages, advisers, others, strict=True):
        staff = [roster.hire(int(town.code) * 1000, "演示律师事务所") for _ in range(lawyers)]
        for turn, row in enumerate(rows):
            ends = district.day + timedelta(days=int(rng.integers(40, 700)))
            if int(row) in expired:
                ends = district.day - timedelta(days=int(rng.integers(5, 60)))
            visited = district.day - timedelta(days=int(rng.integers(1, 45)))
            roster.post(
                "legal_adviser",
                codes[row],
                staff[turn % len(staff)],
                is_primary=True,
                contract_ends_on=ends,
                last_visit_on=visited,
            )
        for turn in range(count):
            roster.post(str(next(turns)), codes[rows[turn % len(rows)]])
    district.planted["expired"] = sorted(codes[row] for row in expired)


def corps(district: District) -> Frame:
    """Return four corps per town, one for each force, each split in squads over the town's villages."""
    rows: list[dict[str, object]] = []
    titles = {"administrative": "行政", "political_legal": "政法", "law_enforcement": "执法", "social": "社会"}
    for town in district.profile.towns:
        villages = district.villages.iloc[district.villages_of(town)]
        sizes = (town.office_cadres, town.legal, max(round(town.residents / 4000), 1), max(town.volunteers // 4, 1))
        for (force, title), size in zip(titles.items(), sizes, strict=True):
            parent = len(rows)
            rows.append(
                {
                    "parent_id": -1,
                    "force": force,
                    "name": f"{town.name}{title}力量编团",
                    "size": size,
                    "area_code": town.code,
                    "territory": int(town.code) * 1000,
                }
            )
            bases = villages.iloc[:: max(len(villages) // 4, 1)]
            for at, part in enumerate(share(size, np.ones(len(bases)))):
                village = bases.iloc[at]
                rows.append(
                    {
                        "parent_id": parent,
                        "force": force,
                        "name": f"{village['name']}片{title}力量小组",
                        "size": int(part),
                        "area_code": village["code"],
                        "territory": int(village["code"]) * 1000,
                    }
                )
    return pd.DataFrame(rows)
