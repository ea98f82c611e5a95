"""What working on cases needs: steps through one function, photos, the working calendar, and a duty list to edit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_territory()))"
OWN = "reporter_id = (SELECT wangge_user())"
READER = f"(visibility <> 'restricted' OR handler_id = (SELECT wangge_staff()) OR {OWN})"

# As in 0005, with what a case's page and its steps need; who reported a restricted case reads it as its handler does.
CASE_FACTS = """
CREATE VIEW case_facts WITH (security_barrier) AS
SELECT c.id, c.grid_id, c.outline_id, c.territory, c.category, c.status, c.source, c.urgency, c.visibility, c.lead_body,
       c.reported_at, c.accepted_at, c.filed_at, c.dispatched_at, c.handled_at, c.verified_at, c.closed_at, c.due_at,
       c.suspended_from, c.rework_count, c.return_count, c.extension_count, c.closing_level, c.closure_reason, c.project_id,
       {columns}s.clear, CASE WHEN (SELECT wangge_may('case.view')) THEN c.case_no END AS case_no,
       CASE WHEN s.clear THEN c.title END AS title,
       CASE WHEN s.clear THEN c.address END AS address,
       CASE WHEN s.clear THEN c.point ELSE o.centre END AS point,
       CASE WHEN s.clear THEN c.point_tile ELSE st_transform(o.centre, 3857) END AS point_tile
  FROM cases c
  LEFT JOIN grid_outlines o ON o.id = c.outline_id
 CROSS JOIN LATERAL (SELECT (SELECT wangge_may('case.view'))
        AND (c.visibility <> 'restricted' OR c.handler_id = (SELECT wangge_staff()){reporter}) AS clear) s
 WHERE elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
    OR c.id IN (SELECT m.case_id FROM plan_cases m
                 WHERE elem_contained_by_multirange(m.from_territory, (SELECT wangge_territory())))
"""
MORE = (
    "c.revision, c.handler_id, c.reporter_id, c.duplicate_of, c.before_suspension, c.limit_amount, c.limit_unit, c.helpers, "
    "c.subcategory, "
    "CASE WHEN s.clear THEN c.description END AS description, "
)

# The state of a case and its log change together or not at all: the application may write neither by itself.
STEP = """
CREATE FUNCTION wangge_case_step(
  asked bigint, seen integer, step_name text, target text, moment timestamptz, why text, words text, given jsonb)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was cases; made cases; who text;
BEGIN
  SELECT * INTO was FROM cases WHERE id = asked FOR UPDATE;
  IF NOT FOUND OR elem_contained_by_multirange(was.territory, wangge_territory()) IS NOT TRUE
     OR (wangge_may('case.dispatch') OR wangge_may('case.suspend') OR (wangge_may('case.handle')
         AND (was.visibility <> 'restricted' OR was.handler_id = wangge_staff()))) IS NOT TRUE THEN
    RAISE insufficient_privilege USING MESSAGE = 'this case is not theirs';
  END IF;
  IF was.revision <> seen THEN RETURN NULL; END IF;
  made := jsonb_populate_record(was, given);
  UPDATE cases SET status = target, revision = revision + 1, lead_body = made.lead_body, helpers = made.helpers,
         handler_id = made.handler_id, accepted_at = made.accepted_at, filed_at = made.filed_at,
         dispatched_at = made.dispatched_at, handled_at = made.handled_at, verified_at = made.verified_at,
         closed_at = made.closed_at, due_at = made.due_at, suspended_from = made.suspended_from,
         before_suspension = made.before_suspension, limit_amount = made.limit_amount, limit_unit = made.limit_unit, rework_count = made.rework_count,
         return_count = made.return_count, extension_count = made.extension_count,
         closing_level = made.closing_level, closure_reason = made.closure_reason, duplicate_of = made.duplicate_of
   WHERE id = asked;
  SELECT name INTO who FROM users WHERE id = wangge_user();
  INSERT INTO case_events (case_id, at, from_status, to_status, step, actor, actor_id, reason, note)
  VALUES (asked, moment, was.status, target, step_name, coalesce(who, '—'), wangge_user(), why, words);
  RETURN was.revision + 1;
END $$
"""
SIGNATURE = "wangge_case_step(bigint, integer, text, text, timestamptz, text, text, jsonb)"
COLUMNS: tuple[tuple[str, sa.Column], ...] = (
    ("cases", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)),
    ("cases", sa.Column("helpers", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)),
    ("cases", sa.Column("before_suspension", sa.Text(), nullable=True)),
    ("cases", sa.Column("limit_amount", sa.Integer(), nullable=True)),
    ("cases", sa.Column("limit_unit", sa.Text(), nullable=True)),
    ("cases", sa.Column("reporter_id", sa.BigInteger(), nullable=True)),
    ("cases", sa.Column("report_key", sa.Text(), nullable=True)),
    ("case_events", sa.Column("step", sa.Text(), nullable=True)),
    ("case_events", sa.Column("actor_id", sa.BigInteger(), nullable=True)),
    ("duty_items", sa.Column("urgency", sa.Text(), nullable=True)),
)


def upgrade() -> None:
    """Add the columns, the photos, the calendar, the function and who may use them."""
    op.execute("DROP VIEW case_facts")
    for table, column in COLUMNS:
        op.add_column(table, column)
    op.create_foreign_key(op.f("fk_cases_reporter_id"), "cases", "users", ["reporter_id"], ["id"])
    op.create_foreign_key(op.f("fk_case_events_actor_id"), "case_events", "users", ["actor_id"], ["id"])
    op.create_index(op.f("ix_cases_reporter_id"), "cases", ["reporter_id"], unique=False)
    op.create_index(op.f("ix_case_events_actor_id"), "case_events", ["actor_id"], unique=False)
    op.create_unique_constraint(op.f("uq_cases_report_key"), "cases", ["report_key"])
    op.create_check_constraint(op.f("ck_duty_items_urgency_known"), "duty_items", "urgency IN ('normal', 'urgent')")
    photos()
    calendar()
    op.execute("CREATE SEQUENCE case_numbers")
    op.execute(f"GRANT USAGE ON case_numbers TO {ROLE}")
    op.execute(CASE_FACTS.format(columns=MORE, reporter=f" OR c.{OWN}"))
    op.execute(f"GRANT SELECT ON case_facts TO {ROLE}")
    op.execute(STEP)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {ROLE}")
    doors()


def photos() -> None:
    """Make the table of photos; a photo is seen by who reads its case, and never changed."""
    op.create_table(
        "case_photos",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_case_photos_added_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_photos_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_photos")),
    )
    op.create_index(op.f("ix_case_photos_added_by"), "case_photos", ["added_by"], unique=False)
    op.create_index(op.f("ix_case_photos_case_id"), "case_photos", ["case_id"], unique=False)
    op.execute("ALTER TABLE case_photos ENABLE ROW LEVEL SECURITY")
    allow("case_photos", "SELECT", "EXISTS (SELECT FROM cases t WHERE t.id = case_id)")
    allow("case_photos", "INSERT",
          "added_by = (SELECT wangge_user()) AND EXISTS (SELECT FROM cases t WHERE t.id = case_id)")  # fmt: skip


def calendar() -> None:
    """Make the table of days that differ from the working week."""
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name=op.f("ck_calendar_days_kind_known")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.execute("ALTER TABLE calendar_days ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE duty_items ENABLE ROW LEVEL SECURITY")
    for table, permission, verbs in (
        ("calendar_days", "calendar.manage", ("INSERT", "DELETE")),
        ("duty_items", "duty.manage", ("INSERT", "UPDATE")),
    ):
        allow(table, "SELECT", "true")
        for verb in verbs:
            allow(table, verb, f"(SELECT wangge_may('{permission}'))")


def doors() -> None:
    """Let who reports a case store it as reported, in the own name and territory, with the first entry of its log."""
    op.execute("DROP POLICY cases_select ON cases")
    allow("cases", "SELECT", f"{HOLDS} AND (SELECT wangge_may('case.view')) AND {READER}")
    allow("cases", "INSERT", f"{HOLDS} AND (SELECT wangge_may('case.report')) AND {OWN} AND status = 'reported'")
    allow("case_events", "INSERT", "actor_id = (SELECT wangge_user()) AND from_status IS NULL AND to_status = 'reported' "
          f"AND EXISTS (SELECT FROM cases t WHERE t.id = case_id AND t.{OWN} AND t.status = 'reported')")  # fmt: skip


def allow(table: str, verb: str, condition: str) -> None:
    """Grant a verb on a table, for the rows that meet a condition."""
    clause = "WITH CHECK" if verb == "INSERT" else "USING"
    columns = " (valid)" if verb == "UPDATE" else ""
    op.execute(f"GRANT {verb}{columns} ON {table} TO {ROLE}")
    op.execute(f"CREATE POLICY {table}_{verb.lower()} ON {table} FOR {verb} TO {ROLE} {clause} ({condition})")


def downgrade() -> None:
    """Take photos, calendar and the new columns away; cases and their log stay."""
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DROP VIEW case_facts")
    op.execute("DROP SEQUENCE case_numbers")
    op.execute("DROP POLICY case_events_insert ON case_events")
    op.execute("DROP POLICY cases_insert ON cases")
    op.execute("DROP POLICY cases_select ON cases")
    op.execute(f"REVOKE INSERT ON cases, case_events FROM {ROLE}")
    restricted = "(visibility <> 'restricted' OR handler_id = (SELECT wangge_staff()))"
    condition = f"{HOLDS} AND (SELECT wangge_may('case.view')) AND {restricted}"
    op.execute(f"CREATE POLICY cases_select ON cases FOR SELECT TO {ROLE} USING ({condition})")
    for verb in ("select", "insert", "update"):
        op.execute(f"DROP POLICY duty_items_{verb} ON duty_items")
    op.execute("ALTER TABLE duty_items DISABLE ROW LEVEL SECURITY")
    op.execute(f"REVOKE INSERT, UPDATE (valid) ON duty_items FROM {ROLE}")
    op.drop_table("calendar_days")
    op.drop_table("case_photos")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
    op.execute(CASE_FACTS.format(columns="", reporter=""))
    op.execute(f"GRANT SELECT ON case_facts TO {ROLE}")
