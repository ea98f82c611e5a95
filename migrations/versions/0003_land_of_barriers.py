"""Row security for roads, waters, rails and walls: they are seen where they touch the viewer's ground."""

from alembic import op

revision = "0003"
down_revision = "0002"

ROLE = "wangge_app"

# A grid's outlines of all days: the second lock does not know the day that is asked for.
LAND = """
CREATE FUNCTION wangge_land() RETURNS geometry LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT st_union(ground.outline) FROM (
      SELECT outline FROM areas WHERE territory IN (SELECT lower(r) FROM unnest(wangge_territory()) r)
      UNION ALL
      SELECT outline FROM grid_outlines WHERE territory IN (SELECT lower(r) FROM unnest(wangge_territory()) r)
    ) ground;
  END
"""


def upgrade() -> None:
    """Put the second lock on the barriers."""
    op.execute(LAND)
    op.execute("ALTER TABLE barriers ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY barriers_select ON barriers FOR SELECT TO {ROLE} USING (st_intersects(line, (SELECT wangge_land())))"
    )


def downgrade() -> None:
    """Take the lock away; no row is lost."""
    op.execute("DROP POLICY barriers_select ON barriers")
    op.execute("ALTER TABLE barriers DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION wangge_land()")
