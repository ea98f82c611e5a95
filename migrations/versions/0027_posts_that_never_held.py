"""A post that is taken back before its day keeps its row and holds on no day: an empty range, as in the duty list."""

from alembic import op

revision = "0027"
down_revision = "0026"

CHECK = "some_day"
NEVER = "'[0001-01-01,0001-01-02)'::daterange"
"""The day on which such posts lay before: nobody could ask for it."""


def upgrade() -> None:
    """Let a post hold on no day."""
    op.drop_constraint(op.f(f"ck_assignments_{CHECK}"), "assignments", type_="check")
    op.execute(f"UPDATE assignments SET valid = 'empty' WHERE valid = {NEVER}")


def downgrade() -> None:
    """Put them on a day again that nobody asks for."""
    op.execute(f"UPDATE assignments SET valid = {NEVER} WHERE isempty(valid)")
    op.create_check_constraint(op.f(f"ck_assignments_{CHECK}"), "assignments", "NOT isempty(valid)")
