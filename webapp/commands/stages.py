"""`wangge stages`: the limits of acceptance and dispatch as a table."""

from __future__ import annotations

from pathlib import Path

import click

from gis import stages as limits
from gis.database import transaction
from webapp.commands.calendar import viewer
from webapp.commands.place import counted, here


@click.group()
def stages() -> None:
    """The limits of acceptance and dispatch, beside the powers-and-duties list."""


@stages.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bring(path: Path) -> None:
    """Put the table PATH in the place of the limits from today on; what it does not name ends."""
    who = viewer()
    with transaction(here().engine) as session:
        put, ended = limits.replace(session, who, path.read_bytes(), who.day)
    click.echo(f"{counted(put, 'limit')} set, {ended} ended")


@stages.command()
def export() -> None:
    """Print the limits that are in force as a table."""
    with transaction(here().engine) as session:
        click.echo(limits.table(session, viewer(), viewer().day), nl=False)
