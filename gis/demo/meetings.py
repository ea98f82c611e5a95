"""Who meets: reception days with the cases that were opened there, and councils with what came of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from gis.demo.district import District
from gis.demo.goodwill import day_within, months_back
from gis.demo.numbers import Frame, stream
from gis.demo.places import middle

TOPICS = (
    "加装电梯意见协商",
    "停车位划线协商",
    "楼道堆物整治",
    "河道保洁分工",
    "垃圾投放点选址",
    "广场舞噪声公约",
    "路灯增设",
    "农田水渠清淤",
)
OUTCOMES = ("形成一致意见,由村社区落实", "表决通过,列入下月计划", "意见分歧,下次再议", "转为案件办理")


def meet(district: District) -> None:
    """Add the tables reception_days, reception_cases (what was opened there) and council_meetings."""
    rng, villages = stream(district.seed, "meetings"), district.villages
    months = months_back(district.day, 13)
    points = middle(villages["geometry"].to_numpy())
    codes = villages["code"].to_numpy()
    rows: list[dict[str, Any]] = []
    links: list[tuple[int, int]] = []
    ahead = [*months[1:], (district.day.replace(day=28) + timedelta(days=7)).replace(day=1)]
    opened = _opened(district)
    for month in ahead:
        for at, name in enumerate(villages["name"]):
            held, brought = day_within(month, rng), opened.get((codes[at], month.year * 12 + month.month), [])
            if brought:
                held = district.tables["cases"]["reported"].iat[brought[0]].date()
            past = held < district.day
            links += [(case, len(rows)) for case in brought]
            rows.append(
                {
                    "area_code": codes[at],
                    "held_on": held,
                    "site": f"{name}党群服务中心",
                    "host_role": "party_cadre",
                    "received": len(brought) + int(rng.integers(1, 9)) if past else None,
                    "territory": int(codes[at]) * 1000,
                    "geometry": points[at],
                }
            )
    district.tables["reception_days"] = pd.DataFrame(rows).astype({"received": "Int64"})
    district.tables["reception_cases"] = pd.DataFrame(links, columns=["case_id", "reception_id"])
    district.tables["council_meetings"] = _councils(district, rng)
    _trace(district)


def _councils(district: District, rng: np.random.Generator) -> Frame:
    count, codes = district.profile.councils_a_month * 12, district.villages["code"].to_numpy()
    at = rng.integers(len(codes), size=count)
    topic = rng.integers(len(TOPICS), size=count)
    held = [district.day - timedelta(days=int(back)) for back in (np.arange(count) * 365) // count + 1]
    return pd.DataFrame(
        {
            "area_code": codes[at],
            "held_on": held,
            "topic": np.array(TOPICS)[topic],
            "outcome": np.array(OUTCOMES)[rng.integers(3, size=count)],
            "case_id": -1,
            "project_id": -1,
            "territory": codes[at].astype(np.int64) * 1000,
        }
    )


def _opened(district: District) -> dict[tuple[str, int], list[int]]:
    """Return (village, month) → the cases that a reception day of before today brought, as they were reported."""
    cases = district.tables["cases"]
    before = (cases["source"] == "reception_day") & (cases["reported"] < pd.Timestamp(district.day))
    chosen = cases[before].sort_values("reported")
    village = district.grids["village"].to_numpy()[chosen["grid_id"]]
    month = chosen["reported"].dt.year * 12 + chosen["reported"].dt.month
    found: dict[tuple[str, int], list[int]] = {}
    for case, *place in zip(chosen.index.tolist(), village.tolist(), month.tolist(), strict=True):
        found.setdefault((place[0], place[1]), []).append(case)
    return found


def _trace(district: District) -> None:
    """Link every case that came from a council to one meeting in the same village, held before it was reported."""
    meetings, table = district.tables["council_meetings"], district.tables["cases"]
    cases = np.flatnonzero(table["source"] == "council")[: len(meetings)]
    village = district.grids["village"].to_numpy()[table["grid_id"].to_numpy()[cases]]
    for at, (case, code) in enumerate(zip(cases, village, strict=True)):
        meetings.loc[at, ["area_code", "case_id", "territory"]] = [code, int(case), int(code) * 1000]
        meetings.loc[at, "held_on"] = table["reported"].iat[case].date()
        meetings.loc[at, "outcome"] = OUTCOMES[3]
