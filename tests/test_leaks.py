"""Nothing outside the territory comes out of any door, and behind the first lock there is a second one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, text, true
from sqlalchemy.orm import Session

from gis import barriers
from gis import scope as scopes
from gis.areas import Area
from gis.boundaries import Grid, GridOutline
from gis.database import APP_ROLE, SRID, Base, admit, transaction
from gis.demo.accounts import ACCOUNTS
from gis.scope import Scope
from gis.users import User, viewer_of
from gis.viewer import ROLES as KNOWN_ROLES
from gis.viewer import Viewer, ancestors, key
from layers import forces
from layers.catalogue import CATALOGUE, SEARCHED
from layers.query import Asked, rows
from layers.themes import THEMES
from tests import builders
from tests.conftest import DAY, NOW
from tests.outputs import OUTPUTS, Answer, ask

TABLE = {
    "areas": "areas", "grids": "grids", "coverage": "grids", "gaps": "gaps", "buildings": "buildings",
    "households": "households", "unvisited": "households", "staffing": "assignments", "organisations": "organisations",
    "service_points": "service_points", "volunteers": "volunteer_teams", "cases": "cases", "barriers": "barriers",
    "teams": "teams", "projects": "projects", "vacancies": "vacancies", "meetings": "meetings",
    "honours": "honours",
}  # fmt: skip
"""Layer → the table whose ids its features bear."""
ROLES = [account.role for account in ACCOUNTS]
MADE_UP = {"vacancies": forces.VACANCIES, "meetings": forces.MEETINGS}
"""Layers whose rows are put together from several tables: what they hold is asked of their query, by the owner."""
UNDATED = ("areas", "grids", "coverage", "gaps", "buildings", "households", "barriers")
SOUGHT = {layer.name for layer in SEARCHED}
MEASURED = {measure.layer.name for theme in THEMES for measure in theme.measures}
NEIGHBOUR_CODE = re.compile(rf"(?<![\d.]){builders.DISTRICT[:6]}\d{{6}}")
TOUCHED = """
SELECT b.id, g.territory FROM barriers b JOIN (
  SELECT territory, outline FROM areas
  UNION ALL SELECT territory, outline FROM grid_outlines WHERE valid @> DATE '{DAY}'
) g ON st_intersects(b.line, g.outline)""".replace("{DAY}", DAY.isoformat())
FEATURES = ("geojson", "geojsonl", "csv", "gpkg", "tile")


@dataclass(frozen=True)
class World:
    """Two districts; who may see what is asked of the rows themselves, by the owner."""

    neighbour: builders.Neighbour
    territories: dict[str, dict[int, int]]
    viewers: dict[str, Viewer]
    touched: dict[int, set[int]]

    def inside(self, role: str, layer: str) -> set[int]:
        """Return the ids of the layer's table whose rows lie in the role's territory, or touch its ground."""
        spans = self.viewers[role].territory.spans
        if layer == "barriers":
            return {id_ for id_, places in self.touched.items() if any(low in places for low, _ in spans)}
        found = self.territories[TABLE[layer]].items()
        return {id_ for id_, place in found if any(low <= place <= high for low, high in spans)}


@pytest.fixture(scope="module")
def world(engine: Engine) -> Iterator[World]:
    with transaction(engine) as session:
        box = func.st_extent(Area.outline)
        east, south = session.execute(select(func.st_xmax(box), func.st_ymin(box))).one()
    with builders.neighbour(engine, east + 0.01, south) as beyond:
        with transaction(engine) as session:
            names = set(TABLE.values()) - {"barriers"}
            territories = {name: dict(map(tuple, session.execute(places(name)))) for name in names}
            touched: dict[int, set[int]] = {}
            for id_, place in session.execute(text(TOUCHED)):
                touched.setdefault(id_, set()).add(place)
            viewers = {user.name: viewer_of(session, user.id, DAY) for user in session.scalars(select(User))}
        yield World(beyond, territories, viewers, touched)


def places(name: str):
    if name in MADE_UP:
        everywhere = ((0, 10**15),)
        found = MADE_UP[name].source(Scope(DAY, NOW, everywhere)).subquery()
        return select(found.c.id, found.c.territory)
    table = Base.metadata.tables[name]
    return select(table.c.territory if name == "areas" else table.c.id, table.c.territory)


def combinations() -> Iterator[tuple[str, str, str]]:
    for role in ROLES:
        for layer in CATALOGUE:
            for output in OUTPUTS:
                if output == "card" and layer.name != "grids":
                    continue
                if layer.name not in {"figures": MEASURED, "search": SOUGHT}.get(output, (layer.name,)):
                    continue
                yield role, layer.name, output


@pytest.mark.parametrize(("role", "name", "output"), list(combinations()))
def test_nothing_outside_the_territory_comes_out(
    role: str, name: str, output: str, world: World, client_as: Callable[[str], FlaskClient], app_engine: Engine
) -> None:
    layer, viewer = CATALOGUE.get(name), world.viewers[role]
    with Session(app_engine) as session:
        answer = ask(output, layer, viewer, world.neighbour, client_as(role), session)
    allowed = viewer.may(layer.permission) and (output not in FEATURES[:4] or viewer.may("layer.export"))
    assert builders.MARK not in answer.told, "a name of the neighbouring district came out"
    assert not NEIGHBOUR_CODE.search(answer.told), "a code of the neighbouring district came out"
    if not allowed:
        assert answer.refused, f"{role} has no {layer.permission} and got {output} of {name}"
        return
    assert not answer.refused
    if answer.ids is None and answer.count is None:
        return
    inside = world.inside(role, name)
    if answer.ids is None:
        assert answer.count == len(inside) if name in UNDATED else (answer.count or 0) <= len(inside)
        return
    assert answer.ids <= inside, f"{sorted(answer.ids - inside)[:5]} lie outside the territory of {role}"
    check_whole(answer, inside, name)


def check_whole(answer: Answer, inside: set[int], name: str) -> None:
    """A lock that lets nothing through would pass too: what has no dates is there without a gap."""
    if name in UNDATED:
        assert answer.whole is False or answer.ids == inside
    if inside and answer.whole:
        assert answer.ids or name == "cases"


def with_every_permission(viewer: Viewer) -> Viewer:
    return replace(viewer, permissions=frozenset().union(*KNOWN_ROLES.values()))


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("role", ["town_manager", "village_manager", "grid_leader"])
def test_in_front_of_the_second_lock_the_first_is_closed(role: str, name: str, world: World, engine: Engine) -> None:
    layer, viewer = CATALOGUE.get(name), with_every_permission(world.viewers[role])
    with Session(engine) as session:
        found = set(session.scalars(select(rows(layer, viewer, Asked(DAY, NOW)).subquery().c.id)))
    assert found <= world.inside(role, name)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("role", ["town_manager", "village_manager", "grid_leader"])
def test_behind_the_first_lock_the_second_is_closed(
    role: str, name: str, world: World, app_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scopes.Scope, "holds", lambda self, key: true())
    monkeypatch.setattr(barriers, "land", lambda scope: func.st_makeenvelope(-180, -90, 180, 90, SRID))
    layer, viewer = CATALOGUE.get(name), with_every_permission(world.viewers[role])
    with Session(app_engine) as session:
        admit(session, viewer)
        found = set(session.scalars(select(rows(layer, viewer, Asked(DAY, NOW)).subquery().c.id)))
    above = {key(area) for code in viewer.territory.codes for area in ancestors(code)}
    reached = {id_ for id_, place in world.territories.get(TABLE[name], {}).items() if place in above}
    assert found <= world.inside(role, name) | reached
    assert not found & set(world.neighbour.ids.get(TABLE[name], []))


@pytest.mark.parametrize("name", sorted(n for n, table in Base.metadata.tables.items() if "territory" in table.c))
def test_without_settings_no_territory_row_is_seen(name: str, world: World, app_engine: Engine) -> None:
    with Session(app_engine) as session:
        session.execute(select(func.set_config("role", APP_ROLE, True)))
        assert session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) == 0


def test_without_settings_the_view_of_the_cases_is_empty(world: World, app_engine: Engine) -> None:
    with Session(app_engine) as session:
        session.execute(select(func.set_config("role", APP_ROLE, True)))
        assert session.scalar(text("SELECT count(*) FROM case_facts")) == 0


def test_the_settings_end_with_the_transaction(world: World, app_engine: Engine) -> None:
    with app_engine.connect() as connection, Session(connection) as session:
        admit(session, world.viewers["district_manager"])
        assert session.scalar(select(func.count()).select_from(Grid)) > 0
        session.rollback()
        session.execute(select(func.set_config("role", APP_ROLE, True)))
        assert session.scalar(select(func.count()).select_from(Grid)) == 0


def test_the_application_cannot_write_what_it_may_not(world: World, app_engine: Engine) -> None:
    writes = (
        "UPDATE grids SET code = 'x'", "UPDATE buildings SET grid_id = NULL", "DELETE FROM cases",
        "INSERT INTO barriers (kind) VALUES ('road')",
        "UPDATE users SET role = 'district_manager'", "UPDATE user_territories SET code = '999902000000'",
        "DELETE FROM case_calls", "UPDATE volunteer_teams SET open_calls = 9", "UPDATE case_calls SET team_id = 1",
        "DELETE FROM volunteer_activities", "UPDATE volunteer_activities SET hours = 1",
        "DELETE FROM audit_log", "UPDATE export_log SET purpose = ''", "TRUNCATE gaps",
    )  # fmt: skip
    for statement in writes:
        with Session(app_engine) as session:
            admit(session, world.viewers["district_manager"])
            with pytest.raises(Exception, match=r"permission denied|append-only"):
                session.execute(text(statement))


def test_an_object_outside_the_territory_looks_like_one_that_does_not_exist(
    world: World, client_as: Callable[[str], FlaskClient]
) -> None:
    client, nobody = client_as("town_manager"), "999909001001001"
    for path in (
        "/map/card/{}",
        "/areas/{}",
        "/map/territory?area={}",
        "/map/figures?area={}",
        "/layers/grids.csv?purpose=x&area={}",
    ):
        answers = [client.get(path.format(code)) for code in (builders.GRID, nobody)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text.replace(builders.GRID, nobody) == answers[1].text


def test_a_territory_that_has_ended_opens_nothing(engine: Engine, world: World) -> None:
    with transaction(engine) as session:
        leader = session.scalars(select(User.id).where(User.name == "grid_leader")).one()
        yesterday = viewer_of(session, leader, DAY - timedelta(days=1))
    assert yesterday.territory.codes == ()
    with Session(engine) as session:
        admit(session, yesterday)
        assert session.scalars(select(GridOutline.id)).all() == []


def test_every_role_has_an_account_and_every_layer_a_table() -> None:
    assert set(ROLES) == set(KNOWN_ROLES)
    assert {layer.name for layer in CATALOGUE} == set(TABLE)
