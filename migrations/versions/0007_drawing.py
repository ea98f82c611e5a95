"""What drawing needs: open cases as numbers per cell, and no event or comment in somebody else's name."""

from alembic import op

revision = "0007"
down_revision = "0006"

ROLE = "wangge_app"
OF_A_PLAN = "EXISTS (SELECT FROM plans t WHERE t.id = plan_id)"
WRITERS = {"plan_events": "draw", "plan_comments": "view"}

# A planner sees no case, and still has to know how many a stroke moves. A restricted one counts at the middle of its
# grid, as everywhere; one on a line counts for the first of its cells.
CASES = """
CREATE FUNCTION wangge_cell_cases(villages bigint[])
RETURNS TABLE (cell_id bigint, cases bigint) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT at.cell, count(*)
    FROM unnest(villages) low
    JOIN cases c ON c.closed_at IS NULL AND c.territory BETWEEN low AND low + 999
    LEFT JOIN grid_outlines o ON o.id = c.outline_id
   CROSS JOIN LATERAL (
      SELECT min(k.id) AS cell FROM cells k
       WHERE k.until IS NULL AND st_covers(k.outline, CASE c.visibility WHEN 'restricted' THEN o.centre ELSE c.point END)) at
   WHERE at.cell IS NOT NULL AND wangge_may('plan.view')
     AND elem_contained_by_multirange(c.territory, wangge_territory())
   GROUP BY 1 $$
"""


def upgrade() -> None:
    """Add the function, and let the log and the comments take rows in the writer's own name only."""
    op.execute(CASES)
    op.execute("REVOKE ALL ON FUNCTION wangge_cell_cases(bigint[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION wangge_cell_cases(bigint[]) TO {ROLE}")
    written(" AND user_id = (SELECT wangge_user())")


def written(whose: str) -> None:
    """Make the policies anew under which events and comments are added."""
    for table, permission in WRITERS.items():
        rule = f"{OF_A_PLAN} AND (SELECT wangge_may('plan.{permission}')){whose}"
        op.execute(f"DROP POLICY {table}_insert ON {table}")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT TO {ROLE} WITH CHECK ({rule})")


def downgrade() -> None:
    """Take both back; no row is lost."""
    written("")
    op.execute("DROP FUNCTION wangge_cell_cases(bigint[])")
