"""Whoever draws and sees no cases is told where a restricted one goes by the middle of its grid, as in the editor."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

FUNCTION = "wangge_rerouted(bigint)"
WORDS = {
    "st_covers(k.outline, c.point)": (
        "st_covers(k.outline, CASE WHEN c.visibility <> 'restricted' OR wangge_may('case.view') "
        "THEN c.point ELSE f.centre END)"
    ),
    "AND c.territory BETWEEN low AND low + 999\n": (
        "AND c.territory BETWEEN low AND low + 999\n    LEFT JOIN grid_outlines f ON f.id = c.outline_id\n"
    ),
}
"""What the function of 0005 says → what it says now: a planner who moves cells to and fro does not find where a restricted case lies."""


def upgrade() -> None:
    """Put the new words in."""
    say(WORDS)


def downgrade() -> None:
    """Put the former words in."""
    say({now: former for former, now in WORDS.items()})


def say(words: dict[str, str]) -> None:
    """Replace words of the function, each of which is there once; its owner and its rights stay."""
    text = op.get_bind().scalar(sa.text(f"SELECT pg_get_functiondef('{FUNCTION}'::regprocedure)"))
    for former, now in words.items():
        if text.count(former) != 1:
            raise ValueError(f"{FUNCTION} does not say “{former}” once")
        text = text.replace(former, now)
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))
