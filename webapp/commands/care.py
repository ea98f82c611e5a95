"""`wangge care`: the monthly count of the care visits, and the purge of ended enrolments; both are for a timer."""

from __future__ import annotations

from datetime import date, datetime

import click

from gis.care import counting
from gis.database import transaction
from webapp.commands.calendar import viewer
from webapp.commands.place import counted, here


class Month(click.ParamType):
    """A month as people write it: 2026-11."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the first day of the month."""
        try:
            return datetime.strptime(str(value), "%Y-%m").date()
        except ValueError:
            self.fail(f"{value} is not a month; write it as 2026-11", param, ctx)


@click.group()
def care() -> None:
    """The elder-care action: count a month, delete what ended."""


@care.command()
@click.argument("month", type=Month(), required=False)
def tally(month: date | None) -> None:
    """Count the enrolments of MONTH (2026-11; this month without it) and those visited in time, grid by grid."""
    who = viewer()
    with transaction(here().engine) as session:
        enrolled, in_time = counting.tally(session, who, month or who.day)
    click.echo(f"{(month or who.day):%Y-%m}: {enrolled} enrolled, {in_time} visited in time")


@care.command()
def purge() -> None:
    """Delete the enrolments that ended 30 days ago or earlier, with their visits."""
    who = viewer()
    with transaction(here().engine) as session:
        gone = counting.purge(session, who)
    click.echo(f"{counted(gone, 'enrolment')} deleted")
