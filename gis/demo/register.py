"""The register of villages and grids before they have land: codes, names, kinds and how many households each has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.demo import names
from gis.demo.numbers import Frame, Profile, Town, share, spread

DEDICATED = ("学校", "医院", "园区", "机关", "商圈", "企业")


def village_table(profile: Profile, rng: np.random.Generator) -> Frame:
    """Return villages and communities: town, code, name, kind, households, general and dedicated grids (exact)."""
    called = names.villages(profile, rng)
    frames = [_villages_of(town, profile, called[town.code], rng) for town in profile.towns]
    return pd.concat(frames, ignore_index=True)


def _villages_of(town: Town, profile: Profile, called: list[str], rng: np.random.Generator) -> Frame:
    number = [*range(1, town.communities + 1), *range(201, 201 + town.villages)]
    urban = np.arange(len(number)) < town.communities
    households = np.concatenate(
        [
            spread(town.households - town.homesteads, town.communities, rng),
            spread(town.homesteads, town.villages, rng) if town.villages else np.empty(0, dtype=np.int64),
        ]
    )
    codes = [f"{town.code[:9]}{at:03d}" for at in number]
    crowded = np.array([profile.crowded_grid.startswith(code) for code in codes])
    least = np.where(crowded, 3, 1)
    general = least + share(town.general - int(least.sum()), np.maximum(households / town.households - 0.004, 0.001))
    rank = np.argsort(np.argsort(-(urban * 1e6 + households), kind="stable"), kind="stable")
    return pd.DataFrame(
        {
            "town": town.code,
            "code": codes,
            "name": called,
            "kind": np.where(urban, "community", "village"),
            "households": households,
            "general": general,
            "dedicated": town.dedicated // len(number) + (rank < town.dedicated % len(number)),
        }
    )


def grid_table(profile: Profile, villages: Frame, rng: np.random.Generator) -> Frame:
    """Return grids: village, code, name, kind, use, households and residents (exact per town, one crowded grid)."""
    rows: list[dict[str, object]] = []
    for village in villages.itertuples():
        counts = spread(village.households, village.general, rng, 0.3)
        at = int(profile.crowded_grid[12:]) - 1
        if profile.crowded_grid.startswith(village.code):
            rest = spread(village.households - profile.crowded_households, village.general - 1, rng, 0.2)
            counts = np.insert(rest, at, profile.crowded_households)
        for order, count in enumerate(counts, start=1):
            rows.append(_grid(village, order, "general", f"第{names.numeral(order)}网格", int(count)))
        for order in range(1, village.dedicated + 1):
            use = DEDICATED[int(rng.integers(len(DEDICATED)))]
            rows.append(_grid(village, 800 + order, "dedicated", f"{use}专属网格", 0) | {"use": use})
    table: Frame = pd.DataFrame(rows)
    table["use"] = table["use"].fillna("")
    table["residents"] = 0
    for town in profile.towns:
        inside = (table["town"] == town.code).to_numpy()
        table.loc[inside, "residents"] = share(town.residents, table.loc[inside, "households"].to_numpy())
    return table


def _grid(village: object, order: int, kind: str, title: str, households: int) -> dict[str, object]:
    code, town, name = (getattr(village, key) for key in ("code", "town", "name"))
    urban = getattr(village, "kind") == "community"  # noqa: B009
    return {
        "town": town,
        "village": code,
        "code": f"{code}{order:03d}",
        "name": f"{name}{title}",
        "kind": kind,
        "households": households,
        "urban": urban,
    }
