"""`wangge calendar`: the days that differ from the working week, which limits are counted over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gis import deadlines
from gis.database import transaction
from gis.scope import ZONE
from gis.viewer import Viewer, system
from webapp.commands.place import counted, here


@click.group()
def calendar() -> None:
    """The working calendar: holidays and make-up days."""


@calendar.command()
@click.argument("years", type=int, nargs=-1, required=True)
def fill(years: tuple[int, ...]) -> None:
    """Fill YEARS with the published holidays and make-up days of the country."""
    with transaction(here().engine) as session:
        for year in years:
            count = deadlines.fill(session, viewer(), year)
            click.echo(f"{year}: {counted(count, 'day')} apart from the working week")


@calendar.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bring(path: Path) -> None:
    """Replace the years that the table PATH tells of (day,kind,name; UTF-8), all or nothing."""
    with transaction(here().engine) as session:
        years = deadlines.replace(session, viewer(), path.read_bytes())
    click.echo(f"replaced: {', '.join(map(str, years))}")


@calendar.command()
@click.argument("year", type=int)
def export(year: int) -> None:
    """Print YEAR as a table that comes in again as it went out."""
    with transaction(here().engine) as session:
        click.echo(deadlines.export(session, viewer(), year), nl=False)


def viewer() -> Viewer:
    """Return the viewer of the command line today."""
    return system(datetime.now(UTC).astimezone(ZONE).date())
