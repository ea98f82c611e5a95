"""Care enrolments follow the ground when a plan is published, to who works there."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

FUNCTION = "wangge_relink(bigint, date, bigint[], bigint[], bigint[], bigint[])"
BEFORE = "  UPDATE staff s SET territory = h.territory"
CARE = """  UPDATE care.enrolments e SET grid_id = x.grid_id, territory = x.territory, staff_id = coalesce(x.worker, e.staff_id)
    FROM (SELECT o.id, g.id AS grid_id, g.territory,
                 (SELECT a.staff_id FROM assignments a
                   WHERE a.grid_id = g.id AND a.role IN ('grid_worker', 'grid_leader') AND a.staff_id IS NOT NULL
                     AND a.valid @> today
                   ORDER BY a.staff_id = o.staff_id DESC, a.role DESC, a.is_primary DESC, a.id LIMIT 1) AS worker
            FROM unnest(lows) low
            JOIN care.enrolments o ON o.territory BETWEEN low AND low + 999 AND o.ended_on IS NULL
            LEFT JOIN households h ON h.id = o.household_id
            LEFT JOIN unnest(retired, heirs) r (old, heir) ON r.old = o.grid_id
            JOIN grids g ON g.id = coalesce(h.grid_id, r.heir)
           WHERE o.grid_id <> g.id) x
   WHERE e.id = x.id;
  UPDATE care.visits v SET territory = e.territory
    FROM unnest(lows) low JOIN care.enrolments e ON e.territory BETWEEN low AND low + 999
   WHERE v.enrolment_id = e.id AND v.territory <> e.territory;
"""
"""Who is assigned in the new grid goes on; else its first worker or leader does."""


def upgrade() -> None:
    """Put the words in."""
    say(BEFORE, CARE + BEFORE)


def downgrade() -> None:
    """Take the words out."""
    say(CARE + BEFORE, BEFORE)


def say(former: str, now: str) -> None:
    """Replace words of the function, which are there once; its owner and its rights stay."""
    text = op.get_bind().scalar(sa.text(f"SELECT pg_get_functiondef('{FUNCTION}'::regprocedure)"))
    if text.count(former) != 1:
        raise ValueError(f"{FUNCTION} does not say “{former}” once")
    op.get_bind().exec_driver_sql(text.replace(former, now).replace("%", "%%"))
