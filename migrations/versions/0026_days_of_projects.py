"""A project has the days on which its work began and was accepted, and an end that can be written."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

ROLE = "wangge_app"
DAYS = ("started_on", "completed_on")
WRITTEN = ", ".join((*DAYS, "valid"))


def upgrade() -> None:
    """Add the days; of projects that are there nobody knows them."""
    for name in DAYS:
        op.add_column("projects", sa.Column(name, sa.Date(), nullable=True))
    op.execute(f"GRANT UPDATE ({WRITTEN}) ON projects TO {ROLE}")


def downgrade() -> None:
    """Take the days away; an end that was set stays."""
    op.execute(f"REVOKE UPDATE ({WRITTEN}) ON projects FROM {ROLE}")
    for name in reversed(DAYS):
        op.drop_column("projects", name)
