"""A project that goes over several villages is seen by each of them: where its ground touches the viewer's."""

from alembic import op

revision = "0028"
down_revision = "0027"

HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_{}()))"
TOUCHES = f"{HOLDS.format('reach')} AND st_intersects(outline, (SELECT wangge_land()))"


def upgrade() -> None:
    """Show projects of the areas above on the ground that they touch."""
    op.execute(f"ALTER POLICY projects_select ON projects USING ({HOLDS.format('territory')} OR ({TOUCHES}))")


def downgrade() -> None:
    """Show them in the area again that they belong to."""
    op.execute(f"ALTER POLICY projects_select ON projects USING ({HOLDS.format('territory')})")
