"""Visits that are recorded in the field, and the elder-care enrolments in a schema that only their staff read."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange({}, (SELECT wangge_territory()))"
OWN = "recorded_by = (SELECT wangge_user())"
TIERS = "tier IN ('weekly', 'monthly', 'quarterly')"
RESULTS = "result IN ('met', 'not_in', 'revisit')"
CONSENT = "consent_ref ~ '^[A-Z]{1,4}-?[0-9]{4}-?[0-9]{1,6}$'"
LEADS = f"(SELECT wangge_may('care.lead')) AND {HOLDS.format('territory')}"
SERVES = f"staff_id = (SELECT wangge_staff()) AND (SELECT wangge_may('care.serve')) AND {HOLDS.format('territory')}"
ITS_ENROLMENT = "EXISTS (SELECT FROM care.enrolments e WHERE e.id = enrolment_id)"

# A visit lies where its household or building lies, and a place that the viewer does not see is none.
IN_PLACE = """
(household_id IS NULL OR EXISTS (SELECT FROM households h WHERE h.id = visits.household_id
   AND h.building_id = visits.building_id AND h.territory = visits.territory))
AND (household_id IS NOT NULL OR EXISTS (SELECT FROM buildings b WHERE b.id = visits.building_id
   AND b.territory = visits.territory))
"""

# The care lead sees who is assigned and when a visit is due, and not which household; the view runs as its owner.
REGISTER = f"""
CREATE VIEW care.register WITH (security_barrier) AS
SELECT id, territory, consent_ref, tier, grid_id, staff_id, enrolled_on, next_due, ended_on
  FROM care.enrolments WHERE {LEADS}
  WITH LOCAL CHECK OPTION
"""


def upgrade() -> None:
    """Let visits bear who recorded them, make the schema care, and say who may read and write."""
    op.add_column("visits", sa.Column("recorded_by", sa.BigInteger(), nullable=True))
    op.add_column("visits", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visits", sa.Column("visit_key", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_visits_recorded_by"), "visits", "users", ["recorded_by"], ["id"])
    op.create_index(op.f("ix_visits_recorded_by"), "visits", ["recorded_by"], unique=False)
    op.create_unique_constraint(op.f("uq_visits_visit_key"), "visits", ["visit_key"])
    op.execute(f"GRANT INSERT, DELETE ON visits TO {ROLE}")
    allow("visits", "INSERT",
          f"{HOLDS.format('territory')} AND (SELECT wangge_may('visit.record')) AND {OWN} AND {IN_PLACE}")  # fmt: skip
    allow("visits", "DELETE", f"{HOLDS.format('territory')} AND (SELECT wangge_may('visit.record')) AND {OWN}")
    op.execute("CREATE SCHEMA care")
    op.execute(f"GRANT USAGE ON SCHEMA care TO {ROLE}")
    enrolments()
    visits()
    op.execute(REGISTER)
    op.execute(f"GRANT SELECT, UPDATE (staff_id, ended_on) ON care.register TO {ROLE}")


def enrolments() -> None:
    """Make the table of enrolments: read by the assigned staff alone, added to by the care lead."""
    op.create_table(
        "enrolments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consent_ref", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(TIERS, name=op.f("ck_enrolments_tier_known")),
        sa.CheckConstraint(CONSENT, name=op.f("ck_enrolments_consent_a_paper_number")),
        sa.CheckConstraint("ended_on >= enrolled_on", name=op.f("ck_enrolments_ended_after_enrolled")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_enrolments_grid_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_enrolments_household_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_enrolments_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("consent_ref", name=op.f("uq_enrolments_consent_ref")),
        schema="care",
    )
    for column in ("grid_id", "household_id", "staff_id", "territory"):
        op.create_index(op.f(f"ix_enrolments_{column}"), "enrolments", [column], unique=False, schema="care")
    op.execute("ALTER TABLE care.enrolments ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (next_due) ON care.enrolments TO {ROLE}")
    allow("enrolments", "SELECT", SERVES, schema="care.")
    allow("enrolments", "INSERT", LEADS, schema="care.")
    allow("enrolments", "UPDATE", SERVES, schema="care.")


def visits() -> None:
    """Make the table of care visits: read with their enrolment, written by who is assigned to it."""
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit_key", sa.Text(), nullable=True),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(RESULTS, name=op.f("ck_visits_result_known")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["care.enrolments.id"], name=op.f("fk_visits_enrolment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_visits_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("visit_key", name=op.f("uq_visits_visit_key")),
        schema="care",
    )
    for column in ("enrolment_id", "recorded_by", "territory"):
        op.create_index(op.f(f"ix_visits_{column}"), "visits", [column], unique=False, schema="care")
    op.execute("ALTER TABLE care.visits ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON care.visits TO {ROLE}")
    allow("visits", "SELECT", ITS_ENROLMENT, schema="care.")
    allow("visits", "INSERT", f"{OWN} AND {ITS_ENROLMENT}", schema="care.")
    allow("visits", "DELETE", f"{OWN} AND {ITS_ENROLMENT}", schema="care.")


def allow(table: str, verb: str, condition: str, *, schema: str = "") -> None:
    """Add one policy of the application's role."""
    clause = "WITH CHECK" if verb == "INSERT" else "USING"
    op.execute(f"CREATE POLICY {table}_{verb.lower()} ON {schema}{table} FOR {verb} TO {ROLE} {clause} ({condition})")


def downgrade() -> None:
    """Take the enrolments and the writing of visits away; visits stay, without who recorded them."""
    op.execute("DROP SCHEMA care CASCADE")
    for verb in ("insert", "delete"):
        op.execute(f"DROP POLICY visits_{verb} ON visits")
    op.execute(f"REVOKE INSERT, DELETE ON visits FROM {ROLE}")
    for column in ("visit_key", "recorded_at", "recorded_by"):
        op.drop_column("visits", column)
