"""Nasty inputs 1, 3 and 7 as rows of the database: a planner begins a plan on them and is told what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from shapely import LineString, box
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.orm import Session

from gis import geometry
from gis.areas import Area
from gis.barriers import Barrier
from gis.boundaries import Grid, GridOutline
from gis.database import from_day
from gis.fabric.tables import Cell
from gis.premises import Building, Household
from gis.settings import Settings
from gis.viewer import key
from tests import builders, fabrics
from tests.gis.fabric.drawing import PLANE, block
from tests.scenarios import steps
from tests.webapp.desk import Desk, opened

NAME = "清河01网格"
Stored = Callable[..., Desk]


def degrees(shape: Any) -> Any:
    """Return a shape in metres as one in degrees."""
    return geometry.degrees(np.array([shape], object), PLANE)[0]


def outline(shape: Any) -> str:
    return fabrics.multi(degrees(shape))


@pytest.fixture
def stored(connection: Connection, session: Session, settings: Settings) -> Stored:
    """Store a village in metres, with one grid and without cells: the first plan builds them, as ever."""

    def store(ground: Any, houses: Sequence[Any], households: Sequence[int], roads: Sequence[Any] = ()) -> Desk:
        town, district = (fabrics.first(session, level) for level in ("town", "district"))
        code = f"{town[:9]}990"
        own, shape = {"territory": key(code) + 1}, outline(ground)
        session.add(Area(code=code, parent_code=town, level="village", kind="community", name="清河社区",
                         territory=key(code), outline=shape))  # fmt: skip
        wider = func.st_multi(func.st_union(Area.outline, func.st_geomfromewkt(shape)))  # whose roads planners see
        session.execute(update(Area).where(Area.code == district).values(outline=wider))
        session.flush()
        (grid,) = fabrics.stored(session, Grid, [{**own, "village_code": code, "code": f"{code}001", "name": NAME}])
        fabrics.stored(session, GridOutline, [{**own, "grid_id": grid, "code": f"{code}001", "name": NAME,
                       "valid": from_day(builders.LONG_AGO), "area_m2": ground.area, "outline": shape}])  # fmt: skip
        rows = [{**own, "code": f"{code}{at:05}", "name": f"清河{at}号楼", "kind": "residential", "grid_id": grid,
                 "households": homes, "residents": 3 * homes, "outline": outline(house)}
                for at, (house, homes) in enumerate(zip(houses, households, strict=True), 1)]  # fmt: skip
        buildings = np.array(fabrics.stored(session, Building, rows), np.int64)
        session.add_all([
            Barrier(kind="road", rank="major", line=f"SRID=4490;MULTILINESTRING({degrees(road).wkt[11:]})")
            for road in roads
        ])  # fmt: skip
        session.flush()
        nothing = np.zeros((0, 0), np.int64)
        village = fabrics.Village(code, nothing, buildings, nothing, [grid], nothing)
        return opened(connection, session, settings, village)

    return store


def cells(desk: Desk) -> dict[int, int]:
    """Return the cell of each building, by its number from 1."""
    steps.owner(desk)
    found = desk.session.execute(select(Cell.building_id, Cell.id).where(Cell.village_code == desk.village.code)).all()
    own = {row.building_id: row.id for row in found}
    return {at: own[int(each)] for at, each in enumerate(desk.village.buildings, 1) if int(each) in own}


def units(desk: Desk, building: int, count: int, homes: int) -> None:
    """Divide a building into units from west to east, each with some homes."""
    steps.owner(desk)
    stands = desk.session.get_one(Building, building)
    house = box(66, 1, 90, 30)
    west, south, east, north = house.bounds
    width = (east - west) / count
    rows = [
        {"building_id": building, "grid_id": stands.grid_id, "territory": stands.territory, "unit": f"{unit + 1}单元",
         "label": f"{unit + 1}-{home}", "residents": 3,
         "outline": outline(box(west + unit * width, south, west + (unit + 1) * width, north))}
        for unit in range(count) for home in range(homes)
    ]  # fmt: skip
    desk.session.execute(insert(Household), rows)
    desk.session.commit()


TOWERED = [*block(2, 2), box(66, 1, 90, 30), *block(2, 2, west=96.0)]
HOMES = [100, 100, 100, 100, 820, 100, 100, 100, 100]


def test_nasty_input_1_a_tower_is_told_in_the_suggestion_and_in_the_checks(stored: Stored) -> None:
    """No division brings 820 households of one building into the target: it is said where, and the rest is divided."""
    desk = stored(box(0, 0, 160, 64), TOWERED, HOMES)
    plan = desk.plan()
    told = steps.suggestions(desk, plan, "new")
    tower = cells(desk)[5]
    assert [(each["cells"], each["households"]) for each in told["infeasible"]] == [([tower], 820)]
    steps.taken(desk, plan, told["suggestions"][0])
    drawn = desk.draft(plan)
    alone = drawn["of"][drawn["cells"].index(tower)]
    assert drawn["of"].count(alone) == 1
    (heavy,) = (each for each in steps.findings(desk, plan) if each["code"] == "W1")
    assert heavy["grid"] == alone
    assert "820" in heavy["message"]
    assert "820" in desk.client().get(f"/plans/{plan}").text


def test_nasty_input_1_a_tower_with_units_is_divided_by_them(stored: Stored) -> None:
    """Four units of 205 households are four cells of one building, and every grid is in the target."""
    desk = stored(box(0, 0, 160, 64), TOWERED, HOMES)
    units(desk, int(desk.village.buildings[4]), 4, 205)
    plan = desk.plan()
    assert sorted(desk.draft(plan)["households"])[-4:] == [205] * 4
    told = steps.suggestions(desk, plan, "new")
    assert told["infeasible"] == []
    steps.taken(desk, plan, told["suggestions"][0])
    assert not {"E5", "W1"} & {each["code"] for each in steps.findings(desk, plan)}


@pytest.mark.parametrize("off", [0.0, 0.02])
def test_nasty_input_3_land_that_meets_in_a_corner_only_is_told_as_torn(stored: Stored, off: float) -> None:
    """Four blocks between roads that cross, once exactly and once 2 cm off: two across the corner are no grid."""
    roads = [LineString([(-5, 32), (133, 32)]), LineString([(64, -5), (64, 32)]),
             LineString([(64 + off, 32), (64 + off, 70)])]  # fmt: skip
    houses = [box(x, y, x + 12, y + 10) for y in (11, 43) for x in (26, 90)]
    desk = stored(box(0, 0, 128, 64), houses, [400] * 4, roads)
    plan = desk.plan()
    drawn = desk.draft(plan)
    assert len(drawn["cells"]) == 4, "a sliver of 2 cm is no cell"
    own, first = cells(desk), drawn["grids"][0]["id"]
    across = [own[2], own[3]]
    made = desk.send(plan, kind="split", cells=across, after=[-1, -1], grids=[{"id": -1, "name": "清河02网格"}])
    second = made.get_json()["numbers"]["-1"]
    assert steps.torn(desk, plan, first) == [[own[1]], [own[4]]]
    assert {each["grid"] for each in steps.findings(desk, plan) if each["code"] == "E3"} == {first, second}
    refused = desk.client().post(f"/plans/{plan}/submit")
    assert refused.status_code == 400
    assert "第一处为 E3" in refused.text


def test_nasty_input_7_buildings_on_each_other_over_the_border_and_outside(stored: Stored) -> None:
    """Each building inside is in one cell, whatever it stands on; those of nowhere are named with their households."""
    podium, tower = box(20, 10, 70, 50), box(30, 20, 45, 35)
    over, outside = box(-10, 10, 10, 20), box(300, 300, 310, 310)
    desk = stored(box(0, 0, 128, 64), [podium, tower, tower, over, outside], [80, 90, 100, 110, 70])
    plan = desk.plan()
    drawn = desk.draft(plan)
    assert sorted(cells(desk)) == [1, 2, 3, 4]
    assert sum(drawn["households"]) == 80 + 90 + 100 + 110
    (homeless,) = (each for each in steps.findings(desk, plan) if each["code"] == "E6")
    assert "70" in homeless["message"]
    assert f"{desk.village.code}00005" in homeless["message"]
    assert "E6" in desk.client().post(f"/plans/{plan}/submit").text


def test_nasty_input_7_a_park_that_nobody_lives_in_goes_to_a_neighbour(stored: Stored) -> None:
    """A park between roads is a cell without households: the suggestion gives it to a grid that has some."""
    roads = [LineString([(32 * at, -5), (32 * at, 69)]) for at in range(1, 4)]
    desk = stored(box(0, 0, 128, 64), block(3, 2), [120] * 6, roads)
    plan = desk.plan()
    empty = [cell for cell, homes in zip(desk.draft(plan)["cells"], desk.draft(plan)["households"], strict=True)
             if not homes]  # fmt: skip
    assert empty
    steps.taken(desk, plan, steps.suggestions(desk, plan, "new")["suggestions"][0])
    drawn = desk.draft(plan)
    parks = {grid for cell, grid in zip(drawn["cells"], drawn["of"], strict=True) if cell in empty}
    homes = {grid for homes, grid in zip(drawn["households"], drawn["of"], strict=True) if homes}
    assert parks <= homes
    assert not [each for each in steps.findings(desk, plan) if each["severity"] == "error"]
