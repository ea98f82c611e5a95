"""`wangge plan`: a planner's script from a suggestion to a file and back, with words for everything that is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import geopandas
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select, update

from gis.audit import AuditEntry
from gis.boundaries import Grid
from gis.database import transaction
from gis.errors import Conflict, Invalid, NotAllowed, NotFound, WanggeError
from gis.plans.tables import Plan, PlanCell, PlanEvent, PlanGrid
from gis.settings import Settings
from tests import fabrics
from tests.tilings import tiling
from webapp.commands import plans

Run = Callable[..., Result]


@pytest.fixture
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with transaction(engine) as session:
        made = fabrics.qinghe(session)
    yield made
    with transaction(engine) as session:
        fabrics.clear(session, made.code)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, engine: Engine, settings: Settings) -> Run:
    monkeypatch.setattr(plans, "here", lambda: SimpleNamespace(engine=engine, settings=settings))
    monkeypatch.setattr("webapp.commands.exports.transaction", transaction)
    return lambda *words: CliRunner().invoke(plans.group, [str(word) for word in words])


def begun(run: Run, village: fabrics.Village, *words: object) -> int:
    result = run("suggest", village.code, *words)
    assert result.exit_code == 0, result.output
    found = re.search(r"Plan (\d+): \d+ cells drawn", result.output)
    assert found is not None, result.output
    return int(found[1])


def test_a_suggestion_goes_out_and_comes_back_as_the_same(run: Run, village: fabrics.Village, tmp_path: Path) -> None:
    path = tmp_path / "plan.geojson"
    plan = begun(run, village, "--out", path)
    grids = geopandas.read_file(path)
    assert grids["households"].sum() == sum(fabrics.HOUSEHOLDS)
    assert grids["households"].between(300, 500).all()
    assert run("check", plan).exit_code == 0
    told = [run("export", plan, tmp_path / f"plan.{form}").output for form in ("csv", "gpkg", "shp.zip")]
    assert len({re.search(r"assignment (\w+)", each)[1] for each in told}) == 1  # type: ignore[index]
    for form in ("csv", "gpkg", "shp.zip", "geojson"):
        result = run("import", plan, tmp_path / f"plan.{form}")
        assert result.exit_code == 0, result.output
        assert "To another grid: 0 cells" in result.output


def test_a_table_in_a_pipe_is_whole(run: Run, village: fabrics.Village) -> None:
    told = run("suggest", village.code, "--name", "很长的名字" * 12).output
    assert village.code in told
    assert "out of range" in told
    assert "很长的名字" * 12 in run("list").output
    assert "…" not in told.split("cells …")[-1]


def test_the_same_seed_gives_the_same_plan(run: Run, village: fabrics.Village, tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.csv" for n in range(2)]
    for path in paths:
        begun(run, village, "--seed", 7, "--out", path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_look_leaves_no_row(run: Run, engine: Engine, village: fabrics.Village) -> None:
    rows = [select(func.count()).select_from(model) for model in (Plan, PlanCell, PlanEvent, AuditEntry)]
    with transaction(engine) as session:
        before = [session.scalar(count) for count in rows]
    result = run("suggest", village.code, "--dry-run")
    assert "in range" in result.output
    with transaction(engine) as session:
        assert [session.scalar(count) for count in rows] == before


def test_a_look_at_a_file_refuses_what_taking_it_would_refuse(
    run: Run, engine: Engine, village: fabrics.Village, tmp_path: Path
) -> None:
    plan, path = begun(run, village), tmp_path / "plan.csv"
    with transaction(engine) as session:
        before = session.get_one(Plan, plan).revision
    run("export", plan, path)
    header, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    cell = dict(zip(header.split(","), lines[0].split(","), strict=True))["cell"]
    path.write_text(f"cell,grid,grid_name\n{cell},新格,{'长' * 500}\n", encoding="utf-8")
    looked = run("import", plan, path, "--dry-run")
    assert looked.exit_code == 1
    assert re.search(r"✗ │ 2 +│ A name is one line", looked.output), looked.output
    path.write_text(f"cell,grid\n{cell},新格\n", encoding="utf-8")
    assert "1 cell; this was a dry run" in run("import", plan, path, "--dry-run").output
    with transaction(engine) as session:
        assert session.get_one(Plan, plan).revision == before, "nothing is written"
        for row in session.scalars(select(PlanCell).where(PlanCell.plan_id == plan)):
            row.locked = True
    refused = [run("import", plan, path, *more).exception for more in (["--dry-run"], [])]
    assert all(isinstance(error, WanggeError) for error in refused), refused


def test_a_comparison_names_codes_in_force_and_new_grids(run: Run, engine: Engine, village: fabrics.Village) -> None:
    plan = begun(run, village)
    with transaction(engine) as session:
        grids = list(session.scalars(select(PlanGrid).where(PlanGrid.plan_id == plan).order_by(PlanGrid.id)))
        codes = [session.get_one(Grid, grid.grid_id).code for grid in grids if grid.grid_id]
        session.add(PlanGrid(plan_id=plan, village_code=village.code, name="新网格", kind="general", locked=False,
                             retired=False))  # fmt: skip
    told = run("compare", plan).output
    named = [line.split("│")[1].strip() for line in told.splitlines() if line.startswith("│")]
    begun_too = {f"new-{number}" for number in range(1, len(grids) - len(codes) + 2)}
    assert set(named) - {"new"} == {*codes, *begun_too}
    assert all(named.count(code) == 1 for code in codes), named


def test_what_is_no_draft_any_more_is_refused_even_where_nothing_differs(
    run: Run, engine: Engine, village: fabrics.Village, tmp_path: Path
) -> None:
    plan, path = begun(run, village), tmp_path / "plan.csv"
    run("export", plan, path)
    decided(engine, plan)
    for words in (("rebalance", plan), ("import", plan, path), ("import", plan, path, "--dry-run")):
        assert isinstance(run(*words).exception, Conflict), words


def test_a_rebalance_moves_few_and_a_comparison_counts_them(run: Run, village: fabrics.Village) -> None:
    plan = begun(run, village)
    assert re.search(r"0 cells to move", run("rebalance", plan, "--dry-run").output)
    result = run("compare", plan)
    assert result.exit_code == 0, result.output
    assert re.search(r"To another grid: \d+ cells?", result.output)


def test_the_shell_says_what_is_locked_and_that_the_number_of_grids_cannot_fit(
    run: Run, engine: Engine, village: fabrics.Village, tmp_path: Path
) -> None:
    plan = begun(run, village)
    with transaction(engine) as session:
        held = session.scalars(select(PlanCell).where(PlanCell.plan_id == plan).limit(3)).all()
        for cell in held:
            cell.locked = True
        session.get_one(Plan, plan).households_max = 350
    told = run("rebalance", plan, "--dry-run").output
    assert "3 locked cells stay as they are." in told
    assert re.search(r"grids for \d,\d{3} households: .*would do \(", told), told


def test_what_a_user_may_not_is_refused_in_words(run: Run, village: fabrics.Village, tmp_path: Path) -> None:
    plan = begun(run, village, "--user", "planner")
    path = tmp_path / "x.kml"
    refused: dict[tuple[object, ...], type[WanggeError]] = {
        ("suggest", village.code, "--user", "town_manager"): NotAllowed,
        ("suggest", "999901000000"): Invalid,
        ("suggest", village.code, "--alternative", 9): Invalid,
        ("check", 99999): NotFound,
        ("export", plan, path): Invalid,
        ("publish", plan): Conflict,
    }
    for words, error in refused.items():
        result = run(*words)
        assert isinstance(result.exception, error), (words, result.output, result.exception)
    assert not path.exists()
    assert run("publish").exit_code == 2
    assert "No plan is due." in run("publish", "--due").output


def test_a_spoilt_file_writes_nothing_and_says_where(run: Run, village: fabrics.Village, tmp_path: Path) -> None:
    plan, path = begun(run, village), tmp_path / "spoilt.csv"
    run("export", plan, path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([*lines, lines[1].replace(lines[1].split(",")[1], "nowhere")]), encoding="utf-8")
    result = run("import", plan, path)
    assert result.exit_code == 1
    assert str(len(lines) + 1) in result.output
    assert "Nothing was written" in result.output


def decided(engine: Engine, plan: int) -> None:
    """Have a plan approved for today, as a reviewer does."""
    with transaction(engine) as session:
        session.execute(
            update(Plan).where(Plan.id == plan).values(status="approved", effective_from=func.current_date())
        )


def test_an_approved_plan_is_put_in_force(run: Run, village: fabrics.Village, engine: Engine) -> None:
    plan = begun(run, village)
    decided(engine, plan)
    result = run("publish", plan)
    assert result.exit_code == 0, result.output
    assert "is in force" in result.output
    with transaction(engine) as session:
        assert session.get_one(Plan, plan).status == "published"
        made = tiling(session, village.code, session.scalar(func.current_date()))
    assert made.sound, made
    assert made.grids == counted(engine, plan)


def counted(engine: Engine, plan: int) -> int:
    """Return how many grids of a plan have land."""
    with transaction(engine) as session:
        grids = func.count(PlanCell.plan_grid_id.distinct())
        return session.scalar(select(grids).where(PlanCell.plan_id == plan)) or 0


def test_a_plan_whose_day_has_not_come_is_left_by_due(run: Run, village: fabrics.Village, engine: Engine) -> None:
    plan = begun(run, village)
    decided(engine, plan)
    with transaction(engine) as session:
        session.execute(update(Plan).where(Plan.id == plan).values(effective_from=func.current_date() + 2))
    result = run("publish", "--due")
    assert result.exit_code == 0, result.output
    assert "No plan is due." in result.output
    with transaction(engine) as session:
        assert session.get_one(Plan, plan).status == "approved"


def test_one_plan_that_cannot_be_published_does_not_hold_up_the_others(
    run: Run, village: fabrics.Village, engine: Engine
) -> None:
    broken, sound = begun(run, village), begun(run, village)
    with transaction(engine) as session:
        one = select(PlanCell.cell_id).where(PlanCell.plan_id == broken).limit(1).scalar_subquery()
        session.execute(update(PlanCell).where(PlanCell.plan_id == broken, PlanCell.cell_id == one)
                        .values(plan_grid_id=None))  # fmt: skip
    for plan in (broken, sound):
        decided(engine, plan)
    result = run("publish", "--due")
    assert result.exit_code == 1
    assert f"Plan {broken} stays as it is" in result.output
    assert f"Plan {sound} " in result.output
    with transaction(engine) as session:
        assert session.get_one(Plan, sound).status == "published"
