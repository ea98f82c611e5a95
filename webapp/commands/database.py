"""`wangge database`: the schema and the private server."""

from __future__ import annotations

import click

from gis import cluster, schema
from gis.settings import Settings
from webapp import processes
from webapp.commands.place import here, say


@click.group()
def database() -> None:
    """Migrate, start and stop the database."""


@database.command()
def start() -> None:
    """Start the private PostGIS, migrate it, and print the owner's address."""
    click.echo(here().owner)


@database.command()
def stop() -> None:
    """Stop the private PostGIS, and the one that the tests leave running; nothing is lost."""
    settings = Settings.from_environment()
    for server in processes.running(settings.root):
        say(f"A web server of this checkout still runs; Ctrl-C in its window or `kill {server}` ends it.")
    for name, called in (("", "The database"), ("test", "The database of the tests")):
        click.echo(f"{called} was stopped." if cluster.stop(settings, name) else f"{called} was not running.")


@database.command()
def upgrade() -> None:
    """Migrate to the newest schema."""
    here()
    click.echo(schema.newest())


@database.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Migrate down to REVISION, or to base."""
    schema.downgrade(here(migrate=False).owner, revision)
