"""What helps: volunteer teams and activities, service points, projects, honours, care."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.demo import names
from gis.demo.district import District, between
from gis.demo.numbers import Frame, share, spread, stream
from gis.demo.places import scatter
from gis.volunteers import hours

CENTRE, DAILY = ("08:30-12:00,13:30-17:30", ""), ("08:00-20:00", "08:00-20:00")  # on working days, on days off

SKILLS = ("first_aid", "repairs", "legal", "elder_care", "children", "culture", "environment", "emergency")
SKILL_TITLES = ("急救", "便民维修", "法律援助", "助老", "少儿", "文体", "环保", "应急")
GOALS = (0.96, 0.93, 0.91, 0.9, 0.92, 0.88, 0.94, 0.86, 0.89, 0.91, 0.84, 0.71, 0.9, 0.87, 0.93, 0.82)
"""Share of the care visits made in time, by town in the order of the table."""
MONTH = timedelta(days=30)


def months_back(day: date, count: int) -> list[date]:
    """Return the first days of the last `count` months, the oldest first, the month of `day` last."""
    number = day.year * 12 + day.month - 1
    return [date((number - back) // 12, (number - back) % 12 + 1, 1) for back in range(count - 1, -1, -1)]


def day_within(month: date, rng: np.random.Generator, last: int = 28) -> date:
    """Return a day of a month by chance."""
    return month.replace(day=int(rng.integers(1, last + 1)))


def help_out(district: District) -> None:
    """Add the tables of volunteers, service points, projects, honours and care."""
    tables = district.tables
    tables["volunteer_teams"] = _teams(district, stream(district.seed, "volunteers"))
    tables["volunteer_activities"] = _activities(district, stream(district.seed, "activities"))
    tables["service_points"] = _points(district, stream(district.seed, "points"))
    tables["projects"] = _projects(district, stream(district.seed, "projects"))
    tables["honours"] = _honours(district, stream(district.seed, "honours"))
    tables["care_tallies"] = _care(district, stream(district.seed, "care"))


def _teams(district: District, rng: np.random.Generator) -> Frame:
    profile, grids = district.profile, district.grids
    rows, active = [], []
    for town in profile.towns:
        places = district.rows_of(town, "general")
        rows.append(rng.choice(places, town.teams, replace=town.teams > len(places)))
        active.append(spread(town.volunteers, town.teams, rng, 0.6, 3))
    at, count = np.concatenate(rows), np.concatenate(active)
    skill = rng.integers(len(SKILLS), size=(len(at), 2))
    titles = [
        f"{name}{SKILL_TITLES[main]}志愿服务队"
        for name, main in zip(grids["name"].to_numpy()[at], skill[:, 0], strict=True)
    ]
    return pd.DataFrame(
        {
            "area_code": grids["village"].to_numpy()[at],
            "grid_id": at,
            "name": titles,
            "skills": ["{" + ",".join(sorted({SKILLS[a], SKILLS[b]})) + "}" for a, b in skill],
            "active_count": count,
            "registered_count": share(profile.registered_volunteers, count),
            "availability": rng.choice(["any_time", "evenings", "weekends"], len(at), p=[0.3, 0.3, 0.4]),
            "radius_m": rng.choice([800, 1000, 1500, 2500], len(at)),
            "contact_phone": [names.phone(3000 + number) for number in range(len(at))],
            "territory": grids["code"].to_numpy()[at].astype(np.int64),
            "geometry": scatter(grids["geometry"].to_numpy()[at], rng),
        }
    )


def _activities(district: District, rng: np.random.Generator) -> Frame:
    teams = district.tables["volunteer_teams"]
    at = np.repeat(np.arange(len(teams)), rng.integers(6, 15, len(teams)))
    sites = np.array(("党群服务中心", "文化广场", "居民活动室", "社区公园"))
    chosen = stream(district.seed, "sites").integers(len(sites), size=len(at))
    titles = ("清洁家园", "敬老助餐", "义务维修", "普法宣传", "防台巡查", "亲子阅读")
    people = np.maximum((teams["active_count"].to_numpy()[at] * rng.uniform(0.2, 0.8, len(at))).astype(int), 1)
    return pd.DataFrame(
        {
            "team_id": at,
            "held_on": [district.day - timedelta(days=int(back)) for back in rng.integers(1, 365, len(at))],
            "name": np.array(titles)[rng.integers(len(titles), size=len(at))],
            "participants": people,
            "site": sites[chosen],
            "hours": np.round(people * rng.choice([1.5, 2.0, 3.0], len(at)), 1),
            "territory": teams["territory"].to_numpy()[at],
            "geometry": scatter(district.grids["geometry"].to_numpy()[teams["grid_id"].to_numpy()[at]], rng),
        }
    )


def _points(district: District, rng: np.random.Generator) -> Frame:
    grids, villages = district.grids, district.villages
    first = grids["village"].searchsorted(villages["code"])
    more = np.sort(rng.choice(len(grids), min(district.profile.grid_service_points, len(grids)), replace=False))
    at = np.append(first, more)
    kind = np.append(
        np.repeat("service_centre", len(first)), rng.choice(["station", "canteen", "clinic", "supplies"], len(more))
    )
    title = {
        "service_centre": "党群服务中心",
        "station": "邻里驿站",
        "canteen": "社区食堂",
        "clinic": "健康小站",
        "supplies": "物资点",
    }
    place = np.append(villages["name"].to_numpy(), grids["name"].to_numpy()[more])
    return pd.DataFrame(
        {
            "area_code": grids["village"].to_numpy()[at],
            "grid_id": at,
            "kind": kind,
            "name": [f"{name}{title[k]}" for name, k in zip(place, kind, strict=True)],
            "capacity": rng.integers(10, 120, len(at)),
            "opening_hours": [hours.told(*(CENTRE if each == "service_centre" else DAILY)) for each in kind],
            "hours_workdays": np.where(kind == "service_centre", CENTRE[0], DAILY[0]),
            "hours_days_off": np.where(kind == "service_centre", CENTRE[1], DAILY[1]),
            "items": np.where(kind == "service_centre", "{代办服务,法律咨询,议事协商}", "{便民服务}"),
            "contact_phone": [names.phone(5000 + number) for number in range(len(at))],
            "territory": grids["code"].to_numpy()[at].astype(np.int64),
            "geometry": scatter(grids["geometry"].to_numpy()[at], rng),
        }
    )


def _projects(district: District, rng: np.random.Generator) -> Frame:
    """Return renovations of old compounds; the first one is the compound of the sewage story."""
    grids = district.grids
    urban = np.flatnonzero(grids["urban"] & (grids["kind"] == "general"))
    homely = np.intersect1d(urban, district.rows_of(district.town_of("湾心街道")))
    story = homely[min(5, len(homely) - 1)]
    count = 24 if len(urban) > 30 else 2
    at = np.append(story, rng.choice(urban[urban != story], count - 1, replace=False))
    stage = np.append(["under_way", "accepted"], rng.choice(["planned", "under_way", "accepted"], count - 2)).tolist()
    start = [district.day - timedelta(days=int(back)) for back in rng.integers(30, 500, count)]
    district.planted["sewage_grid"] = int(story)
    return pd.DataFrame(
        {
            "area_code": grids["village"].to_numpy()[at],
            "kind": "renovation",
            "stage": stage,
            "started_on": [
                None if at == "planned" else min(day + MONTH, district.day)
                for at, day in zip(stage, start, strict=True)
            ],
            "completed_on": [
                min(day + 9 * MONTH, district.day) if at == "accepted" else None
                for at, day in zip(stage, start, strict=True)
            ],
            "name": [f"{name}老旧小区改造" for name in grids["name"].to_numpy()[at]],
            "budget_band": rng.choice(["500万元以下", "500-2000万元", "2000万元以上"], count),
            "lead_body": "区住建部门",
            "valid": [between(day, day + timedelta(days=720)) for day in start],
            "territory": grids["code"].to_numpy()[at].astype(np.int64),
            "geometry": [
                max(shapely.get_parts(part), key=lambda piece: piece.area)
                for part in shapely.buffer(grids["geometry"].to_numpy()[at], -25)
            ],
        }
    )


def _honours(district: District, rng: np.random.Generator) -> Frame:
    blocks = np.flatnonzero((district.buildings["households"] > 0) & (district.buildings["grid"] >= 0))
    at = np.sort(rng.choice(blocks, max(len(blocks) // 60, 1), replace=False))
    codes = district.grids["code"].to_numpy()[district.buildings["grid"].to_numpy()[at]]
    return pd.DataFrame(
        {
            "building_id": at,
            "kind": rng.choice(["model_building", "model_compound"], len(at), p=[0.85, 0.15]),
            "year": rng.integers(district.day.year - 3, district.day.year, len(at)),
            "territory": codes.astype(np.int64),
        }
    )


def _care(district: District, rng: np.random.Generator) -> Frame:
    """Return enrolments by grid and tier for six months; the last month holds each town's rate exactly."""
    grids, profile = district.grids, district.profile
    at = np.flatnonzero(grids["kind"] == "general")
    weight = grids["residents"].to_numpy()[at] * rng.uniform(0.7, 1.3, len(at))
    enrolled = np.concatenate([share(count, weight) for count in profile.care])
    tier, row = np.repeat(["weekly", "monthly", "quarterly"], len(at)), np.tile(at, 3)
    goal = GOALS if len(profile.towns) > 1 else (0.71,)
    frames = []
    for back, month in enumerate(reversed(months_back(district.day, 6))):
        in_time = np.zeros(len(row), dtype=np.int64)
        for town, rate in zip(profile.towns, goal, strict=True):
            inside = np.flatnonzero((grids["town"].to_numpy()[row] == town.code) & (enrolled > 0))
            wanted = min(max(rate + (rng.normal(0, 0.015) if back else 0.0), 0.5), 0.99)
            in_time[inside] = hit(enrolled[inside], wanted, rng)
        frames.append(
            pd.DataFrame({"grid_id": row, "month": month, "tier": tier, "enrolled": enrolled, "in_time": in_time})
        )
    table: Frame = pd.concat(frames, ignore_index=True)
    table["territory"] = grids["code"].to_numpy()[table["grid_id"]].astype(np.int64)
    return table[table["enrolled"] > 0].reset_index(drop=True)


def hit(sizes: NDArray[np.int64], rate: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a part of every size so that all parts together are the given share of all sizes, rounded."""
    each = np.clip(rate + rng.normal(0, 0.08, len(sizes)), 0.2, 1.0) * sizes
    parts = np.minimum(np.floor(each), sizes).astype(np.int64)
    wanted = round(rate * int(sizes.sum()))
    for step in rng.permutation(np.repeat(np.arange(len(sizes)), sizes)):
        missing = wanted - int(parts.sum())
        if missing == 0:
            break
        moved = parts[step] + int(np.sign(missing))
        parts[step] = moved if 0 <= moved <= sizes[step] else parts[step]
    return parts
