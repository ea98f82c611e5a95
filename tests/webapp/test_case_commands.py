"""`wangge token`, `wangge stages` and `wangge cases import`, over a database that is swept afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gis import cluster
from gis.boundaries import GridOutline
from gis.cases import Case
from gis.scope import ZONE
from gis.settings import Settings
from tests.conftest import DAY
from tests.leftovers import swept
from webapp.cli import wangge
from webapp.commands import calendar, cases, exports, stages, users
from webapp.commands.place import Place

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(
    urls: cluster.ClusterUrls, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Run the command line over the suite's database and return its exit code and what it said."""
    place = Place(settings, urls.owner, urls.app)
    for module in (calendar, cases, exports, stages, users):
        monkeypatch.setattr(module, "here", lambda: place, raising=False)

    def command(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(wangge, words)
        return done.exit_code, done.output + (str(done.exception) if done.exception else "")

    with swept(engine):
        yield command


def test_a_token_is_printed_listed_and_revoked(run: Run) -> None:
    code, said = run("token", "intake", "--label", "12345 热线")
    assert code == 0
    assert said.startswith("wg_")
    assert len(said.strip()) > 40
    _code, listed = run("token", "--list")
    assert "12345 热线" in listed
    assert said.strip() not in listed
    number = listed.split("│")[1].strip()
    assert run("token", "--revoke", number)[0] == 0
    assert "revoked" in run("token", "--list")[1]
    assert run("token", "--revoke", number)[0] != 0
    assert run("token", "nobody")[0] != 0
    assert run("token")[0] != 0


def test_the_limits_go_out_and_in(run: Run, tmp_path: Path) -> None:
    _code, table = run("stages", "export")
    path = tmp_path / "stages.csv"
    path.write_text(table)
    assert run("stages", "import", str(path)) == (0, "0 limits set, 0 ended\n")


def test_cases_come_in_by_the_command_once(run: Run, engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session:
        middle = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre))
        lon, lat = session.execute(
            middle.where(GridOutline.valid.contains(DAY)).order_by(GridOutline.code).limit(1)
        ).one()
    path = tmp_path / "cases.csv"
    yesterday = datetime.now(ZONE).date() - timedelta(days=1)
    path.write_text(f"编号,类别,标题,经度,纬度,上报时间\nZ1,环境,路口垃圾,{lon},{lat},{yesterday} 08:00\n")
    words = ("cases", "import", str(path), "--user", "dispatcher", "--source", "12345")
    assert run(*words, "--dry-run") == (0, "1 case would be written, 0 here already\n")
    assert run(*words)[1].endswith("1 case were written, 0 here already\n")
    assert run(*words)[1].endswith("0 cases were written, 1 here already\n")
    path.write_text("编号,标题\n1,x\n")
    code, said = run(*words)
    assert code != 0
    assert "nothing was written" in said
    assert "category" in said
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Case).where(Case.external_source == "12345")) == 1
