"""Where the commands work: the settings, and the database as its owner, started and migrated when needed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property

import click
from sqlalchemy import Engine

from gis import cluster, schema
from gis.database import connect
from gis.settings import Settings


@dataclass(frozen=True)
class Place:
    """The settings and the two addresses of the database: its owner's, and the one of the role that owns nothing."""

    settings: Settings
    owner: str
    app: str

    @cached_property
    def engine(self) -> Engine:
        """The engine of the owner, for commands."""
        return connect(self.owner)


def say(text: str) -> None:
    """Show a step with the time of day, on standard error so that output can be piped."""
    click.echo(f"{time.strftime('%H:%M:%S')}  {text}", err=True)


def counted(number: int, noun: str, many: str | None = None) -> str:
    """Return a number with its noun: 1 cell, 2 cells, 0 cells."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def here(*, migrate: bool = True) -> Place:
    """Return the place, with the private cluster running and the schema at its newest."""
    settings = Settings.from_environment()
    if settings.database_url is not None:
        place = Place(settings, settings.database_url, settings.app_database_url or settings.database_url)
        if migrate:
            schema.prepare(place.owner)
    else:
        urls = cluster.ensure(settings, say)
        place = Place(settings, urls.owner, urls.app)
    if migrate:
        schema.upgrade(place.owner)
    return place
