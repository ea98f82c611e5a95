"""`wangge user`: accounts and their territories."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from gis import users
from gis.database import transaction
from gis.scope import ZONE
from gis.viewer import ROLES, Viewer, system
from webapp.commands.place import here

DAY = click.DateTime(["%Y-%m-%d"])
PASSWORD = click.option("--password", help="At least 10 characters; without it a random one is printed.")


@click.group()
def user() -> None:
    """Create, change, close and list accounts."""


@contextmanager
def opened() -> Iterator[tuple[Session, Viewer]]:
    """Open a transaction with the command line's viewer of today."""
    with transaction(here().engine) as session:
        yield session, system(today())


def today() -> date:
    """Return the day in the district."""
    return datetime.now(ZONE).date()


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="What the account may do.")
@click.option("--area", "codes", multiple=True, help="A 12-digit area or 15-digit grid code; may be given again.")
@PASSWORD
def create(name: str, role: str, codes: tuple[str, ...], password: str | None) -> None:
    """Create an account named NAME with its territory from today on."""
    chosen = password or secrets.token_urlsafe(12)
    with opened() as (session, viewer):
        users.create(session, viewer, name=name, role=role, password=chosen, codes=list(codes), since=viewer.day)
    click.echo(f"{name}  {chosen if password is None else ''}".rstrip())


@user.command()
@click.argument("name")
@PASSWORD
def password(name: str, password: str | None) -> None:
    """Give NAME a new password; whoever is logged in with the account has to log in again."""
    chosen = password or secrets.token_urlsafe(12)
    with opened() as (session, viewer):
        users.set_password(session, viewer, name, chosen)
    click.echo(f"{name}  {chosen if password is None else ''}".rstrip())


@user.command()
@click.argument("name")
def close(name: str) -> None:
    """Close the account NAME: nobody can log in with it any more, and what it did stays in the logs."""
    with opened() as (session, viewer):
        users.set_active(session, viewer, name, False)


@user.command("open")
@click.argument("name")
def open_(name: str) -> None:
    """Open the closed account NAME again."""
    with opened() as (session, viewer):
        users.set_active(session, viewer, name, True)


@user.command()
@click.argument("name")
@click.argument("code")
@click.option("--from", "since", type=DAY, help="The first day; the day it has, or today for a new code.")
@click.option("--until", type=DAY, help="The first day on which it is over; without it there is no end.")
def territory(name: str, code: str, since: datetime | None, until: datetime | None) -> None:
    """Make NAME responsible for the area or grid CODE, or say when that ends."""
    with opened() as (session, viewer):
        users.set_territory(session, viewer, name, code, since=since and since.date(), until=until and until.date())


@user.command("list")
def list_() -> None:
    """List the accounts with their territories today."""
    table = Table("name", "role", "territory", "state")
    with opened() as (session, viewer):
        for each, codes in users.accounts(session, viewer, viewer.day):
            table.add_row(each.name, each.role, ", ".join(codes), "active" if each.active else "closed")
    Console().print(table)
