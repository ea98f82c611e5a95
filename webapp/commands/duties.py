"""`wangge duties`: the powers-and-duties list as a table."""

from __future__ import annotations

from pathlib import Path

import click

from gis import duties as listing
from gis.database import transaction
from webapp.commands.calendar import viewer
from webapp.commands.place import counted, here


@click.group()
def duties() -> None:
    """The powers-and-duties list: who leads, who helps, within which time."""


@duties.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change and write nothing.")
def bring(path: Path, *, dry_run: bool) -> None:
    """Put the table PATH in the place of the list from today on; what it does not name ends."""
    who, data = viewer(), path.read_bytes()
    with transaction(here().engine) as session:
        entries, wrong = listing.read(data)
        for each in wrong:
            click.secho(f"row {each.row}, {each.field}: {each.error}", fg="red", err=True)
        if wrong:
            rows = len({each.row for each in wrong})
            raise click.ClickException(f"{counted(rows, 'row is', 'rows are')} wrong; nothing was written")
        changes = listing.compare(session, who, entries, who.day)
        if not dry_run:
            listing.replace(session, who, data, who.day)
    done = "would be" if dry_run else "were"
    click.echo(f"{counted(len(changes.put), 'entry', 'entries')} {done} set, {len(changes.ended)} {done} ended")


@duties.command()
def export() -> None:
    """Print the list that is in force as a table."""
    with transaction(here().engine) as session:
        click.echo(listing.table(session, viewer(), viewer().day), nl=False)
