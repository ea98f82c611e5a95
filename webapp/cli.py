"""The command line: every command says what it does, and an error is one sentence."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import OperationalError

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
    except OperationalError:
        click.secho(
            "The database does not answer; check DATABASE_URL, or run `wangge database start`.", fg="red", err=True
        )
        sys.exit(1)
