"""What a role may know of is masked: restricted cases keep their words and place, small care counts never leave."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases import Case
from gis.coverage import SMALLEST_SHOWN, CareTally
from gis.database import admit, transaction
from gis.viewer import Viewer
from layers.catalogue import CASES, COVERAGE
from layers.query import Asked, rows
from tests import builders
from tests.conftest import DAY, NOW
from tests.outputs import decoded, tile_of

TITLE, ADDRESS, NUMBER = "邻里纠纷调解", "海棠路九号", "9999012026119001"
OTHERS = ["district_manager", "town_manager", "dispatcher", "village_manager"]
FORMATS = ["geojson", "geojsonl", "csv"]


@pytest.fixture(scope="module")
def restricted(engine: Engine) -> Iterator[tuple[int, float, float]]:
    """A restricted case of the grid leader's in the leader's grid: its id, and where it really is."""
    with transaction(engine) as session:
        grid = session.scalars(select(Grid).where(Grid.code == "999901100001001")).one()
        outline = session.scalars(select(GridOutline).where(GridOutline.grid_id == grid.id)).one()
        centre = select(func.st_x(GridOutline.centre) + 0.0003, func.st_y(GridOutline.centre) + 0.0003)
        lon, lat = session.execute(centre.where(GridOutline.id == outline.id)).one()
        case = builders.case(
            grid, outline, builders.spot(lon, lat), case_no=NUMBER, category="dispute", title=TITLE, address=ADDRESS,
            visibility="restricted", handler_id=builders.handler_of(session, "grid_leader"),
        )  # fmt: skip
        session.add(case)
        session.flush()
        id_ = case.id
    yield id_, lon, lat
    with transaction(engine) as session:
        session.execute(delete(Case).where(Case.id == id_))


def feature(client: FlaskClient, id_: int) -> dict:
    features = json.loads(client.get("/layers/cases.geojson?purpose=test").get_data())["features"]
    return next(each for each in features if each["id"] == id_)


@pytest.mark.parametrize("role", OTHERS)
def test_a_restricted_case_is_counted_for_others_and_keeps_its_words_and_place(
    role: str, restricted: tuple[int, float, float], client_as: Callable[[str], FlaskClient]
) -> None:
    id_, lon, lat = restricted
    client = client_as(role)
    for suffix in FORMATS:
        body = client.get(f"/layers/cases.{suffix}?purpose=test").get_data().decode()
        assert NUMBER in body
        assert TITLE not in body
        assert ADDRESS not in body
    found = feature(client, id_)
    assert found["properties"]["title"] is None
    assert found["properties"]["address"] is None
    assert found["geometry"]["coordinates"] != pytest.approx([lon, lat], abs=1e-6)


def test_its_handler_sees_words_and_place(restricted, client_as: Callable[[str], FlaskClient]) -> None:
    id_, lon, lat = restricted
    found = feature(client_as("grid_leader"), id_)
    assert found["properties"]["title"] == TITLE
    assert found["properties"]["address"] == ADDRESS
    assert found["geometry"]["coordinates"] == pytest.approx([lon, lat], abs=1e-6)


@pytest.mark.parametrize(("role", "there"), [("town_manager", False), ("grid_leader", True)])
def test_click_card_and_search_keep_the_words_too(
    role: str, there: bool, restricted, client_as: Callable[[str], FlaskClient]
) -> None:
    _id, lon, lat = restricted
    client = client_as(role)
    card = client.get("/map/card/999901100001001").text
    click = str(client.get(f"/map/identify?lng={lon}&lat={lat}&z=18&layers=cases").get_json())
    search = str(client.get(f"/map/search?q={NUMBER}").get_json())
    for text in (card, click):
        assert (TITLE in text) is there
    assert (TITLE in search or ADDRESS in search) is there
    assert client.get(f"/map/search?q={TITLE}").get_json()["hits"] == [], "titles are not searched at all"
    assert NUMBER in card, "it is counted and named by its number for everyone in the territory"


def test_at_its_real_place_others_find_nothing(restricted, client_as: Callable[[str], FlaskClient]) -> None:
    id_, lon, lat = restricted
    z, x, y = tile_of(lon, lat, 18)
    hits = client_as("town_manager").get(f"/map/identify?lng={lon}&lat={lat}&z=18&layers=cases").get_json()["hits"]
    assert id_ not in {hit["id"] for hit in hits}
    answer = client_as("town_manager").get(f"/tiles/cases/{z}/{x}/{y}.mvt")
    tile = decoded(gzip.decompress(answer.get_data())) if answer.get_data() else {}
    assert TITLE not in str(tile)


@pytest.fixture
def care(session: Session) -> Callable[[int, int], int]:
    """Set the care counts of the last month in one grid and return the grid's id."""
    grid = session.scalars(select(Grid).where(Grid.code == "999901100001001")).one()
    month = session.scalar(select(func.max(CareTally.month)))

    def put(enrolled: int, in_time: int) -> int:
        village = CareTally.territory.between(grid.territory // 1000 * 1000, grid.territory // 1000 * 1000 + 999)
        session.execute(delete(CareTally).where(village, CareTally.month == month))
        session.add(CareTally(grid_id=grid.id, territory=grid.territory, month=month, tier="weekly",
                              enrolled=enrolled, in_time=in_time))  # fmt: skip
        session.flush()
        return grid.id

    return put


def care_of(session: Session, viewer: Viewer, grid_id: int):
    found = rows(COVERAGE, viewer, Asked(DAY, NOW, ids=(grid_id,)), geometry=None)
    return session.execute(found).mappings().one()


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (12, 12)])
def test_care_counts_below_five_are_empty(
    count: int, shown: int | None, session: Session, care: Callable[[int, int], int], viewer_as: Callable[[str], Viewer]
) -> None:
    assert SMALLEST_SHOWN == 5
    row = care_of(session, viewer_as("village_manager"), care(count, 0))
    assert row["care_enrolled"] == shown


def test_a_small_group_is_not_told_by_the_part_that_was_reached_either(
    session: Session, care: Callable[[int, int], int], viewer_as: Callable[[str], Viewer]
) -> None:
    row = care_of(session, viewer_as("village_manager"), care(4, 3))
    assert (row["care_enrolled"], row["care_in_time"]) == (None, None)
    for in_time in (3, 9):
        row = care_of(session, viewer_as("village_manager"), care(12, in_time))
        assert (row["care_enrolled"], row["care_in_time"]) == (None, None), "few in time, or few late"
    row = care_of(session, viewer_as("village_manager"), care(12, 6))
    assert (row["care_enrolled"], row["care_in_time"]) == (12, 6)


def test_care_counts_are_not_even_a_column_for_a_role_without_them(
    session: Session, care: Callable[[int, int], int], viewer_as: Callable[[str], Viewer]
) -> None:
    assert "care_enrolled" not in care_of(session, viewer_as("grid_leader"), care(12, 9))


def test_a_restricted_case_without_grid_and_handler_is_clear_to_nobody(
    session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    grid = session.scalars(select(Grid).where(Grid.code == "999901100001001")).one()
    case = builders.case(
        grid, None, builders.spot(120.8612345, 32.4), case_no="9999012026119002", visibility="restricted",
        grid_id=None, handler_id=None, territory=999901100001000,
    )  # fmt: skip
    session.add(case)
    session.flush()
    viewer = replace(viewer_as("town_manager"), staff_id=None)
    admit(session, viewer)
    row = session.execute(rows(CASES, viewer, Asked(DAY, NOW, ids=(case.id,)))).mappings().one()
    assert row["title"] is None
    assert row["geom"] is None
