"""A year of visits to the households that are on the list: most of them reached in the last half-year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.demo.district import District
from gis.demo.numbers import stream

REACHED, REACHED_BEFORE = 0.80, 0.70
HALF_YEAR, YEAR = 182, 365


def visit(district: District) -> None:
    """Add the table visits: at most one visit per household and half-year, in shares that differ by grid."""
    rng, homes = stream(district.seed, "visits"), district.households
    grid = homes["grid"].to_numpy()
    rate = np.clip(rng.normal(REACHED, 0.11, len(district.grids)), 0.35, 0.99)
    recent = rng.random(len(homes)) < np.clip(rate[grid] * REACHED / rate[grid].mean(), 0, 1)
    earlier = rng.random(len(homes)) < REACHED_BEFORE
    at = np.concatenate([np.flatnonzero(recent), np.flatnonzero(earlier)])
    back = np.concatenate(
        [rng.integers(1, HALF_YEAR, int(recent.sum())), rng.integers(HALF_YEAR + 2, YEAR, int(earlier.sum()))]
    )
    district.tables["visits"] = pd.DataFrame(
        {
            "household_id": at,
            "building_id": homes["building"].to_numpy()[at],
            "grid_id": grid[at],
            "visited_on": (np.datetime64(district.day) - back).astype(str),
            "purpose": rng.choice(["routine", "safety", "service", "follow_up"], len(at), p=[0.7, 0.15, 0.1, 0.05]),
            "result": rng.choice(["met", "not_in", "revisit"], len(at), p=[0.9, 0.07, 0.03]),
            "territory": district.grids["code"].to_numpy()[grid[at]].astype(np.int64),
        }
    )
