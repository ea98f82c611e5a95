"""What publishing a plan writes: outlines and grids by row policies, all that stands on them through one function."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

ROLE = "wangge_app"
HELD = "elem_contained_by_multirange({}, (SELECT wangge_territory()))"
MAY = "(SELECT wangge_may('plan.publish'))"
OWN = f"{HELD.format('territory')} AND {MAY}"
WRITTEN = {
    "grids": ("INSERT", "UPDATE (name, kind, status)"),
    "grid_outlines": ("INSERT", "UPDATE (valid, closed_figures)"),
    "gaps": ("INSERT", "DELETE"),
}
"""Table → what a publisher may do to its rows inside the territory."""
MOVES = ("plan_cases", "plan_households")

# As in 0002; a case is also counted where it belonged before a publication, for the figures of an earlier day.
CASE_FACTS = """
CREATE OR REPLACE VIEW case_facts WITH (security_barrier) AS
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
 WHERE elem_contained_by_multirange(c.territory, (SELECT wangge_territory())){}
"""
OR_BEFORE = """
    OR c.id IN (SELECT m.case_id FROM plan_cases m
                 WHERE elem_contained_by_multirange(m.from_territory, (SELECT wangge_territory())))"""

# The cells of a plan, each with the grid that it is published as; inlined into the statements that join it.
PLACED = """
CREATE FUNCTION wangge_placed(asked bigint)
RETURNS TABLE (cell_id bigint, building_id bigint, units text[], outline geometry, grid_id bigint, territory bigint)
LANGUAGE sql STABLE AS $$
  SELECT c.id, c.building_id, c.units, c.outline, g.id, g.territory
    FROM plan_cells a JOIN cells c ON c.id = a.cell_id
    JOIN plan_grids p ON p.id = a.plan_grid_id JOIN grids g ON g.id = p.published_id
   WHERE a.plan_id = asked $$
"""
# One look into the index of the cells for each point; on a line, the grid that the row has already is kept.
AT = """
CREATE FUNCTION wangge_placed_at(asked bigint, spot geometry, own bigint)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT p.published_id FROM cells c JOIN plan_cells a ON a.cell_id = c.id AND a.plan_id = asked
    JOIN plan_grids p ON p.id = a.plan_grid_id
   WHERE st_covers(c.outline, spot) ORDER BY p.published_id = own DESC NULLS LAST, c.id LIMIT 1 $$
"""
LOWS = """
CREATE FUNCTION wangge_villages(asked bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  SELECT DISTINCT (village_code || '000')::bigint FROM plan_grids WHERE plan_id = asked $$
"""

# A publisher does not see restricted cases, homes or the accounts of others, and still has to move them. Whatever stands
# for a place today follows the ground; what has dates ends on the day and begins anew, so that no earlier day changes.
RELINK = """
CREATE FUNCTION wangge_relink(asked bigint, today date, retired bigint[], heirs bigint[], opened bigint[], sources bigint[])
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  lows bigint[]; n bigint; m bigint; told jsonb := '{}'; each_table text;
BEGIN
  SELECT array_agg(v) INTO lows FROM wangge_villages(asked) v;
  IF wangge_may('plan.publish') IS NOT TRUE OR lows IS NULL
     OR EXISTS (SELECT FROM unnest(lows) v WHERE (int8range(v, v + 999, '[]') <@ wangge_territory()) IS NOT TRUE)
     OR NOT EXISTS (SELECT FROM plans WHERE id = asked AND status = 'approved' AND effective_from <= today)
     OR EXISTS (SELECT FROM grids WHERE (id = ANY (retired || heirs || opened || sources)
                   OR id IN (SELECT published_id FROM plan_grids WHERE plan_id = asked))
                   AND NOT territory - territory % 1000 = ANY (lows)) THEN
    RAISE insufficient_privilege USING MESSAGE = 'this viewer may not publish this plan';
  END IF;

  UPDATE buildings b SET grid_id = p.grid_id, territory = p.territory FROM wangge_placed(asked) p
   WHERE b.id = p.building_id AND p.units IS NULL
     AND (b.grid_id, b.territory) IS DISTINCT FROM (p.grid_id, p.territory);
  GET DIAGNOSTICS n = ROW_COUNT;
  WITH parted AS (
    SELECT DISTINCT ON (t.id) t.id, c.grid_id, c.territory
      FROM wangge_placed(asked) c JOIN buildings t ON t.id = c.building_id WHERE c.units IS NOT NULL
     ORDER BY t.id, NOT st_covers(c.outline, st_pointonsurface(t.outline)), c.cell_id)
  UPDATE buildings b SET grid_id = p.grid_id, territory = p.territory FROM parted p
   WHERE b.id = p.id AND (b.grid_id, b.territory) IS DISTINCT FROM (p.grid_id, p.territory);
  GET DIAGNOSTICS m = ROW_COUNT;
  told := told || jsonb_build_object('buildings', n + m);
  WITH alone AS MATERIALIZED (
    SELECT t.id, t.grid_id, t.outline FROM unnest(lows) low JOIN buildings t ON t.territory BETWEEN low AND low + 999
     WHERE t.id NOT IN (SELECT c.building_id FROM wangge_placed(asked) c WHERE c.building_id IS NOT NULL))
  UPDATE buildings b SET grid_id = g.id, territory = g.territory
    FROM alone t JOIN grids g ON g.id = wangge_placed_at(asked, st_pointonsurface(t.outline), t.grid_id)
   WHERE b.id = t.id AND (b.grid_id, b.territory) IS DISTINCT FROM (g.id, g.territory);
  UPDATE honours o SET territory = b.territory
    FROM unnest(lows) low JOIN buildings b ON b.territory BETWEEN low AND low + 999
   WHERE b.id = o.building_id AND o.territory <> b.territory;

  INSERT INTO plan_households
    (plan_id, household_id, day, from_grid_id, from_territory, grid_id, territory, last_met_on)
  SELECT asked, h.id, today, h.grid_id, h.territory, coalesce(u.grid_id, b.grid_id), coalesce(u.territory, b.territory),
         (SELECT max(v.visited_on) FROM visits v
           WHERE v.household_id = h.id AND v.result <> 'not_in' AND v.visited_on <= today)
    FROM unnest(lows) low JOIN buildings b ON b.territory BETWEEN low AND low + 999
    JOIN households h ON h.building_id = b.id
    LEFT JOIN (SELECT * FROM wangge_placed(asked) p WHERE p.units IS NOT NULL) u
      ON u.building_id = b.id AND h.unit = ANY (u.units)
   WHERE b.grid_id IS NOT NULL
     AND (h.grid_id, h.territory) IS DISTINCT FROM (coalesce(u.grid_id, b.grid_id), coalesce(u.territory, b.territory));
  UPDATE households h SET grid_id = p.grid_id, territory = p.territory
    FROM plan_households p WHERE p.plan_id = asked AND p.household_id = h.id;
  GET DIAGNOSTICS n = ROW_COUNT;
  told := told || jsonb_build_object('households', n);

  INSERT INTO plan_cases (plan_id, case_id, until, from_grid_id, from_territory, grid_id, territory)
  SELECT asked, x.id, today::timestamp AT TIME ZONE 'Asia/Shanghai', x.grid_id, x.territory, g.id, g.territory
    FROM (SELECT c.id, c.grid_id, c.territory, coalesce(wangge_placed_at(asked, c.point, c.grid_id), r.heir) AS now_grid
            FROM unnest(lows) low JOIN cases c ON c.closed_at IS NULL AND c.territory BETWEEN low AND low + 999
            LEFT JOIN unnest(retired, heirs) r (old, heir) ON r.old = c.grid_id) x
    JOIN grids g ON g.id = x.now_grid
   WHERE x.grid_id IS DISTINCT FROM x.now_grid;
  UPDATE cases c SET grid_id = p.grid_id, territory = p.territory
    FROM plan_cases p WHERE p.plan_id = asked AND p.case_id = c.id;
  GET DIAGNOSTICS n = ROW_COUNT;
  told := told || jsonb_build_object('cases', n);

  WITH placed AS (
    SELECT o.id, coalesce(CASE WHEN o.kind <> 'grid_branch' THEN wangge_placed_at(asked, o.point, o.grid_id) END, r.heir)
           AS now_grid
      FROM unnest(lows) low JOIN organisations o ON o.territory BETWEEN low AND low + 999 AND o.grid_id IS NOT NULL
      LEFT JOIN unnest(retired, heirs) r (old, heir) ON r.old = o.grid_id
     WHERE upper_inf(o.valid) OR upper(o.valid) > today),
  moved AS MATERIALIZED (
    SELECT o.*, g.id AS now_grid, g.territory AS now_key,
           CASE WHEN lower_inf(o.valid) OR lower(o.valid) < today
                THEN nextval(pg_get_serial_sequence('organisations', 'id')) END AS fresh
      FROM placed t JOIN organisations o ON o.id = t.id JOIN grids g ON g.id = t.now_grid
     WHERE o.grid_id <> t.now_grid),
  ended AS (
    UPDATE organisations o SET valid = daterange(lower(o.valid), today)
      FROM moved m WHERE o.id = m.id AND m.fresh IS NOT NULL),
  shifted AS (
    UPDATE organisations o SET grid_id = m.now_grid, territory = m.now_key, parent_id = coalesce(a.fresh, m.parent_id)
      FROM moved m LEFT JOIN moved a ON a.id = m.parent_id WHERE o.id = m.id AND m.fresh IS NULL),
  begun AS (
    INSERT INTO organisations (id, parent_id, tier, kind, form, force, name, member_count, is_joint, contact_phone,
                               area_code, grid_id, point, territory, valid)
    SELECT m.fresh, coalesce(a.fresh, m.parent_id), m.tier, m.kind, m.form, m.force, m.name, m.member_count, m.is_joint,
           m.contact_phone, m.area_code, m.now_grid, m.point, m.now_key, daterange(today, upper(m.valid))
      FROM moved m LEFT JOIN moved a ON a.id = m.parent_id WHERE m.fresh IS NOT NULL),
  followed AS (
    UPDATE organisations o SET parent_id = m.fresh FROM moved m
     WHERE o.parent_id = m.id AND m.fresh IS NOT NULL AND (upper_inf(o.valid) OR upper(o.valid) > today)
       AND NOT EXISTS (SELECT FROM moved x WHERE x.id = o.id)),
  linked AS (
    INSERT INTO organisation_grids (organisation_id, grid_id)
    SELECT m.fresh, l.grid_id FROM moved m JOIN organisation_grids l ON l.organisation_id = m.id WHERE m.fresh IS NOT NULL)
  SELECT count(*) INTO n FROM moved;
  told := told || jsonb_build_object('organisations', n);
  INSERT INTO organisation_grids (organisation_id, grid_id)
  SELECT l.organisation_id, o.grid FROM unnest(opened, sources) o (grid, source)
    JOIN organisation_grids l ON l.grid_id = o.source
    JOIN organisations b ON b.id = l.organisation_id AND b.valid @> today
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS n = ROW_COUNT;
  told := told || jsonb_build_object('branch_links', n);

  FOREACH each_table IN ARRAY ARRAY['volunteer_teams', 'service_points'] LOOP
    EXECUTE format(
      'UPDATE %1$I t SET grid_id = g.id, territory = g.territory
         FROM (SELECT v.id, coalesce(wangge_placed_at($2, v.point, v.grid_id), r.heir) AS now_grid
                 FROM unnest($1) low JOIN %1$I v ON v.territory BETWEEN low AND low + 999 AND v.grid_id IS NOT NULL
                 LEFT JOIN unnest($3, $4) r (old, heir) ON r.old = v.grid_id) x
         JOIN grids g ON g.id = x.now_grid
        WHERE t.id = x.id AND t.grid_id <> g.id', each_table) USING lows, asked, retired, heirs;
    GET DIAGNOSTICS n = ROW_COUNT;
    told := told || jsonb_build_object(each_table, n);
  END LOOP;

  INSERT INTO assignments (role, staff_id, team_id, headcount, grid_id, employment, is_primary, contract_ends_on,
                           last_visit_on, territory, valid)
  SELECT a.role, a.staff_id, a.team_id, a.headcount, g.id, a.employment, a.is_primary, a.contract_ends_on,
         a.last_visit_on, g.territory, daterange(greatest(lower(a.valid), today), upper(a.valid))
    FROM unnest(opened, sources) o (grid, source) JOIN grids g ON g.id = o.grid
    JOIN assignments a ON a.grid_id = o.source AND (upper_inf(a.valid) OR upper(a.valid) > today);
  GET DIAGNOSTICS n = ROW_COUNT;
  told := told || jsonb_build_object('assignments_begun', n);
  UPDATE assignments a SET valid = daterange(lower(a.valid), today)
   WHERE a.grid_id = ANY (retired) AND (lower_inf(a.valid) OR lower(a.valid) < today)
     AND (upper_inf(a.valid) OR upper(a.valid) > today);
  GET DIAGNOSTICS n = ROW_COUNT;
  told := told || jsonb_build_object('assignments_ended', n);

  INSERT INTO user_territories (user_id, code, valid)
  SELECT t.user_id, g.code, daterange(greatest(lower(t.valid), today), upper(t.valid))
    FROM unnest(opened, sources) o (grid, source) JOIN grids g ON g.id = o.grid JOIN grids s ON s.id = o.source
    JOIN user_territories t ON t.code = s.code AND (upper_inf(t.valid) OR upper(t.valid) > today);
  GET DIAGNOSTICS n = ROW_COUNT;
  told := told || jsonb_build_object('accounts', n);
  UPDATE user_territories t SET valid = daterange(lower(t.valid), today) FROM grids g
   WHERE g.id = ANY (retired) AND t.code = g.code AND (lower_inf(t.valid) OR lower(t.valid) < today)
     AND (upper_inf(t.valid) OR upper(t.valid) > today);
  UPDATE staff s SET territory = h.territory
    FROM unnest(retired, heirs) r (old, heir) JOIN grids g ON g.id = r.old JOIN grids h ON h.id = r.heir
   WHERE s.territory = g.territory;
  RETURN told;
END $$
"""

# What a reviewer has to know before: where open cases and visited homes would go, as numbers; never a place or a word.
BEFORE = (
    """
CREATE FUNCTION wangge_rerouted(asked bigint)
RETURNS TABLE (case_id bigint, case_no text, grid_id bigint, plan_grid_id bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, CASE WHEN wangge_may('case.view') THEN c.case_no END, c.grid_id, n.plan_grid_id
    FROM wangge_villages(asked) low JOIN cases c ON c.closed_at IS NULL AND c.territory BETWEEN low AND low + 999
    LEFT JOIN LATERAL (
      SELECT a.plan_grid_id FROM cells k JOIN plan_cells a ON a.cell_id = k.id AND a.plan_id = asked
        JOIN plan_grids p ON p.id = a.plan_grid_id
       WHERE st_covers(k.outline, c.point) ORDER BY p.grid_id = c.grid_id DESC NULLS LAST, k.id LIMIT 1) n ON true
   WHERE wangge_may('plan.view') AND elem_contained_by_multirange(c.territory, wangge_territory()) $$
""",
    """
CREATE FUNCTION wangge_visited(asked bigint, moved bigint[], first_day date, last_day date)
RETURNS TABLE (grid_id bigint, plan_grid_id bigint, households bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT h.grid_id, a.plan_grid_id, count(*)
    FROM unnest(moved) m JOIN plan_cells a ON a.cell_id = m AND a.plan_id = asked JOIN cells k ON k.id = a.cell_id
    JOIN households h ON h.building_id = k.building_id AND (k.units IS NULL OR h.unit = ANY (k.units))
   WHERE wangge_may('plan.view') AND elem_contained_by_multirange(h.territory, wangge_territory())
     AND EXISTS (SELECT FROM visits v WHERE v.household_id = h.id AND v.result <> 'not_in'
                    AND v.visited_on > first_day AND v.visited_on <= last_day)
   GROUP BY 1, 2 $$
""",
)
CLOSED = {
    "wangge_placed": "bigint",
    "wangge_placed_at": "bigint, geometry, bigint",
    "wangge_villages": "bigint",
    "wangge_relink": "bigint, date, bigint[], bigint[], bigint[], bigint[]",
    "wangge_rerouted": "bigint",
    "wangge_visited": "bigint, bigint[], date, date",
}
"""Function → its arguments; nobody may call one but who is granted it."""


def upgrade() -> None:
    """Add what publishing remembers, then what it may write."""
    op.add_column("grid_outlines", sa.Column("closed_figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("plan_grids", sa.Column("published_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_plan_grids_published_id"), "plan_grids", "grids", ["published_id"], ["id"])
    op.create_index(op.f("ix_plan_grids_published_id"), "plan_grids", ["published_id"])
    moves("plan_cases", "case", sa.Column("until", sa.DateTime(timezone=True), nullable=False))
    moves(
        "plan_households",
        "household",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_met_on", sa.Date(), nullable=True),
    )
    op.create_index("ix_plan_cases_case_id_until", "plan_cases", ["case_id", "until"])
    op.create_index("ix_plan_households_household_id_day", "plan_households", ["household_id", "day"])
    op.execute(CASE_FACTS.format(OR_BEFORE))
    for function in (PLACED, AT, LOWS, RELINK, *BEFORE):
        op.execute(function)
    for name, arguments in CLOSED.items():
        op.execute(f"REVOKE ALL ON FUNCTION {name}({arguments}) FROM PUBLIC")
    for name in ("wangge_relink", "wangge_rerouted", "wangge_visited"):
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}({CLOSED[name]}) TO {ROLE}")
    rights()


def moves(table: str, of: str, *own: sa.Column) -> None:
    """Create a table of what publications gave another grid, seen from both grids and written by the function alone."""
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column(f"{of}_id", sa.BigInteger(), nullable=False),
        *own,
        sa.Column("from_grid_id", sa.BigInteger(), nullable=True),
        sa.Column("from_territory", sa.BigInteger(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f(f"fk_{table}_plan_id")),
        sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}s.id"], name=op.f(f"fk_{table}_{of}_id")),
        sa.ForeignKeyConstraint(["from_grid_id"], ["grids.id"], name=op.f(f"fk_{table}_from_grid_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f(f"fk_{table}_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in ("plan_id", "from_grid_id", "from_territory", "grid_id", "territory"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT ON {table} TO {ROLE}")
    seen = f"{HELD.format('territory')} OR {HELD.format('from_territory')}"
    op.execute(f"CREATE POLICY {table}_select ON {table} FOR SELECT TO {ROLE} USING ({seen})")
    op.execute(
        f"CREATE TRIGGER {table}_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION wangge_count_revision()"
    )


def rights() -> None:
    """Let who publishes write grids, outlines and gaps inside the territory, and mark the plan."""
    for table, verbs in WRITTEN.items():
        for granted in verbs:
            verb = granted.split()[0]
            clause = "WITH CHECK" if verb == "INSERT" else "USING"
            op.execute(f"GRANT {granted} ON {table} TO {ROLE}")
            op.execute(f"CREATE POLICY {table}_{verb.lower()} ON {table} FOR {verb} TO {ROLE} {clause} ({OWN})")
    op.execute(f"GRANT UPDATE (published_id) ON plan_grids TO {ROLE}")
    of_a_plan = "EXISTS (SELECT FROM plans t WHERE t.id = plan_id)"
    op.execute(f"CREATE POLICY plan_grids_publish ON plan_grids FOR UPDATE TO {ROLE} USING ({of_a_plan} AND {MAY})")
    op.execute(f"CREATE POLICY plans_publish ON plans FOR UPDATE TO {ROLE} USING ({OWN})")


def downgrade() -> None:
    """Take the rights and the memory of publications away; grids, outlines and links stay as they are."""
    op.execute("DROP POLICY plans_publish ON plans")
    op.execute("DROP POLICY plan_grids_publish ON plan_grids")
    op.execute(f"REVOKE UPDATE (published_id) ON plan_grids FROM {ROLE}")
    for table, verbs in WRITTEN.items():
        for granted in verbs:
            op.execute(f"DROP POLICY {table}_{granted.split()[0].lower()} ON {table}")
            op.execute(f"REVOKE {granted} ON {table} FROM {ROLE}")
    for name in reversed(CLOSED):
        op.execute(f"DROP FUNCTION {name}({CLOSED[name]})")
    op.execute(CASE_FACTS.format(""))
    for table in MOVES:
        op.drop_table(table)
    op.drop_index(op.f("ix_plan_grids_published_id"), "plan_grids")
    op.drop_column("plan_grids", "published_id")
    op.drop_column("grid_outlines", "closed_figures")
