"""`wangge import`: files in; every row is looked at first, and all of them are written or none."""

from __future__ import annotations

import csv
import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from babel.support import Translations
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from gis import imports
from gis.areas import KINDS as AREA_KINDS
from gis.barriers import KINDS as BARRIER_KINDS
from gis.barriers import RANKS
from gis.boundaries import KINDS as GRID_KINDS
from gis.database import transaction
from gis.imports import Examination, Finding, Options
from gis.imports.findings import SEVERITY_NAMES
from gis.premises import BUILDING_KINDS
from gis.scope import ZONE
from gis.settings import ROOT
from gis.viewer import system
from gis.words import N_
from webapp.commands.place import here, say

SHOWN = {"error": 20, "warning": 20, "note": 5}
"""How many findings of a kind are printed, by severity."""
KIND_NAMES = {**AREA_KINDS, **GRID_KINDS, **BUILDING_KINDS, "flat": N_("flat"), **RANKS}
TOTALS = {
    "error": (N_("%(n)s error"), N_("%(n)s errors")),
    "warning": (N_("%(n)s warning"), N_("%(n)s warnings")),
    "note": (N_("%(n)s note"), N_("%(n)s notes")),
}
"""Severity → how one finding is told, and how several are."""
COLOURS = {"error": "red", "warning": "yellow", "note": "dim"}
HEADERS = (N_("Severity"), N_("Row"), N_("Column"), N_("Place"), N_("Finding"), N_("How to mend it"))

Translate = Callable[[str], str]


@click.group("import")
def group() -> None:
    """Bring files in: GeoJSON, GeoPackage or Shapefile (zipped too).

    \b
    A new district in this order:
      wangge import areas areas.geojson
      wangge import barriers roads.geojson --kind road
      wangge import barriers water.geojson --kind river
      wangge import grids grids.geojson
      wangge import buildings buildings.geojson
      wangge import households households.geojson
    """


def _options(command: Any) -> Any:
    for option in reversed(
        (
            click.argument("file", type=click.Path(exists=True, path_type=Path)),
            click.option("--crs", help="The coordinate system, when the file names none or a wrong one."),
            click.option("--layer", help="The layer of a GeoPackage that holds several."),
            click.option("--dry-run", is_flag=True, help="Only look; write nothing."),
            click.option("--repair", is_flag=True, help="Repair outlines that cross themselves, and say what changed."),
            click.option("--report", type=click.Path(path_type=Path), help="Write every finding to this CSV file."),
            click.option("--language", type=click.Choice(["en", "zh"]), default="en", help="Of the findings."),
        )
    ):
        command = option(command)
    return command


@group.command()
@_options
def areas(**given: Any) -> None:
    """Import districts, towns or streets, villages or communities."""
    bring("areas", given)


@group.command()
@_options
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="The day from which they are in force; today.")
def grids(start: datetime | None, **given: Any) -> None:
    """Import grids; their villages and communities must be there."""
    bring("grids", given, day=start.date() if start else None)


@group.command()
@_options
def buildings(**given: Any) -> None:
    """Import buildings; each goes to the grid that holds its representative point."""
    bring("buildings", given)


@group.command()
@_options
def households(**given: Any) -> None:
    """Import households, as polygons with counts and without names; each goes to its building."""
    bring("households", given)


@group.command()
@_options
@click.option("--kind", type=click.Choice(list(BARRIER_KINDS)), required=True, help="What the lines are.")
def barriers(kind: str, **given: Any) -> None:
    """Import roads, rivers, railways or walls, as lines or polygons."""
    bring("barriers", given, barrier=kind)


def bring(kind: str, given: dict[str, Any], **more: Any) -> None:
    """Examine a file, show what was found, and write it unless it has errors or only a look was asked for."""
    place, translate = here(), _translation(given["language"])
    viewer = system(_today())
    options = Options(place.settings.metric_srid, given["crs"], given["layer"], repair=given["repair"], **more)
    with _uncollected(), transaction(place.engine) as session:
        say(translate(N_("Looking at %(file)s …")) % {"file": given["file"].name})
        looked_at = imports.examine(session, viewer, kind, given["file"], options)
        show(looked_at, translate)
        if given["report"]:
            report(looked_at, given["report"], translate)
        written = looked_at.acceptable and not given["dry_run"]
        if written:
            say(translate(N_("Writing the rows …")))
            imports.accept(session, viewer, looked_at)
    conclude(looked_at, written, translate)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the rows be: the collector would walk through all of them time and again, and they hold no cycles."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # the last walk, at the end of the process, passes by what is there now
        gc.enable()


def _today() -> date:
    return datetime.now(ZONE).date()


def _translation(language: str) -> Translate:
    return Translations.load(ROOT / "webapp" / "translations", [language]).gettext


def show(looked_at: Examination, translate: Translate) -> None:
    """Print the findings as a table, at most some of each kind, and the summary."""
    console = Console()
    if looked_at.findings:
        columns = [Column(translate(header), overflow="fold") for header in HEADERS]
        table = Table(*columns, show_lines=False, expand=console.is_terminal)
        for finding in _some(looked_at.findings):
            table.add_row(*map(escape, _cells(finding, translate)), style=COLOURS[finding.severity])
        console.print(table)
    for code, left in _left_out(looked_at.findings).items():
        said = translate(N_("… and %(n)s more of %(code)s (--report FILE.csv lists all)."))
        console.print(said % {"n": f"{left:,}", "code": code}, markup=False)


def _some(findings: list[Finding]) -> Iterator[Finding]:
    shown: Counter[str] = Counter()
    for finding in findings:
        shown[finding.code] += 1
        if shown[finding.code] <= SHOWN[finding.severity]:
            yield finding


def _left_out(findings: list[Finding]) -> dict[str, int]:
    counted = Counter((finding.code, SHOWN[finding.severity]) for finding in findings)
    return {code: n - shown for (code, shown), n in counted.items() if n > shown}


def _cells(finding: Finding, translate: Translate) -> tuple[str, ...]:
    place = f"{finding.place[0]:.6f}, {finding.place[1]:.6f}" if finding.place else ""
    row = "" if finding.row is None else str(finding.row)
    return (translate(SEVERITY_NAMES[finding.severity]), row, finding.field or "", place, *finding.told(translate))


def report(looked_at: Examination, path: Path, translate: Translate) -> None:
    """Write every finding to a CSV file that a spreadsheet opens with the right characters."""
    from layers.files.table import harmless  # brings every format of an export along

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("code", *(translate(header) for header in HEADERS)))
        rows.writerows((found.code, *map(harmless, _cells(found, translate))) for found in looked_at.findings)


def conclude(looked_at: Examination, written: bool, translate: Translate) -> None:
    """Print what the file holds and what became of it; fail when it has errors."""
    summary = looked_at.summary
    kinds = ", ".join(f"{translate(KIND_NAMES.get(kind, kind))} {n:,}" for kind, n in summary.kinds.items())
    rows = translate(N_("%(n)s row") if summary.rows == 1 else N_("%(n)s rows")) % {"n": f"{summary.rows:,}"}
    land = f", {summary.area_m2 / 1e6:,.3f} km²" if summary.area_m2 else ""
    found = ", ".join(translate(TOTALS[severity][n != 1]) % {"n": f"{n:,}"} for severity, n in summary.found.items())
    click.echo(f"{rows} ({kinds}){land}; {found}." if kinds else f"{rows}{land}; {found}.")
    if not looked_at.acceptable:
        click.secho(translate(N_("Nothing was written: the file has errors.")), fg="red", err=True)
        raise SystemExit(1)
    end = N_("Written.") if written else N_("Nothing was written: this was a dry run.")
    click.echo(translate(end))
