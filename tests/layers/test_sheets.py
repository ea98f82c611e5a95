"""The maps of a plan over several villages: one that names the villages, and a pair for each that changes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import shapely

from gis.sketch import collection, features
from layers.sheets import sheets

NAMES = {f"99990110000{number}": f"清{name}社区" for number, name in enumerate("河湖江")}
STEP = 0.01


def maps(moved: list[Any]) -> dict[str, Any]:
    """Three villages side by side, each with a grid in the south and one in the north."""
    boxes, told = [], []
    for number, code in enumerate(NAMES):
        for row in range(2):
            boxes.append(
                shapely.box(121 + number * STEP, 29 + row * STEP, 121 + (number + 1) * STEP, 29 + (row + 1) * STEP)
            )
            grid = f"{code}00{row + 1}"
            told.append({"code": grid, "name": f"{NAMES[code]}第{row + 1}网格", "changed": True})
    sides = collection(features(np.array(boxes, object), told))
    ground = [{"name": "", "changed": True}] if moved else []
    return {"before": sides, "after": sides, "moved": collection(features(np.array(moved, object), ground))}


def test_villages_without_a_change_are_left_out() -> None:
    found = sheets(maps([]), dict(list(NAMES.items())[:2]), 1)
    assert found.still == 1
    assert [name for name, _drawn in found.villages] == ["清河社区", "清湖社区"]
    assert [shape.label for shape in found.overview["labels"]] == ["清河社区", "清湖社区"]
    assert len(found.overview["after"]) == 4
    assert {shape.label for shape in found.overview["after"]} == {""}, (
        "the grids are named on the maps of their villages"
    )
    assert [shape.label for shape in found.villages[0][1]["after"]] == ["第1网格", "第2网格"]


def test_one_village_has_one_pair() -> None:
    found = sheets(maps([]), dict(list(NAMES.items())[:1]), 2)
    assert (found.still, found.villages) == (2, [])
    assert [shape.label for shape in found.overview["after"]] == ["第1网格", "第2网格"]


def test_ground_that_moves_is_drawn_in_its_own_village() -> None:
    here, there = (shapely.box(121 + x, 29.009, 121 + x + 0.002, 29.011) for x in (0.004, 0.014))
    found = sheets(maps([shapely.multipolygons([here, there])]), dict(list(NAMES.items())[:2]), 1)
    assert found.overview["moved"][0].path.count("M") == 2
    assert [drawn["moved"][0].path.count("M") for _name, drawn in found.villages] == [1, 1]


def test_ground_that_moves_on_both_sides_of_a_border_is_cut_along_it() -> None:
    over = shapely.box(121.008, 29.009, 121.012, 29.011)
    found = sheets(maps([over]), dict(list(NAMES.items())[:2]), 1)
    (_west, west), (_east, east) = found.villages
    assert [len(drawn["moved"]) for drawn in (west, east)] == [1, 1]
    assert max(across(west["moved"])) == max(across(west["after"])), "as far as the border"
    assert min(across(east["moved"])) == min(across(east["after"]))


def across(shapes: list[Any]) -> list[float]:
    """Return how far east the corners of some shapes lie on their sheet."""
    return [float(x) for shape in shapes for x in re.findall(r"[ML](\S+) ", shape.path)]
