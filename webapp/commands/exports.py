"""`wangge export`: a layer as a file, with the territory, the mask and the log of the user it is taken for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from gis import audit, users
from gis.database import admit, join_by_hash, transaction
from gis.errors import NotFound
from gis.scope import ZONE
from gis.viewer import Viewer
from gis.words import N_
from layers import files
from layers.catalogue import CATALOGUE
from layers.query import total
from webapp.addresses import asked
from webapp.commands.place import Place, here


@click.command()
@click.argument("layer", type=click.Choice([layer.name for layer in CATALOGUE]))
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--user", "name", required=True, help="The account it is taken for: its territory and mask apply.")
@click.option("--purpose", required=True, help="Kept in the export log.")
@click.option("--area", help="A 12-digit area or 15-digit grid code.")
@click.option("--bbox", help="west,south,east,north in degrees.")
@click.option("--date", "day", help="As at this day; today without it.")
@click.option("--filter", "filters", multiple=True, help="field=value of the layer; may be given again.")
def export(
    layer: str, path: Path, name: str, purpose: str, area: str | None, bbox: str | None, day: str | None,
    filters: tuple[str, ...],
) -> None:  # fmt: skip
    """Write LAYER to PATH; the suffix chooses the format: geojson, geojsonl, gpkg or csv."""
    place, form, found = here(), files.get(path.suffix.lstrip(".")), CATALOGUE.get(layer)
    given = {"area": area, "bbox": bbox, "date": day, **dict(pair.partition("=")[::2] for pair in filters)}
    now = datetime.now(UTC)
    viewer = viewer_named(place, name)
    wanted = asked(MultiDict({k: v for k, v in given.items() if v}), viewer, now.astimezone(ZONE).date(), now)
    part = path.with_name(path.name + ".part")
    with transaction(place.engine) as session:
        admit(session, viewer)
        join_by_hash(session)
        files.inspect(session, found, viewer, wanted)
        number = audit.start_export(session, viewer, layer, form.name, given, purpose)
        rows = session.scalar(total(found, viewer, wanted)) or 0
        with part.open("wb") as out:
            for block in form.write(session, found, viewer, wanted, files.about(found, viewer, wanted, purpose)):
                out.write(block)
        audit.end_export(session, number, rows=rows, size=part.stat().st_size)
    part.replace(path)
    click.echo(f"{rows} rows → {path}")


def viewer_named(place: Place, name: str) -> Viewer:
    """Return the viewer of an account, or raise NotFound."""
    with transaction(place.engine) as session:
        user_id = session.scalar(select(users.User.id).where(users.User.name == name))
        if user_id is None:
            raise NotFound(N_("There is no account named %(name)s."), name=name)
        return users.viewer_of(session, user_id, datetime.now(ZONE).date())
