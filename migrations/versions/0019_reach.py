"""What a new row stands for lies in the territory that it names; a household is enrolled once; calls are counted in turn."""

from alembic import op

revision = "0019"
down_revision = "0018"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange({0}.territory, (SELECT wangge_territory()))"
OF_GRIDS = "role IN ('grid_leader', 'grid_worker', 'micro_grid_head')"
MAY = "(SELECT wangge_may('{}'))"
APPOINTS = f"((role NOT IN ('grid_leader', 'grid_worker', 'micro_grid_head') AND {MAY.format('staff.appoint')}) " \
           f"OR ({OF_GRIDS} AND {MAY.format('staff.assign')}))"  # fmt: skip
OF_AREA = "EXISTS (SELECT FROM areas t WHERE t.code = {0}.area_code AND t.territory = {0}.territory)"
OF_CASE = "(case_id IS NULL OR EXISTS (SELECT FROM case_facts t WHERE t.id = case_id))"
OF_PROJECT = "(project_id IS NULL OR EXISTS (SELECT FROM projects t WHERE t.id = project_id))"
PLACED = (
    "(grid_id IS NULL OR EXISTS (SELECT FROM grids t WHERE t.id = grid_id AND t.territory = assignments.territory)) "
    f"AND (area_code IS NULL OR {OF_AREA.format('assignments')}) "
    "AND (staff_id IS NULL OR EXISTS (SELECT FROM staff t WHERE t.id = staff_id)) "
    "AND (team_id IS NULL OR EXISTS (SELECT FROM teams t WHERE t.id = team_id))"
)
AT_HOME = (
    "EXISTS (SELECT FROM households t WHERE t.id = household_id AND t.territory = enrolments.territory "
    "AND t.grid_id = enrolments.grid_id) AND EXISTS (SELECT FROM staff t WHERE t.id = staff_id)"
)
LOCKS = (
    ("", "assignments", APPOINTS, PLACED),
    ("", "reception_days", MAY.format("meeting.manage"), OF_AREA.format("reception_days")),
    ("", "council_meetings", MAY.format("meeting.manage"),
     f"{OF_AREA.format('council_meetings')} AND {OF_CASE} AND {OF_PROJECT}"),
    ("", "projects", MAY.format("project.manage"), OF_AREA.format("projects")),
    ("care.", "enrolments", MAY.format("care.lead"), AT_HOME),
)  # fmt: skip
"""Schema, table, what it takes to add a row, and what has to hold of the places and people that the row names."""

ANSWERS = """
CREATE OR REPLACE VIEW case_answers WITH (security_barrier) AS
SELECT c.id AS case_id, c.satisfied FROM cases c
 WHERE c.satisfied IS NOT NULL{may}
   AND (elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
    OR c.id IN (SELECT m.case_id FROM plan_cases m
                 WHERE elem_contained_by_multirange(m.from_territory, (SELECT wangge_territory()))))
"""

BUSY = """
CREATE OR REPLACE FUNCTION wangge_count_calls() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE called bigint := coalesce(NEW.team_id, OLD.team_id);
BEGIN{lock}
  UPDATE volunteer_teams SET open_calls = (SELECT count(*) FROM case_calls WHERE team_id = called AND closed_at IS NULL)
   WHERE id = called;
  RETURN NULL;
END $$
"""
IN_TURN = """
  PERFORM FROM volunteer_teams WHERE id = called FOR UPDATE;"""


def upgrade() -> None:
    """Narrow who may add what; of two enrolments of one household the later one ends."""
    for schema, table, may, holds in LOCKS:
        condition = f"{HOLDS.format(table)} AND {may} AND {holds}"
        op.execute(f"ALTER POLICY {table}_insert ON {schema}{table} WITH CHECK ({condition})")
    held = f"{HOLDS.format('council_meetings')} AND {MAY.format('meeting.manage')}"
    op.execute(f"ALTER POLICY council_meetings_update ON council_meetings WITH CHECK ({held} AND {OF_CASE})")
    op.execute(
        "UPDATE care.enrolments e SET ended_on = greatest(current_date, enrolled_on) WHERE ended_on IS NULL AND EXISTS "
        "(SELECT FROM care.enrolments o WHERE o.household_id = e.household_id AND o.ended_on IS NULL AND o.id < e.id)"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_enrolments_household_id ON care.enrolments (household_id) WHERE ended_on IS NULL"
    )
    op.execute(ANSWERS.format(may="\n   AND (SELECT wangge_may('map.view'))"))
    op.execute(BUSY.format(lock=IN_TURN))


def downgrade() -> None:
    """Ask for the territory alone again."""
    op.execute(BUSY.format(lock=""))
    op.execute(ANSWERS.format(may=""))
    op.execute("DROP INDEX care.uq_enrolments_household_id")
    held = f"{HOLDS.format('council_meetings')} AND {MAY.format('meeting.manage')}"
    op.execute(f"ALTER POLICY council_meetings_update ON council_meetings WITH CHECK ({held})")
    for schema, table, may, _holds in LOCKS:
        op.execute(f"ALTER POLICY {table}_insert ON {schema}{table} WITH CHECK ({HOLDS.format(table)} AND {may})")
