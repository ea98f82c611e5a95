"""Runs the migrations, each in one transaction, one runner at a time."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, text

from gis import (  # noqa: F401  (each noun registers its tables)
    areas,
    audit,
    barriers,
    boundaries,
    care,
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
    stages,
    tokens,
    users,
)
from gis.cases import views as case_views  # noqa: F401
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


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether autogenerate looks at a schema: the default one, and that of the care enrolments."""
    return kind != "schema" or name in (None, care.tables.SCHEMA)


def migrate(connection: Connection) -> None:
    """Run under a lock, so that two servers that start together migrate once."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=alembic_helpers.include_object,
        include_schemas=True,
        include_name=ours,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
