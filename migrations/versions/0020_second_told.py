"""Meetings are cancelled and bear a revision; who receives is a code; a visit that was taken back stays away; one view is the first."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

ROLE = "wangge_app"
MINE = "split_part(visit_key, ':', 1) = (SELECT wangge_user())::text"
MEETINGS = ("reception_days", "council_meetings")
HOSTS = "host_role IN ('party_cadre', 'town_leader', 'village_secretary', 'link_cadre', 'grid_leader', 'legal_adviser')"


def upgrade() -> None:
    """Add the columns, and let the application write them."""
    for table in MEETINGS:
        op.add_column(table, sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
        op.add_column(table, sa.Column("cancelled", sa.Text(), nullable=True))
        op.execute(f"GRANT UPDATE (revision, cancelled) ON {table} TO {ROLE}")
    op.create_table(
        "withdrawn_visits",
        sa.Column("visit_key", sa.Text(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("visit_key", name=op.f("pk_withdrawn_visits")),
    )
    op.execute("ALTER TABLE withdrawn_visits ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT ON withdrawn_visits TO {ROLE}")
    op.execute(f"CREATE POLICY withdrawn_visits_select ON withdrawn_visits FOR SELECT TO {ROLE} USING ({MINE})")
    op.execute(f"CREATE POLICY withdrawn_visits_insert ON withdrawn_visits FOR INSERT TO {ROLE} WITH CHECK ({MINE})")
    op.execute("UPDATE case_views v SET first = false WHERE first AND EXISTS (SELECT FROM case_views o "
               "WHERE o.user_id = v.user_id AND o.first AND o.id > v.id)")  # fmt: skip
    op.create_index("uq_case_views_user_id_first", "case_views", ["user_id"], unique=True,
                    postgresql_where=sa.text("first"))  # fmt: skip
    # Until now every reception day had the one host of the form.
    op.execute("UPDATE reception_days SET host_role = 'party_cadre'")
    op.create_check_constraint(op.f("ck_reception_days_host_role_known"), "reception_days", HOSTS)


def downgrade() -> None:
    """Take them away; a cancelled meeting goes, for nothing would tell it from one that takes place."""
    op.drop_index("uq_case_views_user_id_first", table_name="case_views")
    op.drop_table("withdrawn_visits")
    op.drop_constraint(op.f("ck_reception_days_host_role_known"), "reception_days")
    op.execute("UPDATE reception_days SET host_role = '党员干部'")
    for table in MEETINGS:
        op.execute(f"DELETE FROM {table} WHERE cancelled IS NOT NULL")
        op.execute(f"REVOKE UPDATE (revision, cancelled) ON {table} FROM {ROLE}")
        op.drop_column(table, "cancelled")
        op.drop_column(table, "revision")
