"""Invented names: communities, villages, compounds, streets and teams; none of them means a real place or person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.demo.numbers import Frame, Profile

COMMUNITY_FIRST = [
    "海棠苑",
    "湾心里",
    "听潮",
    "云锦",
    "澜悦",
    "星河",
    "锦帆",
    "玉兰",
    "望月",
    "晴川",
    "芳汀",
    "新荷",
    "文澜",
    "书院",
    "银杏",
    "紫藤",
    "碧波",
    "朝霞",
    "金桥",
    "荷风",
    "港口",
    "海韵",
    "锚地",
    "灯塔",
    "白鹭",
    "沙洲",
    "渔港",
    "潮汐",
    "学府",
    "青禾",
    "桃李",
    "知新",
    "明德",
    "弘文",
    "博雅",
    "芸窗",
    "东风",
    "向阳",
    "红枫",
    "和顺",
    "安澜",
    "永宁",
    "棠梨",
    "杏花",
    "盐仓",
    "稻花",
    "桑榆",
    "石桥",
    "南浦",
    "北辰",
    "长堤",
    "金谷",
    "望海",
    "潮声",
    "归帆",
    "汀兰",
    "老街",
    "集贤",
    "丰登",
    "麦浪",
    "通济",
    "双塔",
]
VILLAGE_FIRST = [
    "东",
    "西",
    "南",
    "北",
    "新",
    "长",
    "永",
    "安",
    "和",
    "丰",
    "仁",
    "顺",
    "福",
    "海",
    "潮",
    "芦",
    "盐",
    "桑",
    "稻",
    "石",
]
VILLAGE_LAST = ["埭", "圩", "港", "垛", "桥", "荡", "渡", "洼", "垦", "沙", "墩", "塘", "汀", "团", "灶"]
COMPOUND_FIRST = [
    "听澜",
    "海棠",
    "望湾",
    "锦绣",
    "春晖",
    "荷塘",
    "翠堤",
    "云栖",
    "星汇",
    "银滩",
    "杏林",
    "桂雨",
    "松涛",
    "竹影",
    "梅岭",
    "兰亭",
    "逸品",
    "康宁",
    "富春",
    "晨曦",
]
COMPOUND_LAST = ["花园", "新村", "家园", "小区", "苑", "雅居", "公寓", "里"]
STREET_FIRST = [
    "澜湾",
    "通海",
    "望潮",
    "安澜",
    "文澜",
    "永丰",
    "和顺",
    "长埭",
    "新港",
    "云帆",
    "芦汀",
    "桑园",
    "石渠",
    "金穗",
    "海棠",
    "稻香",
    "盐溪",
    "学苑",
    "灯塔",
    "白鹭",
]
DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """Return a whole number from 0 to 9999 in Chinese numerals."""
    if number < 10:
        return DIGITS[number]
    text, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        gap = gap or bool(text and not digit)
        if digit:
            text += ("零" if gap else "") + DIGITS[digit] + sign
            gap = False
    return text[1:] if 10 <= number < 20 else text


def villages(profile: Profile, rng: np.random.Generator) -> dict[str, list[str]]:
    """Return the names of each town's communities and then villages, no name twice in the district."""
    pool = [first + last for first in VILLAGE_FIRST for last in VILLAGE_LAST]
    taken = {town.name[:2] for town in profile.towns}
    free = iter([name for name in rng.permutation(pool).tolist() if name not in taken])
    communities = iter(COMMUNITY_FIRST)
    spare = iter([first + "新" for first in VILLAGE_FIRST])
    named: dict[str, list[str]] = {}
    for town in profile.towns:
        urban = [f"{next(communities, None) or next(spare)}社区" for _ in range(town.communities)]
        named[town.code] = urban + [f"{next(free)}村" for _ in range(town.villages)]
    return named


def compound(rng: np.random.Generator) -> str:
    """Return the name of a residential compound."""
    return str(rng.choice(COMPOUND_FIRST)) + str(rng.choice(COMPOUND_LAST))


def worker(number: int) -> str:
    """Return the display name of a made-up member of staff."""
    return f"演示{numeral(number)}号"


def phone(number: int) -> str:
    """Return a telephone number that nobody can dial."""
    return f"000-{number % 10000:04d}"


def addresses(table: Frame, grids: Frame, rng: np.random.Generator) -> Frame:
    """Add compound, name, address and a number within the grid to buildings that know their grid row (-1: none)."""
    row = table["grid"].to_numpy()
    known = grids.iloc[np.maximum(row, 0)]
    village = known["name"].str.replace(r"第.*网格$|.{2}专属网格$", "", regex=True).to_numpy()
    called = np.array([compound(rng) for _ in range(len(grids))])
    street = np.array([f"{STREET_FIRST[n]}路" for n in rng.integers(len(STREET_FIRST), size=len(grids))])
    kind = table["kind"].to_numpy()
    number = table.groupby("grid", sort=False).cumcount().to_numpy() + 1
    flat, text = kind == "residential", number.astype(str)
    home = kind == "homestead"
    table["number"] = number
    table["compound"] = np.where(row < 0, "新澜家园", np.where(flat, called[row], ""))
    group = known["code"].str[12:].astype(int).astype(str).to_numpy()
    rural = np.char.add(np.char.add(village.astype(str), group.astype(str)), np.char.add("组", text))
    urban = np.char.add(street[row].astype(str), text)
    table["address"] = np.char.add(np.where(home, rural, urban), "号")
    block = np.char.add(np.char.add(table["compound"].to_numpy().astype(str), text), "幢")
    table["name"] = np.where(flat, block, _titles(kind, village, number))
    return table


TITLES = {
    "commercial": ("便民商店", "农贸市场", "商铺", "超市"),
    "office": ("办公楼", "综合楼"),
    "school": ("小学", "幼儿园", "教学楼"),
    "hospital": ("卫生室", "门诊楼"),
    "factory": ("厂房", "车间", "仓库"),
    "public": ("文化礼堂", "活动中心", "公共服务用房"),
    "other": ("附属用房", "设备用房"),
}


def _titles(kind: NDArray[np.object_], village: NDArray[np.object_], number: NDArray[np.int64]) -> NDArray[np.str_]:
    place = np.array([name.removesuffix("社区").removesuffix("村") for name in village])
    title = [TITLES[k][n % len(TITLES[k])] if k in TITLES else "" for k, n in zip(kind, number, strict=True)]
    known = np.array([bool(text) for text in title])
    return np.where(known, np.char.add(place, np.array(title)), "")
