"""The command line: every command says what it does, and an error is one sentence."""

from __future__ import annotations

import sys
from importlib import import_module

import click
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from gis.errors import WanggeError

COMMANDS = {
    "calendar": "calendar:calendar",
    "care": "care:care",
    "cases": "cases:cases",
    "database": "database:database",
    "demo": "demo:demo",
    "duties": "duties:duties",
    "export": "exports:export",
    "fabric": "fabric:fabric",
    "import": "imports:group",
    "indicators": "indicators:indicators",
    "plan": "plans:group",
    "serve": "serve:serve",
    "stages": "stages:stages",
    "token": "tokens:token",
    "user": "users:user",
    "visits": "visits:visits",
}
"""Command → its file under webapp/commands and its name there."""


class Commands(click.Group):
    """The commands, each imported when it is called: pandas alone takes a second, and few of them need it."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order of --help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, name = COMMANDS[cmd_name].split(":")
        found: click.Command = getattr(import_module(f"webapp.commands.{module}"), name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wangge")
def wangge() -> None:
    """Grid maps for a district that governs by grids."""


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
    except OSError as error:
        click.secho(f"{error.filename or 'The file'}: {error.strerror or error}", fg="red", err=True)
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
