"""`wangge demo`: the made-up district, loaded once, and served."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from gis import areas, gaps
from gis import demo as district
from gis.database import transaction
from gis.demo import accounts
from gis.scope import ZONE
from gis.viewer import system
from webapp.commands.indicators import keep_past
from webapp.commands.place import Place, here, say
from webapp.commands.serve import run


@click.command()
@click.option(
    "--profile", type=click.Choice(["tiny", "demo", "full"]), default="demo", show_default=True, help="How much."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same district.")
@click.option("--serve/--no-serve", default=True, show_default=True, help="Serve it afterwards.")
def demo(profile: str, seed: int, serve: bool) -> None:
    """Load the fictional district 澜湾区 once, print its accounts, and serve it."""
    place = here()
    accounts.chosen(place.settings)  # before the district is made, which takes its time
    load(place, profile, seed)
    with transaction(place.engine) as session:
        password = accounts.ensure(session, system(today()), place.settings, today())
    for account in accounts.ACCOUNTS:
        click.echo(f"  {account.role:<18} {password}")
    if serve:
        run(place, demo=True)


def load(place: Place, profile: str, seed: int) -> None:
    """Load the district unless some district is there already."""
    with transaction(place.engine) as session:
        accounts.refuse_real(session)
        if areas.synthetic(session):
            say("The demo district is loaded already.")
            return
        district.load(
            session, system(made_on(datetime.now(ZONE))), profile=profile, seed=seed, say=say, folder=place.settings.var
        )
        say("Looking for gaps and overlaps …")
        gaps.find(session, system(today()), today(), place.settings.metric_srid)
    with place.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE)")
    say("Keeping the figures of the closed months …")
    keep_past(place.engine, place.settings, datetime.now(ZONE))


def made_on(now: datetime) -> date:
    """Return the day whose morning at eight the made-up district stands still at: nothing of it lies ahead."""
    return (now - timedelta(hours=8)).date()


def today() -> date:
    """Return the day in the district."""
    return datetime.now(ZONE).date()
