"""The tiny district in the database: what was made is what is stored, once, and its flaws are found by looking."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import gaps, users
from gis.areas import Area
from gis.boundaries import Gap, GridOutline, in_force
from gis.cases import Case, CaseEvent
from gis.database import Base
from gis.demo import accounts, load, make
from gis.demo.load import TABLES, plain
from gis.demo.stories import impossible_id, write
from gis.errors import Conflict
from gis.imports.private import found_in
from gis.premises import Building, Household
from gis.settings import Settings
from gis.viewer import system

DAY = date(2026, 11, 18)
HERE = (999_901_000_000_000, 999_901_999_999_999)


def quietly(_text: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def made():
    return make("tiny", 1, DAY, quietly)


def test_every_row_that_was_made_is_stored(session: Session, made) -> None:
    for name in TABLES:
        table = Base.metadata.tables[name]
        assert session.scalar(select(func.count()).select_from(table)) >= len(made.tables[name]), name
    listed = select(func.count(), func.sum(Household.residents)).where(Household.territory.between(*HERE))
    assert tuple(session.execute(listed).one()) == (600, 1620)


def test_the_counts_of_an_outline_equal_the_rows_behind_them(session: Session) -> None:
    homes = select(func.count()).where(Household.grid_id == GridOutline.grid_id).scalar_subquery()
    buildings = select(func.count()).where(Building.grid_id == GridOutline.grid_id).scalar_subquery()
    rows = select(GridOutline.households, homes, GridOutline.buildings, buildings)
    for outline_homes, listed_homes, outline_buildings, listed_buildings in session.execute(
        rows.where(GridOutline.valid.contains(DAY), GridOutline.territory.between(*HERE))
    ):
        assert (outline_homes, outline_buildings) == (listed_homes, listed_buildings)


def test_the_log_ends_in_the_state_of_the_case(session: Session) -> None:
    last = select(CaseEvent.to_status).where(CaseEvent.case_id == Case.id)
    last = last.order_by(CaseEvent.at.desc(), CaseEvent.id.desc()).limit(1)
    wrong = select(func.count()).select_from(Case).where(Case.status != last.scalar_subquery())
    assert session.scalar(wrong) == 0


def test_looking_for_gaps_finds_the_planted_ones_and_nothing_else(session: Session) -> None:
    gaps.find(session, system(DAY), DAY, 4549)
    here = select(Gap.kind, func.count(), func.sum(Gap.area_m2)).where(Gap.territory.between(*HERE)).group_by(Gap.kind)
    found = {kind: (count, area) for kind, count, area in session.execute(here)}
    assert {kind: count for kind, (count, _) in found.items()} == {"gap": 1, "overlap": 1, "building": 9}
    assert found["overlap"][1] == pytest.approx(18_000, rel=1e-3)


def test_two_grids_had_other_outlines_before_the_seventh_month(session: Session, made) -> None:
    now, then = (
        set(
            session.scalars(in_force(day).where(GridOutline.territory.between(*HERE)).with_only_columns(GridOutline.id))
        )
        for day in (DAY, made.began)
    )
    assert len(now) == len(then) == 12
    assert len(now - then) == len(then - now) == 2


def test_a_second_district_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="999901000000"):
        load(session, system(DAY), profile="tiny", seed=1, say=quietly, folder=tmp_path)


def test_the_stories_and_the_files_to_refuse_are_written(made, tmp_path: Path) -> None:
    told = write(made, tmp_path)
    listed = json.loads((tmp_path / "stories.json").read_text(encoding="utf-8"))
    assert listed["profile"] == "tiny"
    assert len(listed["stories"]) == len(told) == 12
    for name in told[-1].expected.values():
        assert impossible_id() in (tmp_path / str(name)).read_text(encoding="utf-8")
    assert found_in(f"户主证件{impossible_id()}") is not None


def test_empty_and_missing_values_become_null() -> None:
    assert plain(pd.Series(["a", "", None])) == ["a", "\\N", "\\N"]
    assert plain(pd.Series([1, None], dtype="Int64")) == ["1", "\\N"]
    assert plain(pd.Series(pd.to_datetime(["2026-11-18 08:00:00", None]))) == ["2026-11-18T08:00:00+08", "\\N"]


def test_an_older_demo_whose_dispatcher_sat_elsewhere_is_mended(session: Session, settings: Settings) -> None:
    other = session.scalars(select(Area.code).where(Area.level == "village").order_by(Area.code.desc())).first() or ""
    users.set_territory(session, system(DAY), "dispatcher", accounts.choose(session)["town"], until=DAY)
    users.set_territory(session, system(DAY), "dispatcher", other, since=DAY - timedelta(days=3))
    accounts.ensure(session, system(DAY), settings, DAY)
    held = {user.name: codes for user, codes in users.accounts(session, system(DAY), DAY)}
    assert held["dispatcher"] == [accounts.choose(session)["town"]]
    assert held["grid_worker"][0].startswith(held["dispatcher"][0][:9])
