"""What the plan commands print: tables, alternatives, what stays out of range, what a file would change."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gis.checks.foreseen import compounds
from gis.indicators.kpis import shown
from gis.plans.advice import Advice, Misfit, left_out
from gis.plans.draft import Draft
from gis.plans.incoming import Proposal
from webapp.commands.place import counted

WIDE = 400
"""Columns of a table that goes into a file or a pipe: nothing is cut there."""
SYMBOLS = {"error": "✗", "warning": "▲", "note": "·"}


def show(headers: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Print a table."""
    table = Table(*headers)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    console.print(table)


OFFERED = ("grids", "in range", "along barriers", "compactness", "cells to draw", "out of range", "compounds divided",
           "made whole")  # fmt: skip


def offer(village: str, found: list[Advice], begun: Draft) -> None:
    """Print the alternatives for a village, the best first."""
    show((village, *OFFERED), [
        (n, each.count, each.in_range, f"{each.along_barriers or 0:.2f}", f"{each.compactness or 0:.2f}",
         len(each.cells), each.count - each.in_range, *compounds(begun, each)) for n, each in enumerate(found, 1)
    ])  # fmt: skip


def tell_unfit(taken: Advice, found: Draft) -> None:
    """Print what cannot be brought into range, and why."""
    for each in taken.unfit:
        codes = ", ".join(found.ground.codes[cell] for cell in found.ground.index(each.cells[:5]).tolist())
        click.echo(f"  ✗ {counted(each.households, 'household')} ({codes}): {each.reason}")
    names = {grid.id: grid.name for grid in found.grids}
    for wrong in taken.misfits:
        named = ", ".join(names[grid] for grid in wrong.grids)
        grids, homes = counted(len(wrong.grids), "grid"), counted(wrong.households, "household")
        click.echo(f"  ✗ {grids} for {homes}: {needed(wrong)} ({named})")


def tell_left(found: Draft, village: str) -> None:
    """Print how many cells of a village suggestions leave as they are, and why."""
    for said in left_out(found, village).told():
        click.echo(f"  · {said}")


def needed(wrong: Misfit) -> str:
    """Return how many grids it would take."""
    if wrong.fewest > wrong.most:
        return "no number of grids would do"
    return f"{wrong.fewest} would do" if wrong.fewest == wrong.most else f"{wrong.fewest} to {wrong.most} would do"


def tell(proposal: Proposal) -> None:
    """Print what there is to say about a file before it is taken."""
    rows = [(SYMBOLS[each.severity], each.row or "", str(each), "{} {}".format(*each.place) if each.place else "",
             each.remedy) for each in proposal.remarks]  # fmt: skip
    if rows:
        show(("", "row", "remark", "place", "how to mend it"), rows[:200])
    if proposal.repair:
        click.echo("Repaired: " + ", ".join(f"{name} {value:g}" for name, value in proposal.repair.items()))
    for cut in proposal.cuts:
        sides = ", ".join(f"{grid} {100 * shown(share):.1f}%" for grid, share in cut.shares)
        click.echo(f"  ▲ {cut.code} {cut.address or ''}: {sides}")
