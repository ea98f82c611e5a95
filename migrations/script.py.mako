"""${message}."""

${imports if imports else ''}
import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Say what is new; new tables with a territory need their policy (see 0001)."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take it back and lose nothing that need not be lost."""
    ${downgrades if downgrades else "pass"}
