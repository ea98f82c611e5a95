"""`wangge plan suggest` on real buildings: two communities by a river, from the files to what is in force."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select, text

from gis import cluster, imports, schema
from gis.database import admit, connect, transaction
from gis.fabric.tables import Cell
from gis.plans import review
from gis.plans.draft import draft, totals
from gis.premises import Building
from gis.scope import ZONE
from gis.settings import Settings
from gis.users import User
from gis.viewer import ROLES, Territory, Viewer, key, system
from tests import builders
from tests.tilings import tiling
from webapp.commands import plans

DISTRICT, COMMUNITIES = "999902000000", ("999902001001", "999902001002")
FILES = (("areas", "areas", None), ("barriers", "roads", "road"), ("barriers", "water", "river"),
         ("grids", "grids", None), ("buildings", "buildings", None))  # fmt: skip
DRAWN = re.compile(r"Plan (\d+): [\d,]+ cells drawn")
FEWEST, MOST, HOUSEHOLDS = 300, 500, 49_380
OUTLINES = """SELECT o.code, ST_AsBinary(o.outline) FROM grid_outlines o JOIN grids g ON g.id = o.grid_id
WHERE g.village_code = :village AND o.valid @> cast(:day AS date)"""


@dataclass(frozen=True)
class Real:
    """A database with the real district, its commands, and its files."""

    engine: Engine
    folder: Path
    run: Callable[..., Result]

    def suggested(self, village: str, *words: object) -> tuple[int, str]:
        """Have a plan suggested and return its number and what was said."""
        result = self.run("suggest", village, *words)
        assert result.exit_code == 0, result.output
        found = DRAWN.search(result.output)
        assert found is not None, result.output
        return int(found[1]), result.output


@pytest.fixture(scope="module")
def real(lujiazui: Path, settings: Settings) -> Iterator[Real]:
    """The real files in a database of their own, in the order that the documents name."""
    server = cluster.ensure(settings, lambda _text: None, name="test", durable=False)
    name = f"wangge_test_{os.getpid()}_real"
    cluster.drop_database(server, name)
    cluster.create_database(server, name)
    urls = server.to(name)
    schema.upgrade(urls.owner)
    engine = connect(urls.owner)
    with transaction(engine) as session:
        for kind, file, barrier in FILES:
            options = imports.Options(settings.metric_srid, barrier=barrier, day=builders.LONG_AGO)
            found = imports.examine(session, system(today()), kind, lujiazui / f"{file}.geojson", options)
            imports.accept(session, system(today()), found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "here", lambda: SimpleNamespace(engine=engine, settings=settings))
        yield Real(engine, lujiazui, lambda *words: CliRunner().invoke(plans.group, [str(word) for word in words]))
    engine.dispose()
    cluster.drop_database(server, name)


def today() -> date:
    return datetime.now(ZONE).date()


def agreed(engine: Engine, plan: int) -> None:
    """Hand a plan in as a planner and have a manager approve it for today."""
    for role in ("planner", "district_manager"):
        with transaction(engine) as session:
            user = session.scalar(select(User).where(User.name == role)) or User(
                name=role, display_name=role, role=role, password_hash="none"
            )
            session.add(user)
            session.flush()
            viewer = Viewer(user.id, role, role, Territory((DISTRICT,)), today(), permissions=ROLES[role])
            admit(session, viewer)
            if role == "planner":
                review.submit(session, viewer, plan, datetime.now(ZONE))
            else:
                review.approve(session, viewer, plan, today(), datetime.now(ZONE))


def loads(engine: Engine, plan: int) -> list[int]:
    """Return the households of each grid with land that is drawn in a plan."""
    with transaction(engine) as session:
        found = draft(session, system(today()), plan)
        return [each.households for each in totals(found) if each.cells]


def named(folder: Path, file: str, name: str | None = None) -> geopandas.GeoDataFrame:
    found = geopandas.read_file(folder / f"{file}.geojson")
    return found if name is None else found[found["name"] == name]


def banks(folder: Path, outlines: geopandas.GeoSeries) -> list[tuple[float, float]]:
    """Return the land of each outline on the two banks of the Huangpu, in m²."""
    district = named(folder, "areas", "浦江样区").union_all()
    land = shapely.get_parts(shapely.difference(district, named(folder, "water", "黄浦江").union_all()))
    both = land[np.argsort(shapely.area(land))[-2:]]
    one, other = (outlines.intersection(bank).to_crs(4549).area for bank in both)
    return list(zip(one.tolist(), other.tolist(), strict=True))


def bridged(folder: Path, torn: Any) -> bool:
    """Tell whether a street of the file leads to each piece of an outline and on to another, over 20 m at most."""
    pieces = list(geopandas.GeoSeries(list(shapely.get_parts(torn)), crs=4490).to_crs(4549))
    roads = named(folder, "roads").to_crs(4549).geometry.to_numpy()
    reached = np.array([shapely.distance(roads, piece) < 20 for piece in pieces])
    return bool((reached.sum(0) > 1).any() and (reached & (reached.sum(0) > 1)).any(1).all())


def test_real_communities_are_divided_published_and_tiled(real: Real) -> None:
    """All 49,380 households in grids of 300 to 500, none over the Huangpu; in force without overlap, gap or cut."""
    counted: list[int] = []
    for village in COMMUNITIES:
        plan, said = real.suggested(village)
        found = loads(real.engine, plan)
        counted += found
        outside = [load for load in found if not FEWEST <= load <= MOST]
        assert sorted(outside) == sorted(listed(said)), "every grid out of range is listed with its reason"
        agreed(real.engine, plan)
        result = real.run("publish", plan)
        assert result.exit_code == 0, result.output
        in_force(real, village, len(found))
    assert sum(counted) == HOUSEHOLDS
    assert len(counted) == pytest.approx(HOUSEHOLDS / 400, rel=0.1)


def in_force(real: Real, village: str, grids: int) -> None:
    """Hold what is in force in a community against the files: tiled, whole buildings, each grid on its bank."""
    with transaction(real.engine) as session:
        made = tiling(session, village, today())
        rows = session.execute(text(OUTLINES), {"village": village, "day": today()})
        outlines = {code: shapely.from_wkb(bytes(wkb)) for code, wkb in rows}
    assert made.sound, made
    assert made.grids == grids == len(outlines)
    for code in made.pieces:
        assert bridged(real.folder, outlines[code]), f"{code} is torn"
    sides = banks(real.folder, geopandas.GeoSeries(list(outlines.values()), crs=4490))
    assert max(min(side) for side in sides) < 1.0, "a grid has land on both banks of the Huangpu"
    assert max(max(side) for side in sides) > 1000


def listed(said: str) -> list[int]:
    """Return the households of what a command lists as out of range."""
    return [int(told.replace(",", "")) for told in re.findall(r"✗ ([\d,]+) households \(.+\): \S+", said)]


def test_a_real_tower_above_the_limit_is_listed_and_hides_nothing(real: Real) -> None:
    """One building with 820 households is told with its cell and reason, alone; all others stay in range."""
    village = COMMUNITIES[1]
    low = key(village)
    with transaction(real.engine) as session:
        own = Building.territory.between(low, low + 999)
        tower = session.scalars(select(Building).where(own).order_by(Building.households.desc())).first()
        assert tower is not None
        number, before, tower.households = tower.id, tower.households, 820
    try:
        plan, said = real.suggested(village)
        with transaction(real.engine) as session:
            cell = session.scalars(select(Cell.code).where(Cell.building_id == number)).one()
        found = loads(real.engine, plan)
        checked = real.run("check", plan).output
    finally:
        with transaction(real.engine) as session:
            session.get_one(Building, number).households = before
    assert f"✗ 820 households ({cell}): one cell has more households than a grid may have" in said
    assert [load for load in found if not FEWEST <= load <= MOST] == [820], "it is a grid, and the only one"
    assert listed(said) == [820]
    assert sum(found) == sum(loads(real.engine, plan)) + 820 - before
    assert "820" in checked, "the check tells it too"
