"""`wangge export`: a layer as a file, with the territory, the mask and the log of the user it is taken for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from gis import users
from gis.database import transaction
from gis.errors import Invalid, NotFound, Unavailable
from gis.scope import ZONE
from gis.viewer import Viewer
from gis.words import N_
from layers import files
from layers.catalogue import CATALOGUE
from layers.files import Export
from webapp.addresses import RESERVED, asked
from webapp.commands.place import Place, counted, here
from webapp.transaction import Database


@click.command()
@click.argument("layer", type=click.Choice([layer.name for layer in CATALOGUE]))
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--user", "name", required=True, help="The account it is taken for: its territory and mask apply.")
@click.option("--purpose", required=True, help="Kept in the export log.")
@click.option("--area", help="A 12-digit area or 15-digit grid code.")
@click.option("--bbox", help="west,south,east,north in degrees.")
@click.option("--date", "day", help="As at this day; today without it.")
@click.option("--filter", "filters", multiple=True, help="field=value of the layer; given again, both values count.")
def export(
    layer: str, path: Path, name: str, purpose: str, area: str | None, bbox: str | None, day: str | None,
    filters: tuple[str, ...],
) -> None:  # fmt: skip
    """Write LAYER to PATH; the suffix chooses the format: geojson, geojsonl, gpkg or csv.

    What a csv or geojsonl file cannot say of itself is written beside it, to PATH.meta.json.
    """
    form, found = files.get(path.suffix.lstrip(".")), CATALOGUE.get(layer)
    if not path.parent.is_dir():
        raise Invalid(N_("There is no folder %(folder)s; make it, then export again."), folder=path.parent)
    place = here()
    given = [("area", area), ("bbox", bbox), ("date", day), *map(filter_of, filters)]
    now = datetime.now(UTC)
    viewer = viewer_named(place, name)
    wanted = asked(MultiDict([(k, v) for k, v in given if v]), viewer, now.astimezone(ZONE).date(), now)
    taken = files.export(Database(place.engine), viewer, found, form, wanted, purpose)
    write(taken, path)
    if not form.self_describing:
        said = {**taken.about, "rows": taken.tally.rows, "bytes": taken.tally.size}
        beside(path).write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    click.echo(f"{counted(taken.tally.rows or 0, 'row')} → {path}")


def beside(path: Path) -> Path:
    """Return where that is written which a file does not say of itself."""
    return path.with_name(f"{path.name}.meta.json")


def write(taken: Export, path: Path) -> None:
    """Write the file under another name until it is whole; nothing is left of one that breaks off."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as out:
            for block in taken:
                out.write(block)
        part.replace(path)
    except OSError as error:
        raise Unavailable(
            N_("%(file)s cannot be written: %(reason)s"), file=path, reason=error.strerror or error
        ) from error
    finally:
        taken.close()
        part.unlink(missing_ok=True)


def filter_of(pair: str) -> tuple[str, str]:
    """Return field and value of field=value; raise Invalid for what has an option of its own."""
    name, sign, value = pair.partition("=")
    if not sign or not value or name in RESERVED:
        raise Invalid(N_("%(value)s is no filter; write --filter field=value with a field of the layer."), value=pair)
    return name, value


def viewer_named(place: Place, name: str) -> Viewer:
    """Return the viewer of an account, or raise NotFound."""
    with transaction(place.engine) as session:
        user_id = session.scalar(select(users.User.id).where(users.User.name == name))
        if user_id is None:
            raise NotFound(N_("There is no account named %(name)s."), name=name)
        return users.viewer_of(session, user_id, datetime.now(ZONE).date())
