"""Figures of closed months, kept as they were; and what reporters answered, to be counted and not read."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_{}()))"
CARE = "code NOT LIKE 'care%' OR (SELECT wangge_may('care.count'))"

# As case_facts: whoever may count the cases of a territory may count what was answered, and sees no word of it.
CASE_ANSWERS = """
CREATE VIEW case_answers WITH (security_barrier) AS
SELECT c.id AS case_id, c.satisfied FROM cases c
 WHERE c.satisfied IS NOT NULL
   AND (elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
    OR c.id IN (SELECT m.case_id FROM plan_cases m
                 WHERE elem_contained_by_multirange(m.from_territory, (SELECT wangge_territory()))))
"""


def upgrade() -> None:
    """Make the table, which the application may read inside its reach, add to, and never change."""
    op.create_table(
        "kpi_snapshots",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("numerator", sa.Float(), nullable=True),
        sa.Column("denominator", sa.Float(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_kpi_snapshots_first_of_month")),
        sa.CheckConstraint("code ~ '^[a-z0-9_.]+$'", name=op.f("ck_kpi_snapshots_code_plain")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_snapshots")),
    )
    op.create_index(
        "uq_kpi_snapshots_month_code_territory", "kpi_snapshots", ["month", "code", "territory"], unique=True
    )
    op.create_index(op.f("ix_kpi_snapshots_territory"), "kpi_snapshots", ["territory"], unique=False)
    op.execute("ALTER TABLE kpi_snapshots ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON kpi_snapshots TO {ROLE}")
    seen = f"{HOLDS.format('reach')} AND ({CARE})"
    op.execute(f"CREATE POLICY kpi_snapshots_select ON kpi_snapshots FOR SELECT TO {ROLE} USING ({seen})")
    kept = f"{HOLDS.format('territory')} AND (SELECT wangge_may('figure.keep'))"
    op.execute(f"CREATE POLICY kpi_snapshots_insert ON kpi_snapshots FOR INSERT TO {ROLE} WITH CHECK ({kept})")
    op.execute(
        "CREATE TRIGGER kpi_snapshots_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kpi_snapshots "
        "FOR EACH STATEMENT EXECUTE FUNCTION wangge_refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER kpi_snapshots_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON kpi_snapshots "
        "FOR EACH STATEMENT EXECUTE FUNCTION wangge_count_revision()"
    )
    op.execute(CASE_ANSWERS)
    op.execute(f"GRANT SELECT ON case_answers TO {ROLE}")


def downgrade() -> None:
    """Take the snapshots away; what they were made of stays."""
    op.execute("DROP VIEW case_answers")
    op.drop_table("kpi_snapshots")
