"""`wangge plan`: plans from the shell, for those who script: suggest, rebalance, check, compare, in, out, publish."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from gis import checks
from gis.checks import Finding, foreseen
from gis.database import admit, transaction
from gis.errors import Invalid, WanggeError
from gis.plans import advice, compare, edits, incoming, publish, store
from gis.plans.advice import Advice
from gis.plans.draft import Totals, draft, totals
from gis.plans.edits import Edit
from gis.plans.held import refuse_done
from gis.plans.labels import digest, labels
from gis.scope import ZONE
from gis.viewer import Viewer, system
from gis.words import N_
from layers.files import plan as files
from webapp.commands.exports import viewer_named
from webapp.commands.findings import SYMBOLS, offer, show, tell, tell_left, tell_unfit
from webapp.commands.place import Place, counted, here, say

SHOWN = 20
"""Findings of each code that are printed."""


@dataclass(frozen=True)
class Work:
    """One transaction of a command: the session, for whom, when and where."""

    session: Session
    viewer: Viewer
    now: datetime
    place: Place


@contextmanager
def work(user: str | None, *, dry: bool = False) -> Iterator[Work]:
    """Open a transaction under an account's territory, or as the machine's owner; all of it counts or nothing.

    A dry one is taken back in the end.
    """
    place, now = here(), datetime.now(ZONE)
    viewer = system(now.date()) if user is None else viewer_named(place, user)
    with transaction(place.engine) as session:
        publish.stand_in(session, viewer) if user is None else admit(session, viewer)
        yield Work(session, viewer, now, place)
        if dry:
            session.rollback()


@click.group("plan")
def group() -> None:
    """Redraw grid boundaries: suggest, check, compare, take out, bring in, publish."""


def for_user(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names the account a command works for."""
    return click.option("--user", help="The account it is done for; the owner of the machine without it.")(command)


@group.command("list")
@for_user
def listed(user: str | None) -> None:
    """List the plans, the newest first."""
    with work(user) as at:
        rows = [(plan.id, plan.area_code, plan.status, plan.revision, plan.effective_from or "", plan.name)
                for plan in at.session.scalars(store.listed(at.session, at.viewer))]  # fmt: skip
    show(("plan", "area", "status", "revision", "effective", "name"), rows)


@group.command()
@click.argument("area")
@click.option("--name", help="What the plan is called.")
@click.option("--low", type=int, help="The fewest households of a grid.")
@click.option("--high", type=int, help="The most households of a grid.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same plan.")
@click.option("--alternative", default=1, show_default=True, help="Which of the alternatives to take, 1 is the best.")
@click.option("--dry-run", is_flag=True, help="Only show the alternatives; write nothing.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan there too: csv, geojson …")
@for_user
def suggest(area: str, user: str | None, name: str | None, seed: int, alternative: int, dry_run: bool,
            out: Path | None, low: int | None, high: int | None) -> None:  # fmt: skip
    """Suggest a new plan for the village or town AREA and keep the best one as a draft."""
    with work(user, dry=dry_run) as at:
        limits = chosen(at.place, low, high)
        say(f"Building the cells of {area} …")
        plan = store.create(
            at.session, at.viewer, area, name or f"{area} {at.now:%Y-%m-%d %H:%M}", at.now, limits=limits
        )
        begun = draft(at.session, at.viewer, plan.id)
        say(f"Suggesting grids for {counted(len(begun.ground.ids), 'cell')} …")
        taken = []
        for village in begun.ground.villages:
            found = advice.new_plan(begun, village, seed=seed)
            offer(village, found, begun)
            if not 1 <= alternative <= len(found):
                raise Invalid(N_("There is no alternative %(number)s."), number=alternative)
            tell_unfit(found[alternative - 1], begun)
            taken.append(found[alternative - 1])
        if not dry_run:
            take(at, plan.id, taken, out)


@group.command()
@click.argument("plan", type=int)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same moves.")
@click.option("--dry-run", is_flag=True, help="Only show what would move.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan there too.")
@for_user
def rebalance(plan: int, seed: int, dry_run: bool, out: Path | None, user: str | None) -> None:
    """Bring the grids of a draft back into range with the least change; what is locked stays."""
    with work(user, dry=dry_run) as at:
        found = draft(at.session, at.viewer, plan)
        refuse_done(found.plan)
        taken = []
        for village in found.ground.villages:
            least, naive = advice.least_change(found, village, seed=seed)
            least_move, new_move = counted(len(least.cells), "cell"), counted(naive, "cell")
            fit = f"{least.in_range} of {counted(least.count, 'grid')} in range then"
            click.echo(f"{village}: {least_move} to move, {fit}; with a new plan {new_move}.")
            divided, whole = foreseen.compounds(found, least)
            click.echo(f"  {counted(divided, 'compound')} divided, {whole} made whole.")
            tell_left(found, village)
            tell_unfit(least, found)
            taken.append(least)
        if not dry_run:
            take(at, plan, taken, out)


def take(at: Work, plan: int, taken: list[Advice], out: Path | None) -> None:
    """Draw suggestions into a plan, each as one step, and write the plan out when asked."""
    drawn = 0
    for each in taken:
        base = store.find(at.session, at.viewer, plan).revision
        if each.cells:
            edit = Edit("suggest", base, uuid.uuid4().hex, each.cells, each.after, each.grids)
            edits.apply(at.session, at.viewer, plan, edit, at.now)
            drawn += len(each.cells)
    click.echo(f"Plan {plan}: {counted(drawn, 'cell')} drawn.")
    if out is not None:
        out.write_bytes(files.write(at.session, at.viewer, plan, files.form_of(out)))


def chosen(place: Place, low: int | None, high: int | None) -> tuple[int, int]:
    """Return the range of households that is asked for, else that of the settings."""
    fewest, most = place.settings.grid_households_min, place.settings.grid_households_max
    return fewest if low is None else low, most if high is None else high


@group.command()
@click.argument("plan", type=int)
@for_user
def check(plan: int, user: str | None) -> None:
    """Hold a plan against every rule; fails when it has errors."""
    with work(user) as at:
        found = draft(at.session, at.viewer, plan)
        findings = checks.check(found)
        names = dict(zip((grid.id for grid in found.grids), labels(found), strict=True))
        show(("", "rule", "grid", "cells", "finding", "how to mend it"),
             [line(each, names) for each in few(findings)])  # fmt: skip
    errors = sum(each.severity == "error" for each in findings)
    click.echo(f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}.")
    if errors:
        raise SystemExit(1)


def few(findings: list[Finding]) -> Iterator[Finding]:
    """Yield at most some findings of each code."""
    seen: dict[str, int] = {}
    for each in findings:
        seen[each.code] = seen.get(each.code, 0) + 1
        if seen[each.code] <= SHOWN:
            yield each


def line(finding: Finding, names: dict[int, str]) -> tuple[str, ...]:
    """Return a finding as a line of the table."""
    grid = names.get(finding.grid, "") if finding.grid is not None else ""
    return (SYMBOLS[finding.severity], finding.code, grid, str(len(finding.cells)), *finding.told())


@group.command()
@click.argument("plan", type=int)
@for_user
def follow(plan: int, user: str | None) -> None:
    """Let a draft go on with the cells of today and with what came into force in some of its villages."""
    with work(user) as at:
        before = store.find(at.session, at.viewer, plan).revision
        done = store.follow(at.session, at.viewer, plan, at.now)
        click.echo(f"Plan {plan}: {'nothing to follow' if done.revision == before else 'carried over'}.")


@group.command("compare")
@click.argument("plan", type=int)
@click.argument("other", type=int, required=False)
@for_user
def compared(plan: int, other: int | None, user: str | None) -> None:
    """Compare a plan with what is in force, or with OTHER."""
    with work(user) as at:
        if other is None:
            found = compare.against_force(at.session, at.viewer, plan)
        else:
            found = compare.between(at.session, at.viewer, plan, other)
    rows = [(pair.code, pair.name, *sums(pair.before), *sums(pair.after)) for pair in found.pairs]
    show(("code", "grid", "households before", "cells before", "households after", "cells after"), rows)
    click.echo(f"To another grid: {counted(len(found.cells), 'cell')}, {counted(found.households, 'household')}.")


def sums(side: Totals | None) -> tuple[Any, Any]:
    """Return households and cells of a grid on one side, dashes where it is not there."""
    return ("–", "–") if side is None else (side.households, side.cells)


@group.command()
@click.argument("plan", type=int)
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@for_user
def export(plan: int, path: Path, user: str | None) -> None:
    """Write a plan to PATH: csv (its cells), geojson, gpkg or shp.zip (its grids)."""
    with work(user) as at:
        path.write_bytes(files.write(at.session, at.viewer, plan, files.form_of(path)))
        found = draft(at.session, at.viewer, plan)
    click.echo(
        f"{counted(sum(each.cells > 0 for each in totals(found)), 'grid')} → {path} (assignment {digest(found)[:12]})"
    )


@group.command("import")
@click.argument("plan", type=int)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--crs", help="The coordinate system, when the file names none or a wrong one.")
@click.option("--layer", help="The layer of a GeoPackage that holds several.")
@click.option("--dry-run", is_flag=True, help="Only look; write nothing.")
@for_user
def bring(plan: int, path: Path, crs: str | None, layer: str | None, dry_run: bool, user: str | None) -> None:
    """Bring an assignment into a draft: a CSV of cells, or drawn outlines, which are repaired and followed by cells."""
    with work(user, dry=dry_run) as at:
        found = draft(at.session, at.viewer, plan)
        proposal = incoming.from_file(at.session, at.viewer, found, path, crs=crs, layer=layer)
        tell(proposal)
        if not proposal.acceptable:
            click.secho("Nothing was written: the file has errors.", fg="red", err=True)
            raise SystemExit(1)
        moved = len(proposal.edit("look").cells)
        incoming.accept(at.session, at.viewer, proposal, uuid.uuid4().hex, at.now)
    click.echo(f"To another grid: {counted(moved, 'cell')}{'; this was a dry run' if dry_run else ''}.")


@group.command("publish")
@click.argument("plan", type=int, required=False)
@click.option("--due", is_flag=True, help="Publish every approved plan whose day has come: for a timer.")
@for_user
def put_in_force(plan: int | None, due: bool, user: str | None) -> None:
    """Put an approved plan in force, in one transaction; with --due each of them in its own, whatever the others do."""
    if (plan is None) == (not due):
        raise click.UsageError("Name a plan or give --due, one of the two.")
    with work(user) as at:
        numbers = [plan] if plan is not None else [each.id for each in publish.due(at.session, at.viewer, at.now)]
    refused = 0
    for number in numbers:
        try:
            with work(user) as at:
                done = publish.publish(
                    at.session, at.viewer, number or 0, at.now, metric_srid=at.place.settings.metric_srid
                )
                click.echo(f"Plan {done.id} “{done.name}” is in force.")
        except WanggeError as error:
            if not due:
                raise
            refused += 1
            click.secho(f"Plan {number} stays as it is: {error}", fg="red", err=True)
    if not numbers:
        click.echo("No plan is due.")
    if refused:
        raise SystemExit(1)
