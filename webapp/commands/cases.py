"""`wangge cases`: cases of another system come in as a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from gis.cases import incoming
from gis.cases.incoming.columns import SYSTEMS, mapped
from gis.database import admit, transaction
from gis.scope import ZONE
from webapp.commands.exports import viewer_named
from webapp.commands.place import counted, here

SHOWN = 40
COLOURS = {"error": "red", "warning": "yellow", "note": "bright_black"}


@click.group()
def cases() -> None:
    """Cases of other systems."""


@cases.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--user", "name", required=True, help="The account that brings them in: its territory applies.")
@click.option("--source", required=True, help="Which system they come from; with its number a case comes in once.")
@click.option("--crs", type=click.Choice(list(SYSTEMS)), default="4490", help="The system of the coordinates.")
@click.option("--map", "columns", default="", help="column=field,… for columns that are not recognised.")
@click.option("--dry-run", is_flag=True, help="Say what would be written and write nothing.")
def bring(file: Path, name: str, source: str, crs: str, columns: str, dry_run: bool) -> None:
    """Bring the cases of FILE in (CSV, .xlsx or GeoJSON points): all rows that are new, or none."""
    place, now = here(), datetime.now(ZONE)
    viewer, options = viewer_named(place, name), incoming.Options(source, crs, mapped(columns))
    with transaction(place.engine) as session:
        admit(session, viewer)
        found = incoming.examine(session, viewer, file.name, file.read_bytes(), options, now)
        for each in found.findings[:SHOWN]:
            wrong, remedy = each.told()
            where = f"row {each.row} " if each.row else ""
            told = f"{each.severity}: {where}{each.field or ''}: {wrong} {remedy}"
            click.secho(told, fg=COLOURS[each.severity], err=True)
        if len(found.findings) > SHOWN:
            click.echo(f"… and {counted(len(found.findings) - SHOWN, 'more finding')}", err=True)
        if not found.acceptable:
            raise click.ClickException("the file has errors; nothing was written")
        written = len(found.fresh) if dry_run else incoming.accept(session, viewer, found, now)
    done = "would be" if dry_run else "were"
    click.echo(f"{counted(written, 'case')} {done} written, {len(found.rows) - len(found.fresh)} here already")
