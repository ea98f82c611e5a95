"""`wangge token`: tokens with which programs ask, printed once."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from gis import tokens
from gis.scope import ZONE
from webapp.commands.users import opened


@click.command()
@click.argument("name", required=False)
@click.option("--label", default="program", help="What it is for, in a few words: shown in the list.")
@click.option("--days", type=int, default=tokens.YEAR, show_default=True, help="How many days it holds.")
@click.option("--list", "listing", is_flag=True, help="List all tokens, with the last day of their use.")
@click.option("--revoke", type=int, metavar="NUMBER", help="End the token of this number.")
def token(name: str | None, label: str, days: int, listing: bool, revoke: int | None) -> None:
    """Print a new token for the account NAME; it has that account's role and territory, and is shown this once."""
    now = datetime.now(ZONE)
    with opened() as (session, viewer):
        if revoke is not None:
            tokens.revoke(session, viewer, revoke, now)
        elif listing:
            table = Table("number", "account", "for", "made", "until", "last used", "state")
            for each, account in tokens.listed(session, viewer):
                ended = "expired" if each.expires_on < viewer.day else "in use"
                table.add_row(str(each.id), account, each.label, str(each.created_at.date()),
                              str(each.expires_on), str(each.last_used_on or "—"),
                              "revoked" if each.revoked_at else ended)  # fmt: skip
            Console().print(table)
        elif name is None:
            raise click.UsageError("Name the account that the token is for.")
        else:
            click.echo(tokens.create(session, viewer, name, label, now, days=days)[1])
