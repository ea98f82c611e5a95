"""`wangge fabric`: the land of each building of a village, which plans are drawn with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gis.database import transaction
from gis.fabric import files, store
from gis.scope import ZONE
from gis.viewer import system
from webapp.commands.place import counted, here


@click.group()
def fabric() -> None:
    """Cells: the land of each building, which plans assign to grids."""


@fabric.command()
@click.argument("village")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the cells to this GeoJSON file too."
)
def build(village: str, out: Path | None) -> None:
    """Build the cells of VILLAGE (12 digits) anew; those that come out as they were stay, and no outline changes."""
    place, now = here(), datetime.now(UTC)
    viewer = system(now.astimezone(ZONE).date())
    with transaction(place.engine) as session:
        done = store.rebuild(session, viewer, village, now, metric_srid=place.settings.metric_srid,
                             cap=place.settings.grid_households_max)  # fmt: skip
        lines = list(files.geojson(session, viewer, village)) if out else []
    kept, new, retired = len(done.kept), len(done.new), len(done.retired)
    click.echo(f"{village}: version {done.fabric.version}, {counted(kept, 'cell')} kept, {new} new, {retired} no more")
    if len(done.outside):
        click.echo(
            f"{counted(len(done.outside), 'building')} outside the outline of the village, without a cell", err=True
        )
    if out:
        part = out.with_name(f"{out.name}.part")
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part.replace(out)
        click.echo(f"{counted(kept + new, 'cell')} → {out}")
