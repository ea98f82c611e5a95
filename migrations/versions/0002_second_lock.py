"""The second lock: row security under a role that owns nothing, append-only logs, and revision counters."""

from alembic import op

revision = "0002"
down_revision = "0001"

ROLE = "wangge_app"

BY_TERRITORY = {
    "grids": "",
    "grid_outlines": "",
    "gaps": "",
    "buildings": "building.view",
    "households": "household.view",
    "honours": "building.view",
    "projects": "",
    "council_meetings": "",
    "visits": "",
    "care_tallies": "care.count",
}
"""Tables whose rows are seen inside the territory → the permission that is asked for as well."""

BY_REACH = (
    "areas",
    "organisations",
    "staff",
    "teams",
    "assignments",
    "reception_days",
    "volunteer_teams",
    "volunteer_activities",
    "service_points",
)
"""Tables whose rows are seen inside the territory and on the areas above it (the Party chain, the adviser of the village)."""

THROUGH = {"case_events": ("cases", "case_id"), "organisation_grids": ("organisations", "organisation_id")}
"""Tables without a territory → the table, and the column that leads to it, whose policy decides."""

OPEN = ("barriers", "duty_items", "revisions")
"""Tables without territory data that the application reads whole."""

COUNTED = (
    *BY_TERRITORY,
    *BY_REACH,
    "barriers",
    "cases",
    "organisation_grids",
    "duty_items",
    "users",
    "user_territories",
)
APPEND_ONLY = ("case_events", "audit_log")

# The function and not its operator <@: the planner takes that for one row in two hundred, and then nests its loops.
HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_{}()))"

# Every request reads how often each table was written; now and then a writer folds what nobody else is folding.
FUNCTIONS = """
CREATE FUNCTION wangge_territory() RETURNS int8multirange LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('wangge.territory', true), '')::int8multirange;
CREATE FUNCTION wangge_reach() RETURNS int8multirange LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('wangge.reach', true), '')::int8multirange;
CREATE FUNCTION wangge_may(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN permission = ANY (string_to_array(current_setting('wangge.sees', true), ','));
CREATE FUNCTION wangge_staff() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('wangge.staff', true), '')::bigint;
CREATE FUNCTION wangge_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('wangge.user', true), '')::bigint;
CREATE FUNCTION wangge_count_revision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ DECLARE fresh bigint; folded bigint;
  BEGIN
    INSERT INTO revisions (source) VALUES (TG_TABLE_NAME) RETURNING id INTO fresh;
    IF fresh % 32 = 0 THEN
      WITH gone AS (DELETE FROM revisions WHERE id IN
        (SELECT id FROM revisions WHERE source = TG_TABLE_NAME FOR UPDATE SKIP LOCKED) RETURNING weight)
      SELECT sum(weight) INTO folded FROM gone;
      INSERT INTO revisions (source, weight) VALUES (TG_TABLE_NAME, folded);
    END IF;
    RETURN NULL;
  END $$;
CREATE FUNCTION wangge_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
"""

# What is asked before a viewer is admitted, when no row of an account is seen: with the owner's rights, one account at a
# time. The log can only tell of a failed log-in through its function, which looks the account up by itself.
DOORS = {
    "wangge_credentials(given text)": """
      RETURNS TABLE (id bigint, password_hash text, active boolean, failures integer) STABLE AS
      $$ SELECT u.id, u.password_hash, u.active, (SELECT count(*)::integer FROM audit_log a
           WHERE a.action = 'log_in_failed' AND a.user_id = u.id AND a.at > clock_timestamp() - interval '15 minutes')
         FROM users u WHERE u.name = given $$""",
    "wangge_viewer(given bigint, day date)": """
      RETURNS TABLE (id bigint, name text, role text, staff_id bigint, language text, stamp text, codes text[]) STABLE AS
      $$ SELECT u.id, u.name, u.role, u.staff_id, u.language,
           left(encode(sha256(convert_to(u.session_epoch || ' ' || u.password_hash, 'UTF8')), 'hex'), 32),
           ARRAY(SELECT t.code FROM user_territories t WHERE t.user_id = u.id AND t.valid @> day ORDER BY t.code)
         FROM users u WHERE u.id = given AND u.active $$""",
    "wangge_log_in_failed(given text)": """
      RETURNS void VOLATILE AS
      $$ INSERT INTO audit_log (user_id, user_name, action)
         SELECT u.id, coalesce(u.name, '—'), 'log_in_failed'
         FROM (VALUES (given)) tried (name) LEFT JOIN users u ON u.name = tried.name $$""",
}
"""Function of the owner's with its arguments → what it answers and how."""

# A restricted case is counted for everyone in the territory; its words and its exact place are only for its handler.
CASE_FACTS = """
CREATE VIEW case_facts WITH (security_barrier) AS
SELECT c.id, c.grid_id, c.outline_id, c.territory, c.category, c.status, c.source, c.urgency, c.visibility, c.lead_body,
       c.reported_at, c.accepted_at, c.filed_at, c.dispatched_at, c.handled_at, c.verified_at, c.closed_at, c.due_at,
       c.suspended_from, c.rework_count, c.return_count, c.extension_count, c.closing_level, c.closure_reason, c.project_id,
       s.clear, CASE WHEN (SELECT wangge_may('case.view')) THEN c.case_no END AS case_no,
       CASE WHEN s.clear THEN c.title END AS title,
       CASE WHEN s.clear THEN c.address END AS address,
       CASE WHEN s.clear THEN c.point ELSE o.centre END AS point,
       CASE WHEN s.clear THEN c.point_tile ELSE st_transform(o.centre, 3857) END AS point_tile
  FROM cases c
  LEFT JOIN grid_outlines o ON o.id = c.outline_id
 CROSS JOIN LATERAL (SELECT (SELECT wangge_may('case.view'))
        AND (c.visibility <> 'restricted' OR c.handler_id = (SELECT wangge_staff())) AS clear) s
 WHERE elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
"""


# Province code 99 is not assigned: a district under it is made up, which the log-in page has to say before anyone is known.
SYNTHETIC = """
CREATE VIEW synthetic AS SELECT EXISTS (SELECT FROM areas WHERE code LIKE '99%')
   AND NOT EXISTS (SELECT FROM areas WHERE code NOT LIKE '99%') AS is_so
"""


# Whoever makes a role is a member of it since PostgreSQL 16, though not one that may take it.
MEMBERSHIP = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; END IF;
  IF NOT pg_has_role(current_user, '{ROLE}',
      CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
    EXECUTE format('GRANT {ROLE} TO %I', current_user);
  END IF;
END $$
"""


def policy(table: str, condition: str, *, verb: str = "SELECT", check: str = "USING") -> None:
    """Add one policy of the application's role."""
    op.execute(f"CREATE POLICY {table}_{verb.lower()} ON {table} FOR {verb} TO {ROLE} {check} ({condition})")


def lock(table: str) -> None:
    """Switch row security on: from here a row without a policy is not seen."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT ON {table} TO {ROLE}")


def upgrade() -> None:
    """Create the role unless the cluster has it, then functions, policies, triggers and grants."""
    op.execute(MEMBERSHIP)
    op.execute(FUNCTIONS)
    for table, permission in BY_TERRITORY.items():
        lock(table)
        asked = f" AND (SELECT wangge_may('{permission}'))" if permission else ""
        policy(table, f"{HOLDS.format('territory')}{asked}")
    for table in BY_REACH:
        lock(table)
        policy(table, HOLDS.format("reach"))
    lock("cases")
    policy(
        "cases",
        f"{HOLDS.format('territory')} AND (SELECT wangge_may('case.view')) "
        "AND (visibility <> 'restricted' OR handler_id = (SELECT wangge_staff()))",
    )
    for table, (through, column) in THROUGH.items():
        lock(table)
        policy(table, f"EXISTS (SELECT FROM {through} t WHERE t.id = {column})")
    op.execute(CASE_FACTS)
    op.execute(SYNTHETIC)
    op.execute(f"GRANT SELECT ON case_facts, synthetic, {', '.join(OPEN)} TO {ROLE}")
    accounts()
    logs()
    for table in COUNTED:
        op.execute(
            f"CREATE TRIGGER {table}_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION wangge_count_revision()"
        )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION wangge_refuse_change()"
        )


def accounts() -> None:
    """Let the application see and change its user's own account, list all for who manages them, and read no hash."""
    for signature, answer in DOORS.items():
        op.execute(
            f"CREATE FUNCTION {signature} {answer} LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp"
        )
        name = signature.split("(")[0]
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {ROLE}")
    for table, owner in (("users", "id"), ("user_territories", "user_id")):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        policy(table, f"{owner} = (SELECT wangge_user()) OR (SELECT wangge_may('user.manage'))")
    policy("users", "id = (SELECT wangge_user())", verb="UPDATE")
    op.execute(f"GRANT SELECT ON user_territories TO {ROLE}")
    seen = "id, name, display_name, role, session_epoch, language, active, staff_id, created_at"
    op.execute(f"GRANT SELECT ({seen}), UPDATE (password_hash, session_epoch, language) ON users TO {ROLE}")


def logs() -> None:
    """Let the application append to the logs in its user's name, and read its user's own exports."""
    for table in ("audit_log", "export_log", "import_batches"):
        lock(table)
    policy("audit_log", "(SELECT wangge_may('audit.view'))")
    policy("audit_log", "user_id = (SELECT wangge_user())", verb="INSERT", check="WITH CHECK")
    policy("export_log", "user_id = (SELECT wangge_user()) OR (SELECT wangge_may('audit.view'))")
    policy("export_log", "user_id = (SELECT wangge_user())", verb="INSERT", check="WITH CHECK")
    op.execute(
        f"CREATE POLICY export_log_update ON export_log FOR UPDATE TO {ROLE} "
        "USING (user_id = (SELECT wangge_user()) AND ended_at IS NULL) WITH CHECK (user_id = (SELECT wangge_user()))"
    )
    policy("import_batches", "(SELECT wangge_may('audit.view'))")
    op.execute(f"GRANT INSERT ON audit_log, export_log TO {ROLE}")
    op.execute(f"GRANT UPDATE (rows, bytes, ended_at) ON export_log TO {ROLE}")


def downgrade() -> None:
    """Take the lock away; no row is lost."""
    op.execute("DROP VIEW case_facts, synthetic")
    tables = (*BY_TERRITORY, *BY_REACH, "cases", *THROUGH, "users", "user_territories")
    tables = (*tables, "audit_log", "export_log", "import_batches")
    for table in tables:
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(
        "DO $$ DECLARE p record; BEGIN FOR p IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' "
        "LOOP EXECUTE format('DROP POLICY %I ON %I', p.policyname, p.tablename); END LOOP; END $$"
    )
    op.execute(f"REVOKE ALL ON {', '.join((*tables, *OPEN))} FROM {ROLE}")
    op.execute(
        "DROP FUNCTION wangge_territory(), wangge_reach(), wangge_may(text), wangge_staff(), wangge_user(), "
        "wangge_count_revision(), wangge_refuse_change(), wangge_credentials(text), wangge_viewer(bigint, date), "
        "wangge_log_in_failed(text) CASCADE"
    )
