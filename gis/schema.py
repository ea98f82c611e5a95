"""Brings a database to the newest schema, and back."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from gis.database import connect
from gis.errors import Unavailable
from gis.settings import ROOT
from gis.words import N_

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")


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
    """Create the extensions that the schema stands on; raise Unavailable, with what mends it, where that is denied."""
    try:
        with connect(url).begin() as connection:
            for extension in EXTENSIONS:
                connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    except ProgrammingError as error:
        commands = " ".join(f"CREATE EXTENSION {extension};" for extension in EXTENSIONS)
        message = N_(
            "The database lacks an extension that its owner may not create. An administrator runs there: %(sql)s"
        )
        raise Unavailable(message, sql=commands) from error


def superuser(url: str) -> bool:
    """Tell whether whoever connects there is a superuser."""
    with connect(url).connect() as connection:
        return connection.scalar(select(func.current_setting("is_superuser"))) == "on"


def newest() -> str:
    """Return the newest revision that this checkout knows."""
    return ScriptDirectory.from_config(config("")).get_current_head() or "base"
