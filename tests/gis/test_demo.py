"""The made-up district adds up to its table, tells the same story for the same seed, and holds every planted one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from gis.demo import PROFILES, make, stories
from gis.demo.district import District
from gis.demo.names import numeral
from gis.demo.numbers import TOWNS, share
from gis.errors import Invalid

DAY = date(2026, 11, 18)
MORNING = np.datetime64("2026-11-18T08:00:00")


def quietly(_text: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def made() -> District:
    return make("demo", 1, DAY, quietly)


@pytest.mark.parametrize(
    ("column", "total"),
    [
        ("villages", 196), ("communities", 64), ("km2", 1300), ("households", 360_000), ("residents", 972_000),
        ("general", 1040), ("dedicated", 80), ("homesteads", 196_000), ("sunken", 118), ("social", 77),
        ("members", 2590), ("link_cadres", 1328), ("office_cadres", 8346), ("legal", 418), ("teams", 584),
        ("volunteers", 14_600), ("cases", 2400),
    ],
)  # fmt: skip
def test_every_column_of_the_table_adds_up(column: str, total: int) -> None:
    assert sum(getattr(town, column) for town in TOWNS) == total


def test_grids_and_households_follow_the_table(made: District) -> None:
    counted = made.grids.groupby("town")[["households", "residents"]].sum()
    for town in TOWNS:
        kinds = made.grids.loc[made.grids["town"] == town.code, "kind"].value_counts()
        assert (kinds["general"], kinds["dedicated"]) == (town.general, town.dedicated)
        assert tuple(counted.loc[town.code]) == (town.households, town.residents)
    flats = made.grids.loc[made.grids["urban"], "households"].sum()
    assert flats == 164_000


def test_the_organisation_reaches_every_tier_in_the_exact_numbers(made: District) -> None:
    table = made.tables["organisations"]
    assert table["tier"].value_counts().to_dict() == {1: 16, 2: 260, 3: 732, 4: 2490, 5: 4980}
    forms = table.loc[table["kind"] == "village_org", "form"].value_counts()
    assert forms.to_dict() == {"committee": 22, "general_branch": 118, "branch": 120}
    covers = made.tables["organisation_grids"]
    assert covers["grid_id"].nunique() == len(covers) == 1009
    assert (made.grids["kind"].to_numpy()[covers["grid_id"]] == "general").all()
    assert (covers.groupby("organisation_id").size() > 1).sum() == table["is_joint"].sum() == 277
    assert table.loc[table["tier"] == 1, "member_count"].sum() == 58_000


def test_functional_branches_and_their_members(made: District) -> None:
    table = made.tables["organisations"]
    functional = table[table["kind"] == "functional_branch"]
    by_force = functional.groupby("force")["member_count"].agg(["size", "sum"])
    assert by_force.to_dict("index") == {
        "sunken_force": {"size": 118, "sum": 1652},
        "social_force": {"size": 77, "sum": 938},
    }
    kinds = functional.groupby("area_code")["force"].agg(lambda forces: "+".join(sorted(forces)))
    assert kinds.value_counts().to_dict() == {"social_force+sunken_force": 65, "sunken_force": 53, "social_force": 12}
    town = functional["area_code"].str[:9] + "000"
    assert functional.groupby(town)["member_count"].sum().to_dict() == {town.code: town.members for town in TOWNS}
    assert {2, 53} <= set(functional["member_count"])


def test_staff_and_assignments(made: District) -> None:
    table = made.tables["assignments"]
    heads = table.groupby("role")["headcount"].sum()
    assert heads[["grid_leader", "sunken_cadre", "judge", "prosecutor", "police_officer"]].tolist() == [
        1120, 8346, 46, 38, 204,
    ]  # fmt: skip
    assert table["employment"].value_counts().to_dict() == {"part_time": 2240, "full_time": 1248}
    assert 8_900 <= heads["micro_grid_head"] <= 9_100
    people = table[table["staff_id"] >= 0].groupby("role")["staff_id"].nunique()
    assert (people["link_cadre"], people["legal_adviser"]) == (1328, 130)
    linked = table[table["role"] == "link_cadre"]
    assert linked["grid_id"].nunique() == 1104
    cadres = linked.groupby(linked["territory"] // 1_000_000)["staff_id"].nunique()
    assert cadres.tolist() == [town.link_cadres for town in TOWNS]
    advisers = table[table["role"] == "legal_adviser"]
    assert advisers["area_code"].nunique() == 260
    assert (advisers["contract_ends_on"] < DAY).sum() == 3
    legal = table[table["role"].isin(["judge", "prosecutor", "police_officer"])]
    by_town = legal.groupby(legal["territory"] // 1_000_000).size().to_numpy()
    lawyers = advisers.groupby(advisers["territory"] // 1_000_000)["staff_id"].nunique().to_numpy()
    assert (by_town + lawyers).tolist() == [town.legal for town in TOWNS]


def test_goodwill(made: District) -> None:
    tables = made.tables
    teams = tables["volunteer_teams"]
    assert (len(teams), teams["active_count"].sum(), teams["registered_count"].sum()) == (584, 14_600, 73_000)
    assert (teams["active_count"] <= teams["registered_count"]).all()
    assert tables["service_points"]["kind"].eq("service_centre").sum() == 260
    assert len(tables["service_points"]) == 660
    sessions = tables["reception_days"]
    months = pd.to_datetime(sessions["held_on"]).dt.to_period("M").value_counts()
    assert set(months) == {260}
    opened, cases = tables["reception_cases"], tables["cases"]
    assert cases.loc[opened["case_id"], "source"].eq("reception_day").all()
    assert len(opened) > 1000
    where = sessions["territory"].to_numpy()[opened["reception_id"]] // 1000
    assert (where == cases["territory"].to_numpy()[opened["case_id"]] // 1000).all(), "in the village of the case"
    assert len(tables["council_meetings"]) == 960
    care = tables["care_tallies"]
    last = care[care["month"] == care["month"].max()]
    assert last.groupby("tier")["enrolled"].sum().to_dict() == {"weekly": 1900, "monthly": 4300, "quarterly": 3520}
    by_town = last.groupby(last["territory"] // 1_000_000)[["in_time", "enrolled"]].sum()
    rate = by_town["in_time"] / by_town["enrolled"]
    assert (round(rate.min(), 2), round(rate.max(), 2)) == (0.71, 0.96)
    assert int(rate.idxmin()) == 999_901_107


def test_a_year_of_cases(made: District) -> None:
    cases = made.tables["cases"]
    assert (len(cases), cases["filed_at"].notna().sum()) == (28_800, 27_216)
    town = cases["territory"] // 1_000_000
    assert town.value_counts().sort_index().tolist() == [town.cases * 12 for town in TOWNS]
    assert cases["source"].value_counts(normalize=True)["grid_patrol"] == pytest.approx(0.58, abs=1e-4)
    closed = cases[cases["status"] == "closed"]
    levels = closed["closing_level"].value_counts(normalize=True)
    assert levels["grid"] + levels["village"] == pytest.approx(0.85, abs=1e-3)
    assert levels["district"] == pytest.approx(0.03, abs=1e-3)
    days = (closed["closed_at"] - closed["filed_at"]).dt.total_seconds() / 86400
    assert days.mean() == pytest.approx(5.2, abs=0.4)
    running = cases[cases["soon_at"].notna()]
    assert set(running["status"]) <= {"filed", "dispatched", "in_progress", "handled", "verifying", "suspended"}
    assert (running["soon_at"] < running["due_at"]).all()
    assert cases.loc[cases["status"] != "rejected", "limit_amount"].between(1, 24).all()
    due = cases[cases["due_at"] < MORNING]
    assert (due["closed_at"] <= due["due_at"]).mean() == pytest.approx(0.88, abs=0.015)
    still = cases[cases["closed_at"].isna()]
    assert len(still) == 393
    assert ((still["due_at"] < MORNING) & (still["status"] != "suspended")).sum() == 60
    month = cases["reported"].dt.to_period("M").value_counts().sort_index().iloc[1:-1]
    assert month.between(1_800, 3_000).all()


def test_the_log_of_a_case_ends_in_its_state_and_never_runs_ahead(made: District) -> None:
    log, cases = made.tables["case_events"], made.tables["cases"]
    assert (log.groupby("case_id")["to_status"].last().to_numpy() == cases["status"].to_numpy()).all()
    assert log.groupby("case_id")["at"].apply(lambda times: times.is_monotonic_increasing).all()
    assert log["at"].max() <= MORNING
    chained = log["from_status"].iloc[1:].to_numpy() == log["to_status"].iloc[:-1].to_numpy()
    first = log["case_id"].diff().iloc[1:].to_numpy() != 0
    assert (chained | first).all()
    assert (log.loc[log["to_status"] == "returned", "reason"].notna()).all()


def test_most_households_were_visited_in_the_last_half_year(made: District) -> None:
    visits = made.tables["visits"]
    since = np.datetime64(DAY) - np.timedelta64(183, "D")
    recent = visits[visits["visited_on"].astype("datetime64[s]") > since]
    rate = recent.groupby("grid_id")["household_id"].nunique() / made.grids["households"]
    assert len(set(recent["household_id"])) / len(made.households) == pytest.approx(0.8, abs=0.02)
    assert rate.std() > 0.05
    assert visits["visited_on"].max() < DAY.isoformat()


def test_the_stories_hold_the_figures_of_the_plan(made: District) -> None:
    told = {story.number: story for story in stories(made)}
    assert sorted(told) == list(range(1, 13))
    assert told[1].expected["rate"] == pytest.approx(0.62, abs=0.005)
    assert told[2].where == ("999901101205003",)
    assert told[2].expected["households"] == 712
    assert (told[3].expected["grids"], told[3].expected["linked"]) == (16, 1104)
    assert told[3].expected["most_in_one_town"] == 5
    assert told[4].expected["villages"] == 130
    assert (told[5].expected["buildings"], told[5].expected["town_coverage"]) == (9, 0.997)
    assert told[6].expected["overlap_m2"] == 18_000
    assert told[7].expected["cases"] == 14
    assert told[8].expected["rate"] == pytest.approx(0.71, abs=0.002)
    assert len(told[9].where) == 3
    assert told[10].expected["households_before"] > told[10].expected["households_after"]
    assert len(told[11].where) == 2


def test_the_slow_month_is_found_by_counting(made: District) -> None:
    story = next(story for story in stories(made) if story.number == 1)
    cases = made.tables["cases"]
    here = cases[made.grids["village"].to_numpy()[cases["grid_id"]] == story.where[0]]
    due = here[here["due_at"].dt.strftime("%Y-%m") == story.expected["month"]]
    in_time = due["closed_at"] <= due["due_at"]
    assert (int(in_time.sum()), len(due)) == (story.expected["in_time"], story.expected["due"])
    assert (due.loc[~in_time, "return_count"] >= 2).all()


def test_sewage_cases_lie_within_three_hundred_metres_and_on_a_project(made: District) -> None:
    cases = made.tables["cases"]
    sewage = cases[cases["subcategory"] == "sewage"]
    x = np.array([[point.x, point.y] for point in sewage["geometry"]])
    assert np.hypot(*(x[:, None] - x[None]).T).max() <= 300
    assert (sewage["project_id"] == 0).all()
    assert sewage["closed_at"].isna().all()


def test_the_same_seed_makes_the_same_rows_and_another_seed_others() -> None:
    one, again, other = (make("tiny", seed, DAY, quietly) for seed in (5, 5, 6))
    for name, rows in one.tables.items():
        pd.testing.assert_frame_equal(pd.DataFrame(rows), pd.DataFrame(again.tables[name]))
    assert not one.tables["grids"]["name"].equals(other.tables["grids"]["name"])


def test_the_profiles_share_one_district() -> None:
    demo, full = PROFILES["demo"], PROFILES["full"]
    assert (demo.towns, demo.cases, demo.groups) == (full.towns, full.cases, full.groups)


def test_an_unknown_profile_is_named(made: District) -> None:
    with pytest.raises(Invalid, match="huge"):
        make("huge", 1, DAY, quietly)


def test_largest_remainders_add_up() -> None:
    assert share(10, [1, 1, 1]).tolist() == [4, 3, 3]
    assert share(7, [0, 5, 0], least=1).tolist() == [1, 5, 1]
    with pytest.raises(ValueError, match="smaller"):
        share(2, [1, 1, 1], least=1)


def test_numerals() -> None:
    assert [numeral(n) for n in (7, 10, 15, 20, 31, 100, 105, 110, 1002, 1230)] == [
        "七", "十", "十五", "二十", "三十一", "一百", "一百零五", "一百一十", "一千零二", "一千二百三十",
    ]  # fmt: skip
