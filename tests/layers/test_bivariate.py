"""Need against resource: the map, the table and SQL say the same, and the nine classes can be told apart in grey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.resources import VolunteerTeam
from gis.viewer import Viewer
from layers import bivariate, density, figures
from layers.bivariate import STEPS
from layers.query import Asked
from layers.themes import NEED_AXES, VOLUNTEERS_THEME
from tests.conftest import DAY, NOW

MEASURE = next(each for each in VOLUNTEERS_THEME.measures if each.axes is not None)


def grey(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def expected(value: float | None, bounds: tuple[float, float]) -> int:
    return sum((value or 0) > bound for bound in bounds)


@pytest.mark.parametrize("area", [None, "999901100001", "999901100001003"])
def test_the_map_the_table_and_the_quotients_agree(
    area: str | None, session: Session, admitted: Callable[[str], Viewer]
) -> None:
    viewer, asked = admitted("town_manager"), Asked(DAY, NOW, area=area)
    painted = {each.code: each for each in figures.figures(session, MEASURE, viewer, asked)}
    lines = {each.code: each for each in density.table(session, viewer, asked, "grid")}
    assert painted.keys() == lines.keys()
    for code, figure in painted.items():
        need, resource, cases, households, volunteers, residents = figure.parts
        line = lines[code]
        assert (line.open_cases, line.households, line.volunteers, line.residents) == (
            cases,
            households,
            volunteers,
            residents,
        )
        assert (line.cell, line.need, line.density) == (figure.value, need, resource)
        if figure.value is None:
            assert not households or not residents
            continue
        assert need == pytest.approx(1000 * cases / households)
        row, column = divmod(int(figure.value), STEPS)
        assert (row, column) == (expected(need, NEED_AXES.need.bounds), expected(resource, NEED_AXES.resource.bounds))


@pytest.mark.parametrize("level", ["grid", "village", "town"])
def test_density_is_the_sum_of_teams_over_residents_in_sql(
    level: str, session: Session, admitted: Callable[[str], Viewer]
) -> None:
    viewer = admitted("town_manager")
    lines = density.table(session, viewer, Asked(DAY, NOW), level)
    in_grids = select(func.sum(VolunteerTeam.active_count)).where(VolunteerTeam.grid_id.is_not(None))
    residents = select(func.sum(GridOutline.residents)).where(GridOutline.valid.contains(DAY))
    assert sum(each.volunteers for each in lines) == session.scalar(in_grids)
    assert sum(each.residents for each in lines) == session.scalar(residents)
    assert len({each.code for each in lines}) == len(lines)
    for each in lines:
        assert each.density == (pytest.approx(1000 * each.volunteers / each.residents) if each.residents else None)


def test_small_care_counts_stay_hidden_and_one_hidden_alone_hides_another(
    session: Session, admitted: Callable[[str], Viewer], viewer_as: Callable[[str], Viewer]
) -> None:
    worker = viewer_as("grid_worker")
    lines = density.table(session, admitted("town_manager"), Asked(DAY, NOW), "grid")
    hidden = Counter(each.care_enrolled is None for each in lines)
    assert all(each.care_enrolled is None or not 0 < each.care_enrolled < 5 for each in lines)
    assert hidden[True] != 1
    assert all(each.care_enrolled is None for each in density.table(session, worker, Asked(DAY, NOW), "grid"))


def test_the_nine_classes_are_told_apart_without_colour() -> None:
    classes = NEED_AXES.classes
    assert [each.upto for each in classes] == [*range(8), None]
    rows = [classes[at : at + STEPS] for at in range(0, 9, STEPS)]
    assert [{each.pattern for each in row} for row in rows] == [{pattern} for pattern in bivariate.PATTERNS]
    assert all(grey(one.fill) - grey(other.fill) > 0.05 for row in rows for one, other in pairwise(row))
    assert bivariate.NONE.pattern not in bivariate.PATTERNS
