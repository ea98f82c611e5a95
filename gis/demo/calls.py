"""Calls of volunteer teams to open cases that may be told: some open, some answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gis.demo.district import District
from gis.demo.numbers import stream


def call(district: District) -> None:
    """Add the calls, from a random stream of their own: a team of the case's town, each team at most once."""
    rng = stream(district.seed, "calls")
    cases, teams = district.tables["cases"], district.tables["volunteer_teams"]
    fits = cases["closed_at"].isna() & (cases["visibility"] != "restricted") & (cases["grid_id"] >= 0)
    wanted = cases[fits & (cases["status"] == "in_progress")]
    rows: list[dict[str, Any]] = []
    used: set[int] = set()
    for at, case in wanted.iterrows():
        near = teams.index[teams["territory"] // 1_000_000 == case["territory"] // 1_000_000]
        metres = {int(team): teams["geometry"][team].distance(case["geometry"]) for team in near if team not in used}
        free = [team for team, far in metres.items() if far <= teams["radius_m"][team]]
        if not free or len(rows) >= len(teams) // 10 + 1:
            continue
        team = free[int(rng.integers(len(free)))]
        used.add(team)
        answer = str(rng.choice(["asked", "came", "declined"], p=[0.4, 0.5, 0.1]))
        called = case["dispatched_at"]
        rows.append(
            {
                "case_id": at,
                "team_id": team,
                "called_at": called,
                "caller": "dispatcher",
                "answer": answer,
                "closed_at": pd.NaT if answer == "asked" else called + np.timedelta64(90, "m"),
                "territory": case["territory"],
            }
        )
    columns = ["case_id", "team_id", "called_at", "caller", "answer", "closed_at", "territory"]
    district.tables["case_calls"] = pd.DataFrame(rows, columns=columns)
