"""What a test commits of cases is taken out again, so that the next test finds the district as it was loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

LOGS = ("case_events", "audit_log")
"""Tables that refuse to forget, but for their owner."""
TABLES = (
    "reception_days", "council_meetings", "case_photos", "case_events", "cases", "case_views", "audit_log", "tokens",
    "stage_limits", "duty_items",
)  # fmt: skip


@contextmanager
def swept(engine: Engine) -> Iterator[None]:
    """Delete the rows that came in during the block, and put back the cases that it changed; logs too, by the owner."""
    with engine.begin() as connection:
        last = {name: connection.scalar(text(f"SELECT coalesce(max(id), 0) FROM {name}")) for name in TABLES}
        connection.execute(text("DROP TABLE IF EXISTS cases_as_they_were"))
        connection.execute(text("CREATE TABLE cases_as_they_were AS SELECT * FROM cases"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            columns = connection.scalars(text(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'cases' "
                "AND is_generated = 'NEVER' AND column_name <> 'id' ORDER BY 1")).all()  # fmt: skip
            listed = ", ".join(f'"{each}" = w."{each}"' for each in columns)
            connection.execute(text(f"UPDATE cases c SET {listed} FROM cases_as_they_were w "
                                    "WHERE w.id = c.id AND w.revision <> c.revision"))  # fmt: skip
            connection.execute(text("DELETE FROM reception_cases WHERE case_id > :cases OR reception_id > :days"),
                               {"cases": last["cases"], "days": last["reception_days"]})  # fmt: skip
            connection.execute(text("UPDATE cases SET duplicate_of = NULL WHERE id > :last"), {"last": last["cases"]})
            for name in LOGS:
                connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
            for name in TABLES:
                connection.execute(text(f"DELETE FROM {name} WHERE id > :last"), {"last": last[name]})
            for name in LOGS:
                connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
            connection.execute(text("DROP TABLE cases_as_they_were"))
