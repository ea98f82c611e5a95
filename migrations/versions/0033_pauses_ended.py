"""A case that was closed waits for no pause."""

from alembic import op

revision = "0033"
down_revision = "0032"

# A request waits until somebody answers it, or the case leaves the hands of who asked.
ANSWERS = (
    "'suspend', 'refuse_pause', 'extend', 'resume', 'return', 'dispatch', 'assign', 'report_done', 'self_close', "
    "'reject', 'duplicate', 'void'"
)
PAUSES = """
CREATE OR REPLACE VIEW case_pauses WITH (security_barrier) AS
SELECT a.case_id FROM case_events a JOIN cases c ON c.id = a.case_id
 WHERE a.step = 'ask_pause' AND (SELECT wangge_may('case.view'))
   AND NOT EXISTS (SELECT FROM case_events b WHERE b.case_id = a.case_id AND b.id > a.id AND b.step IN ({answers}))
   AND elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
"""


def upgrade() -> None:
    """Let the close of a case answer a request."""
    op.execute(PAUSES.format(answers=f"{ANSWERS}, 'pass'"))


def downgrade() -> None:
    """Leave it out again."""
    op.execute(PAUSES.format(answers=ANSWERS))
