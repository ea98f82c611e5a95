"""Runs the migrations, each in one transaction, one runner at a time."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, text

from gis import (  # noqa: F401  (each noun registers its tables)
    areas,
    audit,
    barriers,
    boundaries,
    cases,
    coverage,
    deadlines,
    duties,
    party,
    premises,
    relinks,
    resources,
    revisions,
    staffing,
    users,
)
from gis.database import Base, connect
from gis.fabric import tables as fabric_tables  # noqa: F401
from gis.plans import tables as plan_tables  # noqa: F401
from gis.volunteers import calls as volunteer_calls  # noqa: F401

ADVISORY_LOCK = 999901


def run() -> None:
    """Upgrade or downgrade over the connection in the configuration, or over its URL."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    with connect(context.config.get_main_option("sqlalchemy.url", "")).connect() as own:
        migrate(own)
        own.commit()


def migrate(connection: Connection) -> None:
    """Run under a lock, so that two servers that start together migrate once."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
