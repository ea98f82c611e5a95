"""Publishing looks for buildings without a cell in its villages only."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

FUNCTION = "wangge_relink(bigint, date, bigint[], bigint[], bigint[], bigint[])"
BEFORE = """FROM unnest(lows) low JOIN buildings t ON t.territory BETWEEN low AND low + 999
     WHERE t.id NOT IN"""
NOW = """FROM unnest(lows) low
     CROSS JOIN LATERAL (SELECT x.* FROM buildings x WHERE x.territory BETWEEN low AND low + 999 OFFSET 0) t
     WHERE t.id NOT IN"""
"""PostgreSQL takes a village for a ninth of all buildings and would read every one of the district, once per village."""


def upgrade() -> None:
    """Put the better words in."""
    say(BEFORE, NOW)


def downgrade() -> None:
    """Put the former words in."""
    say(NOW, BEFORE)


def say(former: str, now: str) -> None:
    """Replace words of the function, which are there once; its owner and its rights stay."""
    text = op.get_bind().scalar(sa.text(f"SELECT pg_get_functiondef('{FUNCTION}'::regprocedure)"))
    if text.count(former) != 1:
        raise ValueError(f"{FUNCTION} does not say “{former}” once")
    op.get_bind().exec_driver_sql(text.replace(former, now).replace("%", "%%"))
