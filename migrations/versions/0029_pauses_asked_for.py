"""The list of cases finds at once in which a pause is asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

INDEX = "ix_case_events_pauses"


def upgrade() -> None:
    """Index the requests: one case in many has one."""
    op.create_index(INDEX, "case_events", ["case_id"], postgresql_where=sa.text("step = 'ask_pause'"))


def downgrade() -> None:
    """Take the index away."""
    op.drop_index(INDEX, "case_events")
