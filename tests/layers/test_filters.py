"""What a request narrows a layer to: area, box, day, and the layer's own filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.cases import Case
from gis.errors import Invalid, NotAllowed, NotFound
from gis.viewer import Viewer, span
from layers.catalogue import CATALOGUE
from layers.query import Asked, rows, total
from tests.conftest import DAY, NOW

LAYERS = {layer.name: layer for layer in CATALOGUE}
VILLAGE, GRID = "999901100201", "999901100201003"
FILTERS = [(layer.name, f.name) for layer in CATALOGUE for f in layer.fields if f.filtered]


def found(session: Session, viewer: Viewer, name: str, **asked: Any) -> list[Any]:
    query = rows(LAYERS[name], viewer, Asked(asked.pop("day", DAY), NOW, **asked))
    return list(session.execute(query).mappings())


@pytest.mark.parametrize("name", [name for name, layer in LAYERS.items() if not layer.placeless])
def test_an_area_gives_what_lies_under_it(name: str, session: Session, viewer: Viewer) -> None:
    source = LAYERS[name].source(Asked(DAY, NOW).scope(viewer)).subquery()
    territories = dict(map(tuple, session.execute(select(source.c.id, source.c.territory))))
    for area in (VILLAGE, GRID):
        low, high = span(area)
        expected = {id_ for id_, territory in territories.items() if low <= territory <= high}
        assert {row["id"] for row in found(session, viewer, name, area=area)} == expected


def test_the_areas_of_a_level_add_up_to_the_whole(session: Session, viewer: Viewer) -> None:
    villages = ["999901100001", "999901100201", "999901100202"]
    for name in ("grids", "buildings", "households", "staffing", "cases"):
        parts = [len(found(session, viewer, name, area=area)) for area in villages]
        whole = len(found(session, viewer, name, area="999901100000"))
        above = len(
            [
                row
                for row in found(session, viewer, name)
                if str(row.get("code", "")).endswith("000") and name == "staffing"
            ]
        )
        assert sum(parts) <= whole <= sum(parts) + above


@pytest.mark.parametrize("name", LAYERS)
def test_a_box_gives_what_touches_it(name: str, session: Session, viewer: Viewer) -> None:
    everything = found(session, viewer, name)
    centre = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre)).where(GridOutline.code == GRID)
    lon, lat = session.execute(centre).one()
    box = (lon - 0.003, lat - 0.003, lon + 0.003, lat + 0.003)
    inner = rows(LAYERS[name], viewer, Asked(DAY, NOW)).subquery()
    touching = inner.c.geom.op("&&")(func.st_makeenvelope(*box, 4490))
    expected = set(session.scalars(select(inner.c.id).where(touching)))
    assert {row["id"] for row in found(session, viewer, name, bbox=box)} == expected
    assert len(expected) < len(everything) or name == "areas"


@pytest.mark.parametrize(("name", "field"), FILTERS)
def test_a_filter_gives_the_rows_with_that_value(name: str, field: str, session: Session, viewer: Viewer) -> None:
    everything = found(session, viewer, name)
    values = sorted({str(row[field]) for row in everything if row[field] is not None})
    assert values, f"the tiny district has no {name}.{field}"
    for wanted in (values[:1], values[:2]):
        expected = {row["id"] for row in everything if str(row[field]) in wanted}
        assert {row["id"] for row in found(session, viewer, name, filters={field: tuple(wanted)})} == expected
    nothing = ("-1",) if LAYERS[name].field(field).kind == "integer" else ("'; DROP TABLE grids; --",)
    if (words := LAYERS[name].field(field).words) is None:
        assert found(session, viewer, name, filters={field: nothing}) == []
        return
    with pytest.raises(Invalid) as caught:
        found(session, viewer, name, filters={field: (values[0], *nothing)})
    assert nothing[0] in str(caught.value)
    assert all(word in str(caught.value) for word in words), "who mistypes a word is told the right ones"


@pytest.mark.parametrize(
    ("name", "field"), [("cases", "title"), ("staffing", "name"), ("organisations", "contact_phone")]
)
def test_what_is_no_filter_is_refused(name: str, field: str, session: Session, viewer: Viewer) -> None:
    with pytest.raises(Invalid, match=field):
        found(session, viewer, name, filters={field: ("x",)})


def test_a_field_that_is_not_there_is_not_found(session: Session, viewer: Viewer) -> None:
    with pytest.raises(NotFound, match="colour"):
        found(session, viewer, "grids", filters={"colour": ("red",)})


def test_a_number_has_to_be_one(session: Session, viewer: Viewer) -> None:
    for wrong in ("high", "1.5", "--1", "²", "1 OR 1=1", "99999999999999999999"):
        with pytest.raises(Invalid):
            found(session, viewer, "organisations", filters={"tier": (wrong,)})


def test_a_day_gives_the_outlines_of_that_day(session: Session, viewer: Viewer) -> None:
    before, after = (
        {row["code"]: row for row in found(session, viewer, "grids", day=day)}
        for day in (date(2026, 5, 31), date(2026, 6, 1))
    )
    assert set(before) == set(after)
    changed = {code for code in after if before[code]["since"] != after[code]["since"]}
    assert changed == {"999901100201002", "999901100201004"}
    assert sum(row["households"] for row in before.values()) == sum(row["households"] for row in after.values())
    assert found(session, viewer, "grids", day=date(2022, 12, 31)) == []


def test_a_day_gives_the_cases_that_were_open_at_its_end(session: Session, viewer: Viewer) -> None:
    day = date(2026, 6, 1)
    end = func.make_timestamptz(2026, 6, 2, 0, 0, 0.0, "Asia/Shanghai")
    session.execute(select(func.set_config("role", "none", True)))
    open_then = (Case.reported_at <= end) & (Case.closed_at.is_(None) | (Case.closed_at > end))
    expected = session.scalar(select(func.count()).select_from(Case).where(open_then))
    assert len(found(session, viewer, "cases", day=day)) == expected


def test_search_takes_words_as_they_are(session: Session, viewer: Viewer) -> None:
    assert len(found(session, viewer, "areas", search="海棠")) == 1
    assert len(found(session, viewer, "areas", search="9999011002")) == 2
    for wild in ("%", "_", "\\", "'", "海%社区", "000"):
        assert found(session, viewer, "areas", search=wild) == []
    with pytest.raises(Invalid):
        found(session, viewer, "households", search="101")


@pytest.mark.parametrize("name", LAYERS)
def test_the_total_is_the_number_of_rows(name: str, session: Session, viewer: Viewer) -> None:
    asked = Asked(DAY, NOW, area=VILLAGE)
    assert session.scalar(total(LAYERS[name], viewer, asked)) == len(found(session, viewer, name, area=VILLAGE))


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_asks_for_its_permission(name: str, session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    with pytest.raises(NotAllowed):
        rows(LAYERS[name], viewer_as("auditor"), Asked(DAY, NOW))


def test_an_area_outside_the_territory_has_no_rows(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    leader = viewer_as("grid_leader")
    assert found(session, leader, "grids", area="999901100001002") == []
    assert [row["code"] for row in found(session, leader, "grids", area="999901100000")] == ["999901100001001"]
