"""The made-up land tiles exactly, measures what the table says, and holds its buildings whole."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely

from gis.demo import make
from gis.demo.district import District
from gis.demo.geography import to_storage
from gis.demo.network import borders

DAY = date(2026, 11, 18)


@pytest.fixture(scope="module")
def made() -> District:
    return make("demo", 1, DAY, lambda _text: None)


def test_every_level_tiles_the_one_above_on_shared_edges(made: District) -> None:
    land = made.land
    cells = np.append(land.grids["geometry"].to_numpy(), land.flaws.gap)
    for level in (cells, land.villages["geometry"].to_numpy(), land.towns["geometry"].to_numpy()):
        assert shapely.coverage_is_valid(level)
        assert shapely.coverage_is_valid(to_storage(level))
        assert shapely.coverage_union_all(level).normalize() == land.district["geometry"].iloc[0].normalize()


def test_every_town_has_the_area_of_the_table(made: District) -> None:
    areas = made.land.towns.area.to_numpy() / 1e6
    assert areas == pytest.approx([town.km2 for town in made.profile.towns], rel=2e-4)
    assert areas.sum() == pytest.approx(1300, abs=1e-3)


def test_codes_count_from_one_in_each_village_and_dedicated_grids_from_801(made: District) -> None:
    grids = made.grids
    order = grids["code"].str[12:].astype(int)
    first = np.where(grids["kind"] == "general", 1, 801)
    assert (order == grids.groupby(["village", "kind"]).cumcount() + first).all()
    assert grids["code"].is_unique
    assert made.villages["code"].is_monotonic_increasing
    urban = made.villages["kind"] == "community"
    assert ((made.villages["code"].str[9:] < "200") == urban).all()


def test_grids_are_numbered_in_bands_from_the_north_and_from_the_west_in_a_band(made: District) -> None:
    general = made.grids[made.grids["kind"] == "general"]
    for _, village in general.groupby("village"):
        middle = village.centroid
        if len(village) in (1, 2):
            assert middle.x.is_monotonic_increasing
        else:
            assert middle.y.iloc[0] > middle.y.iloc[-1]


def test_no_building_is_cut_by_a_grid_line_nor_stands_on_another_or_in_water(made: District) -> None:
    shapes, row = made.buildings["geometry"].to_numpy(), made.buildings["grid"].to_numpy()
    cells = made.grids["geometry"].to_numpy()
    assert shapely.contains_properly(cells[row[row >= 0]], shapes[row >= 0]).all()
    assert shapely.contains_properly(made.land.flaws.gap, shapes[row < 0]).all()
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    assert (one == other).all()
    barriers = made.tables["barriers"]
    rivers = barriers.loc[(barriers["kind"] == "river") & (barriers["rank"] != "minor"), "geometry"].to_numpy()
    assert not len(tree.query(rivers, predicate="intersects")[0])


def test_households_share_their_building_and_add_up(made: District) -> None:
    homes, buildings = made.households, made.buildings
    part, whole = homes["geometry"].to_numpy(), buildings["geometry"].to_numpy()[homes["building"]]
    assert shapely.within(part, shapely.buffer(whole, 0.01)).all()
    assert (np.bincount(homes["building"], minlength=len(buildings)) == buildings["households"]).all()
    shown = np.array([made.profile.shows(town) for town in made.grids["town"]])
    listed = np.bincount(homes["grid"], minlength=len(made.grids))
    assert (listed[shown] == made.grids["households"][shown]).all()
    assert not listed[~shown].any()
    assert (
        np.bincount(homes["grid"], homes["residents"], len(made.grids))[shown] == made.grids["residents"][shown]
    ).all()
    assert homes["residents"].min() >= 1


def test_the_showcase_has_the_size_of_the_profile_and_every_grid_of_it_is_built_on(made: District) -> None:
    assert 5_500 <= len(made.buildings) <= 6_500
    shown = np.flatnonzero([made.profile.shows(town) for town in made.grids["town"]])
    assert set(shown) == set(made.buildings["grid"]) - {-1}


def test_the_flaws_are_where_the_stories_say(made: District) -> None:
    flaws, grids = made.land.flaws, made.grids
    assert flaws.gap.area == pytest.approx(312_000, rel=1e-3)
    assert flaws.overlap.area == pytest.approx(18_000, rel=1e-6)
    assert grids["village"][flaws.overlap_grid] != grids["village"][flaws.overlapped_grid]
    assert grids["geometry"][flaws.took].contains(flaws.strip)
    assert grids["geometry"][flaws.gave].intersection(flaws.strip).length > 300


def test_roads_and_water_follow_the_borders(made: District) -> None:
    lines = borders(made.land)
    barriers = made.tables["barriers"]
    along = barriers.loc[barriers["rank"] != "path", "geometry"].to_numpy()
    inner = lines.loc[lines["rank"] != "edge", "geometry"].to_numpy()
    middle = shapely.line_interpolate_point(inner, 0.5, normalized=True)
    followed = shapely.STRtree(along).query(middle, predicate="dwithin", distance=1.0)[0]
    assert len(np.unique(followed)) / len(inner) > 0.98
    assert set(barriers["kind"]) == {"river", "road", "wall"}


@pytest.mark.parametrize("seed", range(2, 8))
def test_any_seed_makes_a_whole_tiny_district(seed: int) -> None:
    made = make("tiny", seed, date(2026, 1 + seed, 3 * seed), lambda _text: None)
    cells = np.append(made.grids["geometry"].to_numpy(), made.land.flaws.gap)
    assert shapely.coverage_is_valid(to_storage(cells))
    assert (len(made.grids), len(made.households), len(made.tables["cases"])) == (12, 600, 120)
    assert 230 <= len(made.buildings) <= 260
