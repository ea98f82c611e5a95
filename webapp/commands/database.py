"""`wangge database`: the schema and the private server."""

from __future__ import annotations

import click

from gis import cluster, schema
from gis.settings import Settings
from webapp.commands.place import here


@click.group()
def database() -> None:
    """Migrate, start and stop the database."""


@database.command()
def start() -> None:
    """Start the private PostGIS, migrate it, and print the owner's address."""
    click.echo(here().owner)


@database.command()
def stop() -> None:
    """Stop the private PostGIS; nothing is lost."""
    stopped = cluster.stop(Settings.from_environment())
    click.echo("Stopped." if stopped else "It was not running.")


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
