"""`wangge visits`: the purge of visits after two years, for a timer."""

from __future__ import annotations

import click

from gis import visits as field
from gis.database import transaction
from webapp.commands.calendar import viewer
from webapp.commands.place import here


@click.group()
def visits() -> None:
    """The visits in the field: delete what is older than two years."""


@visits.command()
def purge() -> None:
    """Delete the visits of more than two years ago; the figures of kept months stay."""
    who = viewer()
    with transaction(here().engine) as session:
        gone = field.purge(session, who)
    click.echo(f"{gone} visits deleted")
