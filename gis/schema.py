"""Brings a database to the newest schema, and back."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from gis.database import connect
from gis.settings import ROOT


def config(url: str) -> Config:
    """Return Alembic's configuration for a database; there is no ini file to keep in step."""
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.set_main_option("path_separator", "os")
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str, to: str = "head") -> None:
    """Migrate up, under a lock, each step in one transaction."""
    command.upgrade(config(url), to)


def downgrade(url: str, to: str) -> None:
    """Migrate down to a revision, or to `base`."""
    command.downgrade(config(url), to)


def prepare(url: str) -> None:
    """Create the extensions that the schema stands on, where the role may; raise the driver's error where not."""
    with connect(url).begin() as connection:
        for extension in ("postgis", "btree_gist", "pg_trgm"):
            connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")


def newest() -> str:
    """Return the newest revision that this checkout knows."""
    return ScriptDirectory.from_config(config("")).get_current_head() or "base"
