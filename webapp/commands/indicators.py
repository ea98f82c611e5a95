"""`wangge indicators`: the figures of closed months, kept as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click
from sqlalchemy import Engine

from gis import audit
from gis.database import transaction
from gis.indicators import periods, snapshots
from gis.indicators.periods import Month
from gis.scope import ZONE
from gis.settings import Settings
from gis.viewer import system
from webapp.commands.place import counted, here

KEPT_BEFORE = 6
"""How many closed months of the made-up district are kept."""


@click.group()
def indicators() -> None:
    """The indicators of areas and grids."""


@indicators.command()
@click.argument("month")
def snapshot(month: str) -> None:
    """Keep the figures of MONTH (2026-10) for every area and grid; what is kept already stays as it is."""
    now = datetime.now(UTC)
    place, wanted = here(), periods.read(month, today(now))
    added = keep(place.engine, place.settings, wanted, now)
    click.echo(
        f"{wanted}: {counted(added, 'figure')} kept" if added else f"{wanted}: kept already, nothing was changed"
    )


def keep(engine: Engine, settings: Settings, month: Month, now: datetime) -> int:
    """Keep the figures of a month in a transaction of its own, and return how many rows were added."""
    wanted = settings.grid_households_min, settings.grid_households_max
    with transaction(engine) as session:
        who = system(today(now))
        with snapshots.of_district(session, who) as everywhere:
            added = snapshots.take(session, everywhere, month, wanted, now)
        if added:
            audit.record(session, who, "figure.keep", str(month), rows=added)
    return added


def keep_past(engine: Engine, settings: Settings, now: datetime) -> None:
    """Keep the closed months of the made-up district."""
    running = periods.month_of(today(now))
    for months in range(KEPT_BEFORE, 0, -1):
        keep(engine, settings, running.back(months), now)


def today(now: datetime) -> date:
    """Return the day in the district."""
    return now.astimezone(ZONE).date()
