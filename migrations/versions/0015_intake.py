"""Cases from other systems: tokens for programs, requests as Open311 shows them, external numbers, views, stage limits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_territory()))"
OWN = "reporter_id = (SELECT wangge_user())"
READER = f"(visibility <> 'restricted' OR handler_id = (SELECT wangge_staff()) OR {OWN})"
MINE = "user_id = (SELECT wangge_user())"
ROLES = (
    "grid_worker", "grid_leader", "village_manager", "dispatcher", "town_manager", "district_manager", "planner",
    "data_steward", "auditor", "sys_admin",
)  # fmt: skip

# Who shows a token, asked before a viewer is admitted: the hash alone finds it, and its last day of use is kept, no more.
TOKEN = """
CREATE FUNCTION wangge_token(given text, today date) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE found tokens;
BEGIN
  SELECT t.* INTO found FROM tokens t JOIN users u ON u.id = t.user_id AND u.active
   WHERE t.hash = given AND t.revoked_at IS NULL;
  IF found.id IS NOT NULL AND found.last_used_on IS DISTINCT FROM today THEN
    UPDATE tokens SET last_used_on = today WHERE id = found.id;
  END IF;
  RETURN found.user_id;
END $$
"""

# What a program may know of a case: restricted ones never, words and exact place only with the right to look at cases.
REQUESTS = f"""
CREATE VIEW case_requests WITH (security_barrier) AS
SELECT c.id, c.case_no, c.territory, c.category, c.status, c.closure_reason, c.lead_body, c.urgency, c.reported_at,
       c.closed_at, c.due_at, s.near,
       greatest(c.reported_at, (SELECT max(e.at) FROM case_events e WHERE e.case_id = c.id)) AS updated_at,
       CASE WHEN s.near THEN coalesce(c.description, c.title) END AS description,
       CASE WHEN s.near THEN c.address END AS address,
       CASE WHEN s.near THEN c.point ELSE st_snaptogrid(c.point, 0.001) END AS point
  FROM cases c CROSS JOIN LATERAL (SELECT (SELECT wangge_may('case.view')) OR c.{OWN} AS near) s
 WHERE c.visibility <> 'restricted' AND (SELECT wangge_may('case.view') OR wangge_may('case.status'))
   AND elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
"""

STEP = """
CREATE OR REPLACE FUNCTION wangge_case_step(
  asked bigint, seen integer, step_name text, target text, moment timestamptz, why text, words text, given jsonb)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was cases; made cases; who text;
BEGIN{both}
  SELECT * INTO was FROM cases WHERE id = asked FOR UPDATE;
  IF NOT FOUND OR elem_contained_by_multirange(was.territory, wangge_territory()) IS NOT TRUE
     OR (wangge_may('case.dispatch') OR wangge_may('case.suspend') OR {urge}(wangge_may('case.handle')
         AND (was.visibility <> 'restricted' OR was.handler_id = wangge_staff()))) IS NOT TRUE THEN
    RAISE insufficient_privilege USING MESSAGE = 'this case is not theirs';
  END IF;
  IF was.revision <> seen THEN RETURN NULL; END IF;
  made := jsonb_populate_record(was, given);{parent}
  UPDATE cases SET status = target, revision = revision + 1, lead_body = made.lead_body, helpers = made.helpers,
         handler_id = made.handler_id, accepted_at = made.accepted_at, filed_at = made.filed_at,
         dispatched_at = made.dispatched_at, handled_at = made.handled_at, verified_at = made.verified_at,
         closed_at = made.closed_at, due_at = made.due_at, suspended_from = made.suspended_from,
         before_suspension = made.before_suspension, limit_amount = made.limit_amount, limit_unit = made.limit_unit, rework_count = made.rework_count,
         return_count = made.return_count, extension_count = made.extension_count,{satisfied}
         closing_level = made.closing_level, closure_reason = made.closure_reason, duplicate_of = made.duplicate_of
   WHERE id = asked;
  SELECT name INTO who FROM users WHERE id = wangge_user();
  INSERT INTO case_events (case_id, at, from_status, to_status, step, actor, actor_id, reason, note)
  VALUES (asked, moment, was.status, target, step_name, coalesce(who, '—'), wangge_user(), why, words);
  RETURN was.revision + 1;
END $$
"""
# Two cases that shall repeat each other are locked in one order, and only a case that is open and repeats none is repeated.
BOTH = """
  PERFORM FROM cases WHERE id IN (asked, (given ->> 'duplicate_of')::bigint) ORDER BY id FOR UPDATE;"""
PARENT = """
  IF made.duplicate_of IS DISTINCT FROM was.duplicate_of AND made.duplicate_of IS NOT NULL AND NOT EXISTS (
       SELECT FROM cases p WHERE p.id = made.duplicate_of AND p.closed_at IS NULL AND p.duplicate_of IS NULL) THEN
    RETURN NULL;
  END IF;"""
# Who may urge and nothing else leaves a word in the log, and changes neither state nor anything else of the case.
URGE = "(step_name = 'urge' AND target = was.status AND given = '{}' AND wangge_may('case.urge')) OR "


def upgrade() -> None:
    """Make the tables, the view and the doors."""
    tokens()
    views()
    stages()
    op.add_column("cases", sa.Column("external_source", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("external_ref", sa.Text(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_cases_external_source_external_ref"), "cases", ["external_source", "external_ref"]
    )
    role_known((*ROLES, "intake"))
    op.execute(STEP.format(urge=URGE, satisfied=" satisfied = made.satisfied,", both=BOTH, parent=PARENT))
    op.execute(REQUESTS)
    op.execute(f"GRANT SELECT ON case_requests TO {ROLE}")
    brought = f"{OWN} AND (SELECT wangge_may('case.import')) AND external_ref IS NOT NULL"
    op.execute("DROP POLICY cases_select ON cases")
    allow("cases", "SELECT", f"{HOLDS} AND ((SELECT wangge_may('case.view')) AND {READER} "
          f"OR (SELECT wangge_may('case.report')) AND {OWN})")  # fmt: skip
    op.execute(f"CREATE POLICY cases_import ON cases FOR INSERT TO {ROLE} WITH CHECK ({HOLDS} AND {brought})")
    op.execute(f"CREATE POLICY case_events_import ON case_events FOR INSERT TO {ROLE} WITH CHECK ("
               "actor_id = (SELECT wangge_user()) AND step = 'import' AND EXISTS (SELECT FROM cases t "
               f"WHERE t.id = case_id AND to_status IN (t.status, 'reported') AND t.{brought} AND t.revision = 1))")  # fmt: skip


def tokens() -> None:
    """Make the table of tokens: a hash, whose it is, and the last day of its use."""
    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"], unique=False)
    op.execute("ALTER TABLE tokens ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT (id, user_id, label, created_at, last_used_on, revoked_at) ON tokens TO {ROLE}")
    op.execute(
        f"CREATE POLICY tokens_select ON tokens FOR SELECT TO {ROLE} USING ({MINE} OR (SELECT wangge_may('user.manage')))"
    )
    op.execute(TOKEN)
    op.execute("REVOKE ALL ON FUNCTION wangge_token(text, date) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION wangge_token(text, date) TO {ROLE}")


def views() -> None:
    """Make the table of kept views of the list; everyone sees and changes the own ones."""
    op.create_table(
        "case_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        sa.Column("first", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_views_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_views")),
        sa.UniqueConstraint("user_id", "label", name=op.f("uq_case_views_user_id_label")),
    )
    op.execute("ALTER TABLE case_views ENABLE ROW LEVEL SECURITY")
    for verb in ("SELECT", "INSERT", "DELETE"):
        allow("case_views", verb, MINE)
    allow("case_views", "UPDATE", MINE, columns=" (label, filters, first)")


def stages() -> None:
    """Make the table of the limits of the first stages, with the usual ones in it."""
    op.create_table(
        "stage_limits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint("stage IN ('accept', 'dispatch')", name=op.f("ck_stage_limits_stage_known")),
        sa.CheckConstraint("urgency IN ('normal', 'urgent')", name=op.f("ck_stage_limits_urgency_known")),
        sa.CheckConstraint(
            "unit IN ('natural_hour', 'working_hour', 'working_day')", name=op.f("ck_stage_limits_unit_known")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_stage_limits_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_limits")),
    )
    op.execute("INSERT INTO stage_limits (stage, amount, unit, valid) VALUES ('accept', 2, 'working_hour', '[2020-01-01,)'), "
               "('dispatch', 1, 'working_hour', '[2020-01-01,)')")  # fmt: skip
    op.execute("ALTER TABLE stage_limits ENABLE ROW LEVEL SECURITY")
    allow("stage_limits", "SELECT", "true")
    allow("stage_limits", "INSERT", "(SELECT wangge_may('duty.manage'))")
    allow("stage_limits", "UPDATE", "(SELECT wangge_may('duty.manage'))", columns=" (valid)")


def role_known(roles: tuple[str, ...]) -> None:
    """Let an account have one of these roles."""
    op.drop_constraint(op.f("ck_users_role_known"), "users")
    listed = ", ".join(f"'{role}'" for role in roles)
    op.create_check_constraint(op.f("ck_users_role_known"), "users", f"role IN ({listed})")


def allow(table: str, verb: str, condition: str, columns: str = "") -> None:
    """Grant a verb on a table, for the rows that meet a condition."""
    clause = "WITH CHECK" if verb == "INSERT" else "USING"
    op.execute(f"GRANT {verb}{columns} ON {table} TO {ROLE}")
    op.execute(f"CREATE POLICY {table}_{verb.lower()} ON {table} FOR {verb} TO {ROLE} {clause} ({condition})")


def downgrade() -> None:
    """Take them away; cases stay, without the numbers that other systems gave them, and programs' accounts close."""
    op.execute("DROP POLICY cases_import ON cases")
    op.execute("DROP POLICY case_events_import ON case_events")
    op.execute("DROP POLICY cases_select ON cases")
    op.execute(f"CREATE POLICY cases_select ON cases FOR SELECT TO {ROLE} "
               f"USING ({HOLDS} AND (SELECT wangge_may('case.view')) AND {READER})")  # fmt: skip
    op.execute("DROP VIEW case_requests")
    op.execute(STEP.format(urge="", satisfied="", both="", parent=""))
    op.execute("UPDATE users SET role = 'grid_worker', active = false WHERE role = 'intake'")
    role_known(ROLES)
    op.drop_constraint(op.f("uq_cases_external_source_external_ref"), "cases")
    op.drop_column("cases", "external_ref")
    op.drop_column("cases", "external_source")
    op.drop_table("stage_limits")
    op.drop_table("case_views")
    op.execute("DROP FUNCTION wangge_token(text, date)")
    op.drop_table("tokens")
