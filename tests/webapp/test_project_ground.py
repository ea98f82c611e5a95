"""A project over several villages is seen on the ground of each, and kept by the area that holds it whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.database import SRID
from gis.premises import Project
from gis.viewer import Viewer, key
from layers.forces import PROJECTS
from layers.query import Asked, rows
from tests.conftest import DAY, NOW
from tests.webapp.desk import Enter

NAME = "河岸改造"


@pytest.fixture
def villages(session: Session) -> list[str]:
    """A project of a town over two villages that are neighbours; returned with a third one that it does not reach."""
    own = session.scalars(select(Area).where(Area.level == "village", Area.code == "999901100001")).one()
    near = select(Area).where(Area.parent_code == own.parent_code, Area.code != own.code).order_by(Area.code)
    ground = {area.code: to_shape(area.outline) for area in [own, *session.scalars(near)]}
    other = next(code for code, shape in ground.items() if code != own.code
                 and shapely.intersection(shape, ground[own.code]).length > 0.001)  # fmt: skip
    border = shapely.intersection(ground[own.code], ground[other])
    strip = border.interpolate(0.5, normalized=True).buffer(0.0003)
    far = next(code for code, shape in ground.items() if not shapely.intersects(shape, strip))
    session.add(Project(name=NAME, lead_body="住建部门", area_code=own.parent_code, stage="planned",
                        territory=key(own.parent_code), outline=from_shape(shapely.MultiPolygon([strip]), SRID),
                        valid=Range(DAY, None)))  # fmt: skip
    session.flush()
    return [own.code, other, far]


def test_each_village_that_it_touches_lists_it_and_no_other(enter: Enter, villages: list[str]) -> None:
    town = enter("town_manager")
    listed = [NAME in town.get(f"/projects/?area={code}").text for code in villages]
    assert listed == [True, True, False]
    assert town.get("/projects/").text.count(NAME) == 1


def test_who_keeps_a_village_sees_it_and_does_not_change_it(
    enter: Enter, session: Session, villages: list[str]
) -> None:
    number = session.scalar(select(Project.id).where(Project.name == NAME))
    village, worker = enter("village_manager"), enter("grid_worker")
    page = village.get(f"/projects/{number}").text
    assert NAME in page
    assert 'class="project"' in page, "on a map"
    assert f"/projects/{number}/end" not in page
    assert village.post(f"/projects/{number}/end", data={"ends_on": str(DAY)}).status_code in (403, 404)
    assert f"/projects/{number}/end" in enter("town_manager").get(f"/projects/{number}").text
    assert worker.get("/projects/").status_code == 200


def test_the_layer_has_it_on_the_ground_of_the_village(
    session: Session, viewer_as: Callable[[str], Viewer], villages: list[str]
) -> None:
    found = session.execute(rows(PROJECTS, viewer_as("village_manager"), Asked(DAY, NOW))).all()
    assert NAME in [each.name for each in found]
