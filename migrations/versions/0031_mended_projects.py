"""Who keeps projects mends what one is called, and its outline."""

from alembic import op

revision = "0031"
down_revision = "0030"

ROLE = "wangge_app"
WRITTEN = "name, lead_body, outline, area_code, territory"


def upgrade() -> None:
    """Grant the columns; the policy of rows is that of the stage."""
    op.execute(f"GRANT UPDATE ({WRITTEN}) ON projects TO {ROLE}")


def downgrade() -> None:
    """Take the grant back; what was mended stays."""
    op.execute(f"REVOKE UPDATE ({WRITTEN}) ON projects FROM {ROLE}")
