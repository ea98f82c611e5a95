"""A duty or an account's territory that begins on the day of a publication, or later, does not stay with a grid that ends."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

FUNCTION = "wangge_relink(bigint, date, bigint[], bigint[], bigint[], bigint[])"
BEFORE = "  UPDATE staff s SET territory = h.territory"
AHEAD = """  DELETE FROM assignments a WHERE a.grid_id = ANY (retired) AND a.grid_id = ANY (sources) AND lower(a.valid) >= today;
  UPDATE assignments a SET grid_id = h.id, territory = h.territory
    FROM unnest(retired, heirs) r (old, heir) JOIN grids h ON h.id = r.heir
   WHERE a.grid_id = r.old AND lower(a.valid) >= today;
  DELETE FROM user_territories t USING grids g
   WHERE g.id = ANY (retired) AND g.id = ANY (sources) AND t.code = g.code AND lower(t.valid) >= today;
  UPDATE user_territories t SET code = h.code
    FROM unnest(retired, heirs) r (old, heir) JOIN grids g ON g.id = r.old JOIN grids h ON h.id = r.heir
   WHERE t.code = g.code AND lower(t.valid) >= today;
"""
"""What has not begun has no past to keep: it goes to the heir, unless the new grids have a copy of it already."""


def upgrade() -> None:
    """Put the words in."""
    say(BEFORE, AHEAD + BEFORE)


def downgrade() -> None:
    """Take the words out."""
    say(AHEAD + BEFORE, BEFORE)


def say(former: str, now: str) -> None:
    """Replace words of the function, which are there once; its owner and its rights stay."""
    text = op.get_bind().scalar(sa.text(f"SELECT pg_get_functiondef('{FUNCTION}'::regprocedure)"))
    if text.count(former) != 1:
        raise ValueError(f"{FUNCTION} does not say “{former}” once")
    op.get_bind().exec_driver_sql(text.replace(former, now).replace("%", "%%"))
