"""What working with volunteers needs: calls of a team to a case, teams and service points that can be edited."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_territory()))"
MANAGES = f"{HOLDS} AND (SELECT wangge_may('resource.manage'))"
TEAM_COLUMNS = (
    "area_code, grid_id, territory, name, skills, active_count, registered_count, availability, radius_m, "
    "contact_phone, point, revision"
)
POINT_COLUMNS = (
    "area_code, grid_id, territory, kind, name, capacity, opening_hours, hours_workdays, hours_days_off, items, "
    "contact_phone, point, revision"
)
COLUMNS: tuple[tuple[str, sa.Column], ...] = (
    ("volunteer_teams", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)),
    ("volunteer_teams", sa.Column("open_calls", sa.Integer(), server_default="0", nullable=False)),
    ("volunteer_activities", sa.Column("site", sa.Text(), nullable=True)),
    ("service_points", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)),
    ("service_points", sa.Column("hours_workdays", sa.Text(), nullable=True)),
    ("service_points", sa.Column("hours_days_off", sa.Text(), nullable=True)),
)

# A team may be called from a neighbouring village: whoever sees the team sees that it is busy, and not with what.
BUSY = """
CREATE FUNCTION wangge_count_calls() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE called bigint := coalesce(NEW.team_id, OLD.team_id);
BEGIN
  UPDATE volunteer_teams SET open_calls = (SELECT count(*) FROM case_calls WHERE team_id = called AND closed_at IS NULL)
   WHERE id = called;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Add columns, the table of calls, and who may write what."""
    for table, column in COLUMNS:
        op.add_column(table, column)
    op.create_check_constraint(op.f("ck_volunteer_teams_open_calls_counted"), "volunteer_teams", "open_calls >= 0")
    calls()
    for table, columns in (("volunteer_teams", TEAM_COLUMNS), ("service_points", POINT_COLUMNS)):
        op.execute(f"GRANT INSERT, UPDATE ({columns}) ON {table} TO {ROLE}")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT TO {ROLE} WITH CHECK ({MANAGES})")
        op.execute(
            f"CREATE POLICY {table}_update ON {table} FOR UPDATE TO {ROLE} USING ({MANAGES}) WITH CHECK ({MANAGES})"
        )
    op.execute(f"GRANT INSERT ON volunteer_activities TO {ROLE}")
    op.execute(
        f"CREATE POLICY volunteer_activities_insert ON volunteer_activities FOR INSERT TO {ROLE} WITH CHECK ({MANAGES})"
    )


def calls() -> None:
    """Make the table of calls: made by who reads and handles the case, seen in its territory."""
    op.create_table(
        "case_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by", sa.BigInteger(), nullable=True),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), server_default="asked", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('asked', 'came', 'declined', 'withdrawn')", name=op.f("ck_case_calls_answer_known")
        ),
        sa.CheckConstraint("closed_at >= called_at", name=op.f("ck_case_calls_closed_after_call")),
        sa.CheckConstraint("(closed_at IS NULL) = (answer = 'asked')", name=op.f("ck_case_calls_closed_by_answer")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_calls_case_id")),
        sa.ForeignKeyConstraint(["team_id"], ["volunteer_teams.id"], name=op.f("fk_case_calls_team_id")),
        sa.ForeignKeyConstraint(["called_by"], ["users.id"], name=op.f("fk_case_calls_called_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_calls")),
    )
    for column in ("called_by", "case_id", "team_id", "territory"):
        op.create_index(op.f(f"ix_case_calls_{column}"), "case_calls", [column], unique=False)
    op.create_index(
        "uq_case_calls_open",
        "case_calls",
        ["case_id", "team_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    handles = f"{HOLDS} AND (SELECT wangge_may('case.handle')) AND EXISTS (SELECT FROM cases t WHERE t.id = case_id)"
    op.execute("ALTER TABLE case_calls ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (answer, closed_at) ON case_calls TO {ROLE}")
    op.execute(
        f"CREATE POLICY case_calls_select ON case_calls FOR SELECT TO {ROLE} USING ({HOLDS} AND (SELECT wangge_may('case.view')))"
    )
    op.execute(f"CREATE POLICY case_calls_insert ON case_calls FOR INSERT TO {ROLE} "
               f"WITH CHECK ({handles} AND called_by = (SELECT wangge_user()))")  # fmt: skip
    op.execute(
        f"CREATE POLICY case_calls_update ON case_calls FOR UPDATE TO {ROLE} USING ({handles}) WITH CHECK ({handles})"
    )
    op.execute(BUSY)
    op.execute("CREATE TRIGGER case_calls_busy AFTER INSERT OR UPDATE OR DELETE ON case_calls "
               "FOR EACH ROW EXECUTE FUNCTION wangge_count_calls()")  # fmt: skip
    op.execute("CREATE TRIGGER case_calls_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON case_calls "
               "FOR EACH STATEMENT EXECUTE FUNCTION wangge_count_revision()")  # fmt: skip


def downgrade() -> None:
    """Take calls and the new columns away; teams, activities and service points stay."""
    op.drop_table("case_calls")
    op.execute("DROP FUNCTION wangge_count_calls()")
    op.execute("DROP POLICY volunteer_activities_insert ON volunteer_activities")
    op.execute(f"REVOKE INSERT ON volunteer_activities FROM {ROLE}")
    for table, columns in (("volunteer_teams", TEAM_COLUMNS), ("service_points", POINT_COLUMNS)):
        for verb in ("insert", "update"):
            op.execute(f"DROP POLICY {table}_{verb} ON {table}")
        op.execute(f"REVOKE INSERT, UPDATE ({columns}) ON {table} FROM {ROLE}")
    op.drop_constraint(op.f("ck_volunteer_teams_open_calls_counted"), "volunteer_teams")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
