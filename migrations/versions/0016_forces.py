"""Who is put on which role, meetings and stages of projects are written in the viewer's own territory."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_territory()))"
MAY = "(SELECT wangge_may('{}'))"
OF_GRIDS = "role IN ('grid_leader', 'grid_worker', 'micro_grid_head')"
APPOINTS = f"((role NOT IN ('grid_leader', 'grid_worker', 'micro_grid_head') AND {MAY.format('staff.appoint')}) " \
           f"OR ({OF_GRIDS} AND {MAY.format('staff.assign')}))"  # fmt: skip
MEETS = MAY.format("meeting.manage")
BUILDS = MAY.format("project.manage")
RECEIVED = "EXISTS (SELECT FROM reception_days t WHERE t.id = reception_id)"
DOORS = (
    ("assignments", "INSERT", "", APPOINTS),
    ("assignments", "UPDATE", "valid", APPOINTS),
    ("reception_days", "INSERT", "", MEETS),
    ("reception_days", "UPDATE", "held_on, site, host_role, received", MEETS),
    ("council_meetings", "INSERT", "", MEETS),
    ("council_meetings", "UPDATE", "held_on, topic, outcome, case_id", MEETS),
    ("projects", "INSERT", "", BUILDS),
    ("projects", "UPDATE", "stage", BUILDS),
)
"""Table, verb, columns that change, and what it takes besides the territory."""


def upgrade() -> None:
    """Open the doors, and link the cases of a reception day to it."""
    op.create_table(
        "reception_cases",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("reception_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reception_cases_case_id")),
        sa.ForeignKeyConstraint(["reception_id"], ["reception_days.id"], name=op.f("fk_reception_cases_reception_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_reception_cases")),
    )
    op.create_index(op.f("ix_reception_cases_reception_id"), "reception_cases", ["reception_id"], unique=False)
    op.execute("ALTER TABLE reception_cases ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON reception_cases TO {ROLE}")
    op.execute(f"CREATE POLICY reception_cases_select ON reception_cases FOR SELECT TO {ROLE} USING ({RECEIVED})")
    reports = f"{RECEIVED} AND {MAY.format('case.report')} AND EXISTS (SELECT FROM case_facts t WHERE t.id = case_id)"
    op.execute(f"CREATE POLICY reception_cases_insert ON reception_cases FOR INSERT TO {ROLE} WITH CHECK ({reports})")
    op.execute("CREATE TRIGGER reception_cases_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON reception_cases "
               "FOR EACH STATEMENT EXECUTE FUNCTION wangge_count_revision()")  # fmt: skip
    for table, verb, columns, condition in DOORS:
        clause = "WITH CHECK" if verb == "INSERT" else "USING"
        op.execute(f"GRANT {verb}{f' ({columns})' if columns else ''} ON {table} TO {ROLE}")
        name = f"{table}_{verb.lower()}"
        op.execute(f"CREATE POLICY {name} ON {table} FOR {verb} TO {ROLE} {clause} ({HOLDS} AND {condition})")


def downgrade() -> None:
    """Close the doors; what was written stays."""
    for table, verb, columns, _condition in DOORS:
        op.execute(f"DROP POLICY {table}_{verb.lower()} ON {table}")
        op.execute(f"REVOKE {verb}{f' ({columns})' if columns else ''} ON {table} FROM {ROLE}")
    op.drop_table("reception_cases")
