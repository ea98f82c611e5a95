"""Who may grant a pause sees that one is asked for, of restricted cases too: the view tells no word of the log."""

from alembic import op

revision = "0030"
down_revision = "0029"

ROLE = "wangge_app"
# A request waits until somebody answers it, or the case leaves the hands of who asked.
ANSWERS = (
    "'suspend', 'refuse_pause', 'extend', 'resume', 'return', 'dispatch', 'assign', 'report_done', 'self_close', "
    "'reject', 'duplicate', 'void'"
)
PAUSES = f"""
CREATE VIEW case_pauses WITH (security_barrier) AS
SELECT a.case_id FROM case_events a JOIN cases c ON c.id = a.case_id
 WHERE a.step = 'ask_pause' AND (SELECT wangge_may('case.view'))
   AND NOT EXISTS (SELECT FROM case_events b WHERE b.case_id = a.case_id AND b.id > a.id AND b.step IN ({ANSWERS}))
   AND elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
"""


def upgrade() -> None:
    """Make the view; it runs as its owner."""
    op.execute(PAUSES)
    op.execute(f"GRANT SELECT ON case_pauses TO {ROLE}")


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP VIEW case_pauses")
