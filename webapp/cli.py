"""The command line: every command says what it does, and an error is one sentence."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from gis.errors import WanggeError
from webapp.commands import database, demo, exports, imports, serve, users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wangge")
def wangge() -> None:
    """Grid maps for a district that governs by grids."""


for each in (serve.serve, demo.demo, imports.group, exports.export, users.user, database.database):
    wangge.add_command(each)


def main() -> None:
    """Run a command; turn what the domain raises into one sentence and a failing exit."""
    try:
        wangge(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except WanggeError as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(1)
    except SQLAlchemyError as error:
        click.secho(told(error), fg="red", err=True)
        sys.exit(1)


def told(error: SQLAlchemyError) -> str:
    """Return a sentence on what the database said: its first line, without the statement and its values."""
    if isinstance(error, OperationalError):
        return "The database does not answer; check DATABASE_URL, or run `wangge database start`."
    said = str(error.orig if isinstance(error, DBAPIError) else type(error).__name__).strip().split("\n")[0]
    return f"The database refused this: {said}"
