"""The five-tier Party organisation and the functional branches: exact numbers, counts and no members."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.demo import names
from gis.demo.district import District, since
from gis.demo.numbers import Frame, Profile, Town, share, spread, stream
from gis.demo.places import middle, scatter

Row = dict[str, Any]
SUNKEN_MEMBERS, SOCIAL_MEMBERS = 1652, 938
SMALL_BRANCH, LARGE_BRANCH = 2, 53


def organise(district: District) -> None:
    """Add the tables organisations and organisation_grids."""
    rng = stream(district.seed, "party")
    rows = _towns(district) + _villages(district, rng)
    covers = _branches(district, rows, rng)
    _groups(district, rows, covers, rng)
    rows += _functional(district, rng)
    table: Frame = pd.DataFrame(rows).astype({"tier": "Int64"})
    table["valid"] = since(district.began)
    table["contact_phone"] = [names.phone(7000 + number) for number in range(len(table))]
    district.tables["organisations"] = table
    pairs = [(branch, grid) for branch, grids in covers.items() for grid in grids]
    district.tables["organisation_grids"] = pd.DataFrame(pairs, columns=["organisation_id", "grid_id"])


def _row(tier: int | None, kind: str, form: str, name: str, parent: int, members: int, **place: object) -> Row:
    return {
        "tier": tier,
        "kind": kind,
        "form": form,
        "name": name,
        "parent_id": parent,
        "member_count": members,
        "force": None,
        "is_joint": False,
        "area_code": None,
        "grid_id": -1,
    } | place


def _towns(district: District) -> list[Row]:
    members = share(district.profile.party_members, [town.residents for town in district.profile.towns])
    points = middle(district.land.towns["geometry"].to_numpy())
    return [
        _row(
            1,
            "town_committee",
            "committee",
            f"中共{town.name}{'工作' if town.is_street else ''}委员会",
            -1,
            int(count),
            area_code=town.code,
            territory=int(town.code) * 1000,
            geometry=point,
        )
        for town, count, point in zip(district.profile.towns, members, points, strict=True)
    ]


def _villages(district: District, rng: np.random.Generator) -> list[Row]:
    profile, villages = district.profile, district.villages
    count = len(villages)
    order = np.argsort(-villages["households"].to_numpy(), kind="stable")
    form = np.full(count, "branch", dtype=object)
    form[order[: profile.committees + profile.general_branches]] = "general_branch"
    form[order[: profile.committees]] = "committee"
    title = {"committee": "党委", "general_branch": "党总支", "branch": "党支部"}
    members = share(round(profile.party_members * 0.8), villages["households"] + 60)
    parent = district.land.towns["code"].searchsorted(villages["town"])
    points = middle(villages["geometry"].to_numpy())
    return [
        _row(
            2,
            "village_org",
            form[at],
            f"{village.name}{title[form[at]]}",
            int(parent[at]),
            int(members[at]),
            area_code=village.code,
            territory=int(village.code) * 1000,
            geometry=points[at],
        )
        for at, village in enumerate(villages.itertuples())
    ]


def pair_grids(profile: Profile, villages: NDArray[np.object_], rng: np.random.Generator) -> list[list[int]]:
    """Return the grids each grid branch covers: pairs within a village where there are fewer branches than grids.

    `villages` holds the village of every general grid, -1 rows left out by the caller.
    """
    order = rng.permutation(len(villages))
    _, first = np.unique(villages[order], return_index=True)
    size = dict(zip(*np.unique(villages, return_counts=True), strict=True))
    bare = [int(row) for row in order[np.sort(first)] if size[villages[row]] > 2]
    without = set(bare[: len(villages) - profile.grids_with_branch])
    groups = [[int(row)] for row in np.argsort(villages, kind="stable") if int(row) not in without]
    joints = profile.grids_with_branch - profile.grid_branches
    for at in rng.permutation(len(groups) - 1):
        here, after = groups[at], groups[at + 1]
        if joints and len(here) == 1 and len(after) == 1 and villages[here[0]] == villages[after[0]]:
            groups[at], groups[at + 1] = [here[0], after[0]], []
            joints -= 1
    return [group for group in groups if group]


def _branches(district: District, rows: list[Row], rng: np.random.Generator) -> dict[int, list[int]]:
    """Append the grid branches and return row of the branch → grid rows."""
    profile, grids = district.profile, district.grids
    general = np.flatnonzero(grids["kind"] == "general")
    groups = pair_grids(profile, grids["village"].to_numpy()[general], rng)
    village = district.villages["code"].searchsorted(grids["village"])
    members = spread(round(profile.party_members * 0.55), len(groups), rng, 0.3)
    points = middle(grids["geometry"].to_numpy())
    covers: dict[int, list[int]] = {}
    for group, count in zip(groups, members, strict=True):
        cover = [int(general[at]) for at in group]
        grid = grids.iloc[cover[0]]
        joint = len(cover) > 1
        place: Row = {"grid_id": cover[0], "territory": int(grid["code"])}
        if joint:
            place = {"area_code": grid["village"], "territory": int(grid["village"]) * 1000, "is_joint": True}
        covers[len(rows)] = cover
        title = f"{grid['name']}{'联合' if joint else ''}党支部"
        parent = len(profile.towns) + int(village[cover[0]])
        rows.append(_row(3, "grid_branch", "branch", title, parent, int(count), geometry=points[cover[0]], **place))
    return covers


def _groups(district: District, rows: list[Row], covers: dict[int, list[int]], rng: np.random.Generator) -> None:
    """Append Party groups to the branches and contact households to the groups."""
    count, urban = district.profile.groups, district.grids["urban"].to_numpy()
    branches = np.array(list(covers))
    groups = share(count, [0.6 + len(covers[branch]) for branch in branches], 1)
    parent, shared = np.repeat(branches, groups), np.repeat(groups, groups)
    grid = np.array([covers[branch][number % len(covers[branch])] for number, branch in enumerate(parent)])
    contacts = share(2 * count, rng.uniform(0.6, 1.4, len(parent)), 1)
    start = len(rows)
    members = [int(rows[branch]["member_count"]) // int(among) for branch, among in zip(parent, shared, strict=True)]
    titles = ["楼栋党小组" if urban[at] else "宅上党小组" for at in grid]
    rows += _on_grids(district, (4, "party_group", "group"), titles, grid, parent, members, rng)
    above = start + np.repeat(np.arange(len(parent)), contacts)
    homes, ones = np.repeat(grid, contacts), [1] * len(above)
    kind = (5, "contact_household", "contact_household")
    rows += _on_grids(district, kind, ["党员中心户"] * len(above), homes, above, ones, rng)


def _on_grids(
    district: District,
    kind: tuple[int, str, str],
    titles: list[str],
    grid: NDArray[np.int64],
    parent: NDArray[np.int64],
    members: list[int],
    rng: np.random.Generator,
) -> list[Row]:
    """Return organisations of one tier, kind and form, each somewhere on its grid."""
    codes, called = district.grids["code"].to_numpy(), district.grids["name"].to_numpy()
    points = scatter(district.grids["geometry"].to_numpy()[grid], rng)
    return [
        _row(*kind, f"{called[at]}{title}", int(above), size, grid_id=int(at), territory=int(codes[at]), geometry=point)
        for title, at, above, size, point in zip(titles, grid, parent, members, points, strict=True)
    ]


def _functional(district: District, rng: np.random.Generator) -> list[Row]:
    profile = district.profile
    only_social = share(
        profile.total("sunken")
        + profile.total("social")
        - profile.villages_only_sunken
        - 2 * profile.villages_with_both,
        [town.social for town in profile.towns],
    )
    rows: list[Row] = []
    for town, alone in zip(profile.towns, only_social, strict=True):
        chosen = rng.permutation(district.villages_of(town))[: town.sunken + int(alone)]
        sunken, social = chosen[: town.sunken], chosen[town.sunken - (town.social - int(alone)) :]
        sizes = _sizes(town, district.town_of("望潮镇") is town, rng)
        points = scatter(district.villages["geometry"].to_numpy()[np.append(sunken, social)], rng)
        for number, at in enumerate(np.append(sunken, social)):
            force = "sunken_force" if number < town.sunken else "social_force"
            village = district.villages.iloc[at]
            title = f"{village['name']}{'下沉力量' if force == 'sunken_force' else '社会力量'}功能型党支部"
            rows.append(
                _row(
                    None,
                    "functional_branch",
                    "branch",
                    title,
                    len(profile.towns) + int(at),
                    int(sizes[number]),
                    force=force,
                    area_code=village["code"],
                    territory=int(village["code"]) * 1000,
                    geometry=points[number],
                )
            )
    return _balance(rows) if len(profile.towns) > 1 else rows


def _sizes(town: Town, planted: bool, rng: np.random.Generator) -> NDArray[np.int64]:
    weight = np.where(np.arange(town.sunken + town.social) < town.sunken, 14.0, 12.2)
    weight *= rng.uniform(0.75, 1.25, len(weight))
    if not planted:
        return share(town.members, weight)
    rest = share(town.members - SMALL_BRANCH - LARGE_BRANCH, weight[1:-1])
    return np.concatenate([[LARGE_BRANCH], rest, [SMALL_BRANCH]])


def _balance(rows: list[Row]) -> list[Row]:
    """Move single members between the two kinds of branch within a town until both kinds have their exact total."""
    table: Frame = pd.DataFrame(rows)
    size, sunken = table["member_count"].to_numpy().copy(), (table["force"] == "sunken_force").to_numpy()
    town = (table["territory"] // 1_000_000).to_numpy()
    fixed = np.isin(size, (SMALL_BRANCH, LARGE_BRANCH))
    too_many = int(size[sunken].sum()) - SUNKEN_MEMBERS
    for turn in range(abs(too_many)):
        inside = (town == np.unique(town)[turn % len(np.unique(town))]) & ~fixed
        gives, takes = (inside & sunken, inside & ~sunken) if too_many > 0 else (inside & ~sunken, inside & sunken)
        size[np.flatnonzero(gives)[np.argmax(size[gives])]] -= 1
        size[np.flatnonzero(takes)[np.argmin(size[takes])]] += 1
    return [row | {"member_count": int(count)} for row, count in zip(rows, size, strict=True)]
