"""The enrolments behind the care tallies of the last month: as many, and as many of them visited in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.care import DAYS
from gis.demo.district import District
from gis.demo.numbers import Frame, stream

RESULT_SHARES = {"met": 0.95, "revisit": 0.05}


def enrol(district: District) -> None:
    """Add the tables of enrolments and care visits; where no household is made, an enrolment knows its grid only."""
    rng, tallies = stream(district.seed, "enrolments"), district.tables["care_tallies"]
    last = tallies[tallies["month"] == tallies["month"].max()]
    of = last.loc[last.index.repeat(last["enrolled"])].reset_index(drop=True)
    number = of.groupby(["grid_id", "tier"]).cumcount()
    tier_days = of["tier"].map(DAYS).to_numpy()
    in_time = (number < of["in_time"]).to_numpy()
    back = np.where(in_time, rng.integers(0, tier_days), tier_days + rng.integers(1, 9, len(of)))
    day = np.datetime64(district.day)
    enrolments = pd.DataFrame(
        {
            "consent_ref": [f"QN-{2024 + at % 2}-{at + 1:06d}" for at in range(len(of))],
            "tier": of["tier"],
            "grid_id": of["grid_id"],
            "household_id": _homes(district, of["grid_id"].to_numpy(), rng),
            "staff_id": _workers(district)[of["grid_id"].to_numpy()],
            "enrolled_on": (day - rng.integers(240, 900, len(of))).astype(str),
            "next_due": (day - back + tier_days).astype(str),
            "ended_on": None,
            "territory": of["territory"],
        }
    )
    district.tables["care.enrolments"] = enrolments
    district.tables["care.visits"] = _visits(enrolments, day - back, tier_days, rng)


def _visits(
    enrolments: Frame, last: NDArray[np.datetime64], days: NDArray[np.int64], rng: np.random.Generator
) -> Frame:
    """Return the last visit of each enrolment and the one before it."""
    at = np.tile(np.arange(len(enrolments)), 2)
    before = last - days + rng.integers(0, 3, len(last))
    return pd.DataFrame(
        {
            "enrolment_id": at,
            "visited_on": np.concatenate([last, before]).astype(str),
            "result": rng.choice(list(RESULT_SHARES), len(at), p=list(RESULT_SHARES.values())),
            "territory": enrolments["territory"].to_numpy()[at],
        }
    )


def _homes(district: District, grids: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a household of the grid for each enrolment, no household twice; -1 where the grid has none left."""
    of = district.households["grid"].to_numpy()
    order = rng.permutation(len(of))
    order = order[np.argsort(of[order], kind="stable")]
    first, past = np.searchsorted(of[order], grids), np.searchsorted(of[order], grids, side="right")
    nth = pd.Series(grids).groupby(grids).cumcount().to_numpy()
    there = first + nth < past
    return np.where(there, order[np.minimum(first + nth, len(order) - 1)], -1)


def _workers(district: District) -> NDArray[np.int64]:
    """Return the first worker of each grid, its leader where it has none."""
    posts = district.tables["assignments"]
    held = posts[posts["role"].isin(["grid_worker", "grid_leader"]) & (posts["staff_id"] >= 0)]
    held = held.sort_values("role", ascending=False, kind="stable").drop_duplicates("grid_id")
    found = np.full(len(district.grids), 0, dtype=np.int64)
    found[held["grid_id"].to_numpy(dtype=np.int64)] = held["staff_id"].to_numpy(dtype=np.int64)
    return found
