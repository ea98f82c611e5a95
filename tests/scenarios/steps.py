"""What planners and reviewers do again and again, and what is stored of a village."""

from __future__ import annotations

import json
from typing import Any

import shapely
from sqlalchemy import func, select, text

from gis import checks
from gis.boundaries import Grid, GridOutline
from gis.fabric.tables import Cell
from gis.plans.draft import draft
from gis.plans.tables import Plan, PlanCell
from gis.premises import Building
from gis.viewer import key, system
from tests.webapp.desk import Desk


def owner(desk: Desk) -> None:
    """Go back to who owns the database, to see what is really there."""
    desk.session.execute(text("RESET ROLE"))
    desk.session.expire_all()


def grid(desk: Desk, plan: int, number: int) -> int:
    """Return the plan's number of a grid, by its number in the village."""
    name = f"清河{number:02}网格"
    return next(int(each["id"]) for each in desk.draft(plan)["grids"] if each["name"] == name)


def findings(desk: Desk, plan: int) -> list[dict[str, Any]]:
    """Return what the rules find in a plan."""
    found: list[dict[str, Any]] = desk.client().get(f"/drafts/{plan}/findings").get_json()["findings"]
    return found


def torn(desk: Desk, plan: int, grid: int) -> list[list[int]]:
    """Return the cells of each part of a grid that the rules find in pieces."""
    owner(desk)
    found = checks.check(draft(desk.session, system(desk.now.date()), plan))
    return [sorted(part) for each in found if (each.code, each.grid) == ("E3", grid) for part in each.parts]


def suggestions(desk: Desk, plan: int, kind: str, grid: int | str = "") -> dict[str, Any]:
    """Return what is suggested, the best first."""
    found: dict[str, Any] = desk.client().get(f"/drafts/{plan}/suggestions?kind={kind}&grid={grid}").get_json()
    return found


def taken(desk: Desk, plan: int, best: dict[str, Any]) -> None:
    """Take a suggestion as the editor does: grids that it begins get a name."""
    names = [{**each, "name": f"清河新{-each['id']}网格"} if each["id"] < 0 else each for each in best["grids"]]
    answer = desk.send(plan, kind="suggest", cells=best["cells"], after=best["after"], grids=names)
    assert answer.status_code == 200, answer.text


def agreed(desk: Desk, plan: int, day: str) -> None:
    """Hand a plan in and have somebody else approve it for a day."""
    answer = desk.client().post(f"/plans/{plan}/submit")
    assert answer.status_code == 302, answer.text
    answer = desk.client("town_manager").post(f"/plans/{plan}/approve", data={"effective": day})
    assert answer.status_code == 302, answer.text


def published(desk: Desk, plan: int, day: str) -> None:
    """Hand a plan in, have it approved for a day, and publish it."""
    agreed(desk, plan, day)
    answer = desk.client("town_manager").post(f"/plans/{plan}/publish")
    assert answer.status_code == 302, answer.text
    owner(desk)
    assert desk.session.get_one(Plan, plan).status == "published"


def features(desk: Desk, plan: int) -> dict[str, str]:
    """Return the text of each grid of a plan by its name, as the file has it."""
    told = json.loads(desk.client().get(f"/plans/{plan}/file.geojson").get_data())
    return {each["properties"]["name"]: json.dumps(each, ensure_ascii=False) for each in told["features"]}


def in_force(desk: Desk) -> dict[str, Any]:
    """Return code → outline of the village on the desk's day."""
    own = GridOutline.territory.between(key(desk.village.code), key(desk.village.code) + 999)
    found = select(GridOutline.code, func.st_asbinary(GridOutline.outline))
    rows = desk.session.execute(found.where(own, GridOutline.valid.contains(desk.now.date())))
    return {code: shapely.from_wkb(bytes(wkb)) for code, wkb in rows}


def counted(desk: Desk, plan: int) -> dict[int | None, int]:
    """Return the households of each grid of a plan as one SQL sum says."""
    summed = (
        select(PlanCell.plan_grid_id, func.sum(Building.households))
        .join(Cell, Cell.id == PlanCell.cell_id)
        .join(Building, Building.id == Cell.building_id)
        .where(PlanCell.plan_id == plan)
        .group_by(PlanCell.plan_grid_id)
    )
    return {grid: int(total) for grid, total in desk.session.execute(summed)}


def codes(desk: Desk) -> dict[str, str]:
    """Return code → status of every grid that the village ever had."""
    found = select(Grid.code, Grid.status).where(Grid.village_code == desk.village.code)
    return dict(desk.session.execute(found).all())
