"""What the environment may say, and what is answered when it says something wrong."""

from __future__ import annotations

import stat
from dataclasses import fields
from pathlib import Path

import pytest

from gis.errors import Invalid, Unavailable
from gis.settings import Settings


def read(root: Path, **environ: str) -> Settings:
    return Settings.from_environment({"SECRET_KEY": "k" * 32, **environ}, root)


def test_an_empty_environment_gives_the_defaults(tmp_path: Path) -> None:
    settings = Settings.from_environment({}, tmp_path)
    assert (settings.host, settings.port, settings.workers, settings.threads) == ("127.0.0.1", 8000, 2, 8)
    assert (settings.database_url, settings.app_database_url, settings.metric_srid) == (None, None, 4549)
    assert (settings.grid_households_min, settings.grid_households_max) == (300, 500)


def test_each_field_names_its_variable_and_its_purpose() -> None:
    declared = [field for field in fields(Settings) if field.name != "root"]
    assert all(field.metadata["env"].isupper() and field.metadata["help"].endswith(".") for field in declared)
    assert len({field.metadata["env"] for field in declared}) == len(declared)


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert read(tmp_path, PORT=" ", DATABASE_URL="").port == 8000


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "８０８０"),
        ("WORKERS", "-1"),
        ("THREADS", "1.5"),
        ("METRIC_SRID", "3857"),
        ("METRIC_SRID", "4490"),
        ("DATABASE_URL", "mysql://u:geheim@h/d"),
        ("APP_DATABASE_URL", "district"),
        ("SECRET_KEY", "short"),
        ("GRID_HOUSEHOLDS_MIN", "-1"),
        ("GRID_HOUSEHOLDS_MIN", "500"),
        ("GRID_HOUSEHOLDS_MAX", "0"),
        ("GRID_HOUSEHOLDS_MAX", "300"),
        ("GRID_HOUSEHOLDS_MAX", "many"),
    ],
)
def test_a_wrong_value_is_answered_with_its_variable(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(Invalid, match=variable) as refused:
        read(tmp_path, **{variable: value})
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_database_address_is_read_in_every_spelling(tmp_path: Path, scheme: str) -> None:
    settings = read(tmp_path, DATABASE_URL=f"{scheme}://u:p@host:5432/d")
    assert settings.database_url == "postgresql+psycopg2://u:p@host:5432/d"


def test_the_random_key_stays_and_is_closed_to_others(tmp_path: Path) -> None:
    first = Settings.from_environment({}, tmp_path).secret_key
    assert Settings.from_environment({}, tmp_path).secret_key == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "var" / "secret").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret"]


def test_an_empty_key_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret").touch()
    assert len(Settings.from_environment({}, tmp_path).secret_key) >= 32


def test_a_checkout_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="SECRET_KEY"):
        Settings.from_environment({}, tmp_path)


def test_the_key_is_not_shown_with_the_settings(tmp_path: Path) -> None:
    assert "k" * 32 not in repr(read(tmp_path))
