"""An outline bears the kind that its grid had while it was in force, as it bears the name."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Give every outline the kind that its grid has now: what it was before is not known."""
    op.add_column("grid_outlines", sa.Column("kind", sa.Text(), server_default="general", nullable=False))
    op.execute("UPDATE grid_outlines o SET kind = g.kind FROM grids g WHERE g.id = o.grid_id AND g.kind <> o.kind")
    op.create_check_constraint(op.f("ck_grid_outlines_kind_known"), "grid_outlines", "kind IN ('general', 'dedicated')")


def downgrade() -> None:
    """Take the kind away; the grid keeps its own."""
    op.drop_column("grid_outlines", "kind")
