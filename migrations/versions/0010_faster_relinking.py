"""Publishing looks up the homes of a village by their buildings, and asks for each place once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

FUNCTION = "wangge_relink(bigint, date, bigint[], bigint[], bigint[], bigint[])"
BETTER = {
    "JOIN households h ON h.building_id = b.id": (
        "CROSS JOIN LATERAL (SELECT x.* FROM households x WHERE x.building_id = b.id OFFSET 0) h"
    ),
    """    FROM unnest(lows) low JOIN buildings b ON b.territory BETWEEN low AND low + 999
   WHERE b.id = o.building_id AND o.territory <> b.territory;""": (
        """    FROM buildings b
   WHERE b.id = o.building_id AND o.territory <> b.territory AND b.territory - b.territory % 1000 = ANY (lows);"""
    ),
    "ON r.old = c.grid_id) x": "ON r.old = c.grid_id OFFSET 0) x",
    "ON r.old = v.grid_id) x": "ON r.old = v.grid_id OFFSET 0) x",
    "WITH placed AS (": "WITH placed AS MATERIALIZED (",
}
"""What the function of 0005 says → what says the same with a better plan.

PostgreSQL takes a village for a ninth of all buildings, so it reads every household of the district, and every building
of the villages for a few honours; and it works a place out twice where a subquery is folded into its join. OFFSET 0 and MATERIALIZED keep subqueries as they are.
"""


def upgrade() -> None:
    """Put the better words in."""
    say(BETTER)


def downgrade() -> None:
    """Put the former words in."""
    say({better: former for former, better in BETTER.items()})


def say(words: dict[str, str]) -> None:
    """Replace words of the function, each of which is there once; its owner and its rights stay."""
    text = op.get_bind().scalar(sa.text(f"SELECT pg_get_functiondef('{FUNCTION}'::regprocedure)"))
    for former, now in words.items():
        if text.count(former) != 1:
            raise ValueError(f"{FUNCTION} does not say “{former}” once")
        text = text.replace(former, now)
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))
