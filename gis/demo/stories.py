"""The planted stories: what can be found in the made-up district, where, and which figure shows it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gis.demo.district import District
from gis.demo.party import LARGE_BRANCH, SMALL_BRANCH

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Story:
    """One planted finding: its number, what it is, the codes it concerns, and the figures that prove it."""

    number: int
    title: str
    what: str
    where: tuple[str, ...]
    expected: dict[str, float | int | str]


def stories(district: District) -> list[Story]:
    """Return the twelve stories with the figures of this very district."""
    return sorted(
        [*_of_land(district), *_of_organisation(district), *_of_work(district), _of_files()], key=lambda s: s.number
    )


def _of_land(district: District) -> list[Story]:
    flaws, grids = district.land.flaws, district.grids
    codes = grids["code"].to_numpy()
    crowded = district.profile.crowded_grid
    households = int(grids.loc[grids["code"] == crowded, "households"].iloc[0])
    town = grids["town"].to_numpy()[flaws.took]
    coverage = 1 - flaws.gap.area / float(district.land.towns.loc[district.land.towns["code"] == town].area.iloc[0])
    return [
        Story(2, "户数过多的网格", "一个网格户数远超规模标准", (crowded,), {"households": households}),
        Story(
            5,
            "网格空白",
            "新建小区不属于任何网格",
            (flaws.gap_village,),
            {
                "buildings": district.profile.gap_buildings,
                "gap_m2": round(flaws.gap.area),
                "town_coverage": round(coverage, 4),
            },
        ),
        Story(
            6,
            "两村网格重叠",
            "两个村的网格边界重叠",
            (codes[flaws.overlap_grid], codes[flaws.overlapped_grid]),
            {"overlap_m2": round(flaws.overlap.area)},
        ),
        _of_border(district),
    ]


def _of_border(district: District) -> Story:
    flaws, codes = district.land.flaws, district.grids["code"].to_numpy()
    households = district.tables["grid_outlines"]["households"]
    figures: dict[str, float | int | str] = {
        "changed_on": district.changed.isoformat(),
        "moved_m2": round(flaws.strip.area),
        "households_before": int(households.iat[len(codes)]),
        "households_after": int(households.iat[flaws.gave]),
    }
    where = (codes[flaws.gave], codes[flaws.took])
    return Story(10, "网格边界调整", "两个网格在第七个月调整了边界", where, figures)


def _of_organisation(district: District) -> list[Story]:
    organisations, profile = district.tables["organisations"], district.profile
    functional = organisations[organisations["kind"] == "functional_branch"]
    bare = np.setdiff1d(district.villages["code"], functional["area_code"])
    odd = functional[functional["member_count"].isin([SMALL_BRANCH, LARGE_BRANCH])]
    unlinked, expired = _codes(district, "unlinked"), _codes(district, "expired")
    towns = np.unique([code[:9] for code in unlinked], return_counts=True)
    linked = len(district.grids) - len(unlinked)
    return [
        Story(
            3,
            "无包片领导的网格",
            "没有包片领导的网格,多数集中在一个镇",
            unlinked,
            {
                "grids": len(unlinked),
                "linked": linked,
                "most_in_one_town": int(towns[1].max()),
                "town": f"{towns[0][np.argmax(towns[1])]}000",
            },
        ),
        Story(
            4,
            "无功能型党支部的村(社区)",
            "没有任何功能型党支部",
            tuple(bare),
            {"villages": len(bare), "branches": len(functional), "members": int(functional["member_count"].sum())},
        ),
        Story(9, "法律顾问合同到期", "法律顾问合同已经到期", expired, {"villages": profile.expired_advisers}),
        Story(
            11,
            "功能型党支部人数异常",
            "人数不足三人或超过五十人",
            tuple(odd["area_code"]),
            {"smallest": SMALL_BRANCH, "largest": LARGE_BRANCH},
        ),
    ]


def _of_work(district: District) -> list[Story]:
    village, month, in_time, due = district.planted["slow"]
    cases, care, grids = district.tables["cases"], district.tables["care_tallies"], district.grids
    sewage = cases[cases["subcategory"] == "sewage"]
    town = district.town_of("石渠镇")
    last = care[(care["month"] == care["month"].max()) & (care["territory"] // 1_000_000 == int(town.code[:9]))]
    enrolled, reached = int(last["enrolled"].sum()), int(last["in_time"].sum())
    return [
        Story(
            1,
            "按期结案率偏低",
            "一个社区当月按期结案率偏低,原因是反复退单",
            (village,),
            {"month": month, "in_time": in_time, "due": due, "rate": round(in_time / due, 3)},
        ),
        Story(
            7,
            "污水外溢集中上报",
            "三百米范围内集中上报,同在一个改造项目内",
            (grids["code"].iat[sewage["grid_id"].iat[0]],),
            {"cases": len(sewage), "within_m": 300},
        ),
        Story(
            8,
            "关爱探访达标率偏低",
            "一个镇的探访达标率偏低",
            (town.code,),
            {"in_time": reached, "enrolled": enrolled, "rate": round(reached / enrolled, 3)},
        ),
    ]


def _of_files() -> Story:
    what = "一个导入文件带身份证号列,一条备注含身份证号,均须拒绝"
    return Story(
        12,
        "须拒绝的文件",
        what,
        (),
        {"with_column": "with_id_column.geojson", "with_remark": "with_id_in_remark.geojson"},
    )


def _codes(district: District, name: str) -> tuple[str, ...]:
    return tuple(district.planted[name])


def impossible_id() -> str:
    """Return an 18-digit number with a valid check digit under a province code that does not exist."""
    body = "99990119000101001"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True)) % 11]


def write(district: District, folder: Path) -> list[Story]:
    """Write stories.json and the two files that an import must refuse; return the stories."""
    told = stories(district)
    folder.mkdir(parents=True, exist_ok=True)
    listed = {
        "profile": district.profile.name,
        "seed": district.seed,
        "day": district.day.isoformat(),
        "stories": [asdict(story) for story in told],
    }
    (folder / "stories.json").write_text(json.dumps(listed, ensure_ascii=False, indent=2), encoding="utf-8")
    _write_household(folder / "with_id_column.geojson", {"身份证号": impossible_id()})
    _write_household(folder / "with_id_in_remark.geojson", {"备注": f"户主证件{impossible_id()}"})
    return told


def _write_household(path: Path, more: dict[str, str]) -> None:
    """Write a file of one household with a property that must not come in."""
    ring = [[120.86, 32.4], [120.8601, 32.4], [120.8601, 32.4001], [120.86, 32.4]]
    feature = {
        "type": "Feature",
        "properties": {"building": "1", "label": "101室", **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
