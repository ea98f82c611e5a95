"""What a planner has to know of a tower to split it: how many households its units have, and where on the ground."""

from alembic import op

revision = "0006"
down_revision = "0005"

ROLE = "wangge_app"
ARGUMENTS = "village bigint, above integer"

# A planner sees no household. Of a building with more households than a grid may have, the sums of each unit are told.
UNITS = f"""
CREATE FUNCTION wangge_units({ARGUMENTS})
RETURNS TABLE (building_id bigint, unit text, households bigint, residents bigint, lon double precision, lat double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT h.building_id, h.unit, count(*), sum(h.residents), avg(st_x(st_centroid(h.outline))), avg(st_y(st_centroid(h.outline)))
    FROM buildings b JOIN households h ON h.building_id = b.id
   WHERE b.territory BETWEEN village AND village + 999 AND b.households > above
     AND wangge_may('plan.draw') AND elem_contained_by_multirange(b.territory, wangge_territory())
   GROUP BY 1, 2 $$
"""


def upgrade() -> None:
    """Add the function; nobody may call it but the application."""
    op.execute(UNITS)
    op.execute(f"REVOKE ALL ON FUNCTION wangge_units({ARGUMENTS}) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION wangge_units({ARGUMENTS}) TO {ROLE}")


def downgrade() -> None:
    """Take the function away; towers that are split stay so."""
    op.execute(f"DROP FUNCTION wangge_units({ARGUMENTS})")
