"""Rows of the cases and their append-only log, written from the times that the year gave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.deadlines import Calendar, near
from gis.demo import clock
from gis.demo.clock import Moments
from gis.demo.district import District
from gis.demo.numbers import Frame, deal
from gis.scope import ZONE

Rows = NDArray[np.int64]
WEEK = Calendar()
SOURCES = {
    "grid_patrol": 58,
    "resident_app": 21,
    "hotline_12345": 13,
    "reception_day": 4,
    "dept_transfer": 3,
    "council": 1,
}
LEVELS = {"grid": 62, "village": 23, "town": 12, "district": 3}
REASONS = {"resolved": 93, "no_action_needed": 4, "unable": 1.5, "withdrawn": 1.5}

TITLES: dict[str, tuple[tuple[str, str], ...]] = {
    "environment": (
        ("litter", "暴露垃圾清理"),
        ("posters", "小广告清除"),
        ("waterside", "河边垃圾打捞"),
        ("dumping", "建筑垃圾乱堆"),
    ),
    "public_facility": (
        ("lighting", "路灯不亮"),
        ("manhole", "井盖破损"),
        ("paving", "道路破损"),
        ("fitness", "健身器材损坏"),
    ),
    "safety_hazard": (("charging", "飞线充电"), ("corridor", "楼道堆物"), ("wire", "电线垂落"), ("bank", "河岸塌陷")),
    "property_repair": (("leak", "屋面渗漏"), ("lift", "电梯故障"), ("gate", "单元门损坏")),
    "livelihood": (("meals", "助餐需求"), ("errand", "代办需求"), ("care", "上门服务需求")),
    "dispute": (("neighbour", "邻里纠纷"), ("parking", "停车纠纷"), ("boundary", "宅基地边界纠纷")),
    "inquiry": (("policy", "政策咨询"), ("handling", "办事咨询")),
    "suggestion": (("advice", "意见建议"),),
    "unauthorized_building": (("shed", "违法搭建"),),
}
SEWAGE = ("sewage", "污水管道外溢")
LEAD = {
    "environment": "环境卫生部门",
    "public_facility": "市政养护部门",
    "safety_hazard": "应急管理部门",
    "dispute": "人民调解委员会",
    "livelihood": "民政部门",
    "property_repair": "物业管理部门",
    "unauthorized_building": "综合执法队",
    "inquiry": "便民服务中心",
    "suggestion": "镇街指挥中心",
}
OPEN_STATUSES = ("filed", "dispatched", "in_progress", "handled", "verifying")
STAGES = ("reported", "accepted", "filed", "dispatched", "in_progress", "handled", "verifying", "closed")
ACTORS = {
    "reported": "上报人",
    "accepted": "指挥中心",
    "filed": "指挥中心",
    "dispatched": "指挥中心",
    "in_progress": "处置部门",
    "handled": "处置部门",
    "verifying": "网格员",
    "closed": "指挥中心",
    "rejected": "指挥中心",
    "returned": "处置部门",
    "verify_failed": "网格员",
    "suspended": "指挥中心",
}


@dataclass
class Year:
    """The columns of the cases while they are made, all of the same length and in the order of reporting."""

    now: np.datetime64
    grid: Rows
    town: Rows
    category: NDArray[np.object_]
    reported: Moments
    accepted: Moments
    filed: Moments
    due: Moments
    closed: Moments
    urgent: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    open: NDArray[np.bool_]
    sewage: NDArray[np.bool_]
    returns: Rows


def write(district: District, year: Year, points: NDArray[np.object_], rng: np.random.Generator) -> None:
    """Add the tables cases and case_events to the district."""
    count = len(year.grid)
    status = np.where(year.rejected, "rejected", "closed").astype(object)
    status[year.open] = rng.choice(OPEN_STATUSES, int(year.open.sum()), p=[0.1, 0.25, 0.45, 0.12, 0.08])
    running = np.flatnonzero(year.open & (year.due >= year.now) & ~year.sewage)
    asleep = rng.choice(running, -(-len(running) // 70), replace=False) if len(running) else running
    status[asleep] = "suspended"
    times = _times(year, status, rng)
    done = status == "closed"
    rework = np.zeros(count, dtype=np.int64)
    rework[rng.choice(np.flatnonzero(done), round(0.028 * int(done.sum())), replace=False)] = 1
    extended = np.zeros(count, dtype=np.int64)
    extended[rng.choice(np.flatnonzero(~year.rejected), round(0.019 * int((~year.rejected).sum())), replace=False)] = 1
    year.returns[year.rejected | (status == "filed")] = 0
    table = _table(district, year, times, status, done, rng)
    table = table.assign(rework_count=rework, extension_count=extended, return_count=year.returns, geometry=points)
    table["suspended_from"] = np.where(status == "suspended", year.now - np.timedelta64(3, "h"), np.datetime64("NaT"))
    district.tables["cases"] = table.assign(**_limits(year))
    district.tables["case_events"] = _events(table, times, year.now)


def _limits(year: Year) -> dict[str, object]:
    """Return amount and unit of each limit, and of the open cases from when on it is near."""
    days = np.where(year.urgent, clock.URGENT_HOURS, clock.days(year.category, year.sewage))
    unit = np.where(year.urgent, "natural_hour", "working_day")
    soon = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[s]")
    for at in np.flatnonzero(year.open):
        end = pd.Timestamp(year.due[at]).to_pydatetime().replace(tzinfo=ZONE)
        soon[at] = np.datetime64(near(end, int(days[at]), unit[at], WEEK).replace(tzinfo=None), "s")
    rejected = year.rejected | np.isnat(year.due)
    amount = pd.Series(days).astype("Int64").mask(rejected)
    return {"limit_amount": amount, "limit_unit": np.where(rejected, "", unit), "soon_at": soon}


def _times(year: Year, status: NDArray[np.object_], rng: np.random.Generator) -> dict[str, Moments]:
    """Return stage → moments; a stage that a case has not reached, or never takes, is empty."""
    end = np.where(np.isnat(year.closed), year.now, year.closed)
    span = (end - year.filed).astype(np.int64)
    reached = {name: at for at, name in enumerate(STAGES)} | {"suspended": 4, "rejected": len(STAGES) - 1}
    rank = pd.Series(status).map(reached).to_numpy()
    part = {"dispatched": 0.01, "in_progress": 0.35, "handled": 0.8, "verifying": 0.9}
    times = {"reported": year.reported, "accepted": year.accepted, "filed": year.filed, "closed": year.closed}
    sway = rng.uniform(0.9, 1.05, len(span))
    times |= {name: year.filed + (span * share * sway).astype("timedelta64[s]") for name, share in part.items()}
    for at, name in enumerate(STAGES[2:], start=2):
        times[name] = np.where((rank < at) | (year.rejected & (name != "closed")), np.datetime64("NaT"), times[name])
    return times


def _table(
    district: District,
    year: Year,
    times: dict[str, Moments],
    status: NDArray[np.object_],
    done: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Frame:
    grids = district.grids
    clocks = {
        "reported": year.reported,
        "reported_at": year.reported,
        "accepted_at": year.accepted,
        "filed_at": times["filed"],
        "dispatched_at": times["dispatched"],
        "handled_at": times["handled"],
        "verified_at": np.where(done, times["verifying"], np.datetime64("NaT")),
        "closed_at": year.closed,
        "due_at": np.where(year.rejected, np.datetime64("NaT"), year.due),
    }
    links = {
        "grid_id": year.grid,
        "outline_id": _outline(district, year),
        "handler_id": _handler(district, year),
        "project_id": np.where(year.sewage, 0, -1),
        "territory": grids["code"].to_numpy()[year.grid].astype(np.int64),
    }
    return pd.DataFrame({"status": status, **clocks, **links, **_words(district, year, rng), **_ends(year, done, rng)})


def _words(district: District, year: Year, rng: np.random.Generator) -> dict[str, object]:
    """Return what is written on each case."""
    count = len(year.grid)
    at = rng.integers(60, size=count)
    words = [TITLES[name][number % len(TITLES[name])] for name, number in zip(year.category, at, strict=True)]
    words = [SEWAGE if sewage else word for word, sewage in zip(words, year.sewage, strict=True)]
    restricted = np.isin(year.category, ["dispute", "livelihood"])
    day = pd.Series(year.reported).dt.strftime("%Y%m%d")
    return {
        "case_no": [f"{text}{number:05d}" for number, text in enumerate(day, start=1)],
        "category": year.category,
        "subcategory": [word[0] for word in words],
        "title": [word[1] for word in words],
        "address": [f"{name}附近" for name in district.grids["name"].to_numpy()[year.grid]],
        "source": deal(count, SOURCES, rng),
        "urgency": np.where(year.urgent, "urgent", "normal"),
        "visibility": np.where(restricted, "restricted", np.where(rng.random(count) < 0.3, "public", "internal")),
        "lead_body": [LEAD[name] for name in year.category],
    }


def _ends(year: Year, done: NDArray[np.bool_], rng: np.random.Generator) -> dict[str, object]:
    """Return on which level and why each ended case ended, and what those who were asked said."""
    count, ended = len(done), int(done.sum())
    reason = np.where(year.rejected, rng.choice(["not_responsible", "no_action_needed"], count), "").astype(object)
    reason[done] = deal(ended, REASONS, rng)
    level = np.full(count, "", dtype=object)
    level[done] = deal(ended, LEVELS, rng)
    asked = done & (rng.random(count) < 0.3)
    satisfied = np.where(asked, np.where(rng.random(count) < 0.93, "true", "false"), "")
    return {"closing_level": level, "closure_reason": reason, "satisfied": satisfied}


def _outline(district: District, year: Year) -> NDArray[np.int64]:
    """Return the row of the outline in force when a case came in; the earlier outlines follow the present ones."""
    flaws, count = district.land.flaws, len(district.grids)
    before = year.reported < np.datetime64(district.changed)
    earlier = np.where(year.grid == flaws.gave, count, count + 1)
    return np.where(before & np.isin(year.grid, [flaws.gave, flaws.took]), earlier, year.grid)


def _handler(district: District, year: Year) -> NDArray[np.int64]:
    """Return the first worker, or else the leader, of each case's grid."""
    posts = district.tables["assignments"]
    posts = posts[posts["role"].isin(["grid_leader", "grid_worker"]) & (posts["grid_id"] >= 0)]
    ranked = posts.assign(order=posts["role"].eq("grid_leader")).sort_values(["grid_id", "order"], kind="stable")
    return np.asarray(ranked.groupby("grid_id")["staff_id"].first().to_numpy()[year.grid])


def _events(table: Frame, times: dict[str, Moments], now: np.datetime64) -> Frame:
    """Return the log: every step of every case in order, with the state it came from."""
    steps = [_step(name, np.arange(len(table)), times[name]) for name in STAGES]
    rejected = (table["status"] == "rejected").to_numpy()
    steps[-1]["to_status"] = np.where(rejected[steps[-1]["case_id"]], "rejected", "closed")
    asleep = np.flatnonzero(table["status"] == "suspended")
    steps.append(
        _step("suspended", asleep, table["suspended_from"].to_numpy()[asleep]).assign(reason="等待材料,经批准缓办")
    )
    longer = np.flatnonzero((table["extension_count"] > 0) & ~np.isnat(times["in_progress"]))
    steps.append(_step("in_progress", longer, times["in_progress"][longer] + 600).assign(reason="延期一次", order=4.5))
    steps += _returns(table, times, now) + _reworks(table, times)
    log = pd.concat(steps, ignore_index=True).sort_values(["case_id", "at", "order"], kind="stable")
    first = log["case_id"].ne(log["case_id"].shift())
    log["from_status"] = log["to_status"].shift().where(~first, None)
    log["actor"] = log["to_status"].map(ACTORS)
    return log.drop(columns="order").reset_index(drop=True)


def _step(status: str, rows: NDArray[np.int64], at: NDArray[np.datetime64]) -> Frame:
    kept = ~np.isnat(at)
    order = float(STAGES.index(status)) if status in STAGES else 6.5
    return pd.DataFrame({"case_id": rows[kept], "at": at[kept], "to_status": status, "order": order, "reason": None})


def _returns(table: Frame, times: dict[str, Moments], now: np.datetime64) -> list[Frame]:
    """Return the ping-pong of disputed cases: sent back with a reason, sent out again."""
    steps = []
    for turn in range(int(table["return_count"].max())):
        rows = np.flatnonzero((table["return_count"] > turn) & ~np.isnat(times["dispatched"]))
        start = times["dispatched"][rows]
        reached = times["in_progress"][rows]
        span = (np.where(np.isnat(reached), now, reached) - start).astype(np.int64)
        back = start + (span * (0.1 + 0.2 * turn)).astype("timedelta64[s]")
        again = start + (span * (0.2 + 0.2 * turn)).astype("timedelta64[s]")
        steps.append(_step("returned", rows, back).assign(reason="不属于本部门职责范围"))
        steps.append(_step("dispatched", rows, again))
    return steps


def _reworks(table: Frame, times: dict[str, Moments]) -> list[Frame]:
    """Return the second round of cases that failed verification."""
    rows = np.flatnonzero(table["rework_count"] > 0)
    start, end = times["verifying"][rows], times["closed"][rows]
    span = (end - start).astype(np.int64)
    again = zip(
        ("verify_failed", "dispatched", "in_progress", "handled", "verifying"), (0.1, 0.2, 0.4, 0.7, 0.9), strict=True
    )
    steps = [_step(name, rows, start + (span * part).astype("timedelta64[s]")) for name, part in again]
    return [steps[0].assign(reason="现场未处置到位"), *steps[1:]]
