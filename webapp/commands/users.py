"""`wangge user`: accounts and their territories."""

from __future__ import annotations

import secrets
from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from gis import users
from gis.database import transaction
from gis.scope import ZONE
from gis.viewer import ROLES, system
from webapp.commands.place import here


@click.group()
def user() -> None:
    """Create and list accounts."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="What the account may do.")
@click.option("--area", "codes", multiple=True, help="A 12-digit area or 15-digit grid code; may be given again.")
@click.option("--password", help="At least 10 characters; without it a random one is printed.")
def create(name: str, role: str, codes: tuple[str, ...], password: str | None) -> None:
    """Create an account named NAME with its territory from today on."""
    chosen, today = password or secrets.token_urlsafe(12), datetime.now(ZONE).date()
    with transaction(here().engine) as session:
        users.create(session, system(today), name=name, role=role, password=chosen, codes=list(codes), since=today)
    click.echo(f"{name}  {chosen if password is None else ''}".rstrip())


@user.command("list")
def list_() -> None:
    """List the accounts with their territories today."""
    today = datetime.now(ZONE).date()
    table = Table("name", "role", "territory", "state")
    with transaction(here().engine) as session:
        for each, codes in users.accounts(session, system(today), today):
            table.add_row(each.name, each.role, ", ".join(codes), "active" if each.active else "closed")
    Console().print(table)
