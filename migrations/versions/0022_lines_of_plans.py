"""A plan knows the outlines that it was drawn on, village by village, and can follow what came into force since."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"

KINDS = ("paint", "push", "split", "merge", "create", "change", "retire", "lock", "unlock", "suggest", "import", "carry",
         "restore", "undo", "redo")  # fmt: skip

# What was published after the plan was begun, or after the one that it branches from, is not known to it: 0 for none.
LINES = """
WITH RECURSIVE up AS (
  SELECT p.id, p.created_at AS at, p.parent_id FROM plans p
  UNION ALL
  SELECT u.id, q.created_at, q.parent_id FROM up u JOIN plans q ON q.id = u.parent_id
   WHERE q.published_at IS NULL OR q.published_at > u.at
), begun AS (SELECT id, min(at) AS at FROM up GROUP BY id),
newest AS (
  SELECT g.village_code AS village, max(o.id) AS id, max(lower(o.valid)) AS since
    FROM grid_outlines o JOIN grids g ON g.id = o.grid_id GROUP BY 1
)
UPDATE plans p SET lines = coalesce((
  SELECT jsonb_object_agg(f.village, CASE
           WHEN n.since > (b.at AT TIME ZONE 'Asia/Shanghai')::date OR EXISTS (
             SELECT FROM plans o WHERE o.id <> p.id AND o.published_at > b.at AND o.fabrics ? f.village
               AND (o.published_at AT TIME ZONE 'Asia/Shanghai')::date = n.since) OR EXISTS (
             SELECT FROM import_batches i WHERE i.kind = 'grids' AND i.at > b.at) THEN 0
           ELSE coalesce(n.id, 0) END)
    FROM jsonb_object_keys(p.fabrics) f (village) LEFT JOIN newest n ON n.village = f.village), '{}')
  FROM begun b WHERE b.id = p.id
"""


def upgrade() -> None:
    """Note for each plan the newest outlines that it knows, and let its log say `follow`."""
    op.add_column("plans", sa.Column("lines", JSONB(), server_default="{}", nullable=False))
    op.execute(LINES)
    op.execute("GRANT UPDATE (lines) ON plans TO wangge_app")
    allow(*KINDS, "follow")


def allow(*kinds: str) -> None:
    """Let the log of a plan hold these kinds."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("ck_plan_events_kind_known", "plan_events")
    op.create_check_constraint(op.f("ck_plan_events_kind_known"), "plan_events", f"kind IN ({listed})")


def downgrade() -> None:
    """Forget the outlines; what followed is told as carried over."""
    op.execute("ALTER TABLE plan_events DISABLE TRIGGER USER")
    op.execute("UPDATE plan_events SET kind = 'carry' WHERE kind = 'follow'")
    op.execute("ALTER TABLE plan_events ENABLE TRIGGER USER")
    allow(*KINDS)
    op.drop_column("plans", "lines")
