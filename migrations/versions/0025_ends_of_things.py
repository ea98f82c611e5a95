"""Honours, volunteer teams and service points have an end; an entry of the duty list stands alone in its place."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange({0}.territory, (SELECT wangge_territory()))"
MAY = "(SELECT wangge_may('{}'))"
HONOURS = f"{HOLDS.format('honours')} AND {MAY.format('honour.manage')}"
OF_BUILDING = "EXISTS (SELECT FROM buildings t WHERE t.id = building_id AND t.territory = honours.territory)"
ALONE = {"duty_items": ("category", "level"), "stage_limits": ("stage",)}
"""Table → what an entry is about, beside the urgency."""
CLOSED = ("volunteer_teams", "service_points")


def upgrade() -> None:
    """Give things an end and let it be written."""
    honours()
    for table, place in ALONE.items():
        alone(table, place)
    for table in CLOSED:
        op.add_column(table, sa.Column("opened_on", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("closed_on", sa.Date(), nullable=True))
        op.execute(f"GRANT UPDATE (closed_on) ON {table} TO {ROLE}")


def alone(table: str, place: tuple[str, ...]) -> None:
    """Let an entry stand alone in its place on any day; of two the earlier one ends when the later begins."""
    same = " AND ".join(f"o.{each} IS NOT DISTINCT FROM e.{each}" for each in (*place, "urgency"))
    op.execute(
        f"UPDATE {table} e SET valid = daterange(lower(e.valid), greatest(lower(e.valid), later.first)) FROM "
        f"(SELECT e.id, min(lower(o.valid)) AS first FROM {table} e JOIN {table} o ON {same} AND o.id > e.id "
        "AND o.valid && e.valid GROUP BY e.id) later WHERE later.id = e.id"
    )
    keys = ", ".join(f"{each} WITH =" for each in (*place, "coalesce(urgency, '')"))
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_one_at_a_time EXCLUDE USING gist ({keys}, valid WITH &&)"
    )


def honours() -> None:
    """Let honours be given and ended; of two of one kind and year the later one ends."""
    op.add_column("honours", sa.Column("ended_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE honours h SET ended_on = current_date WHERE EXISTS (SELECT FROM honours o "
        "WHERE (o.building_id, o.kind, o.year) = (h.building_id, h.kind, h.year) AND o.id < h.id)"
    )
    open_ones = sa.text("ended_on IS NULL")
    op.create_index("uq_honours_borne", "honours", ["building_id", "kind", "year"], unique=True,
                    postgresql_where=open_ones)  # fmt: skip
    op.execute(f"GRANT INSERT, UPDATE (ended_on) ON honours TO {ROLE}")
    op.execute(f"CREATE POLICY honours_insert ON honours FOR INSERT TO {ROLE} WITH CHECK ({HONOURS} AND {OF_BUILDING})")
    op.execute(f"CREATE POLICY honours_update ON honours FOR UPDATE TO {ROLE} USING ({HONOURS}) WITH CHECK ({HONOURS})")


def downgrade() -> None:
    """Take it back; what was given stays."""
    for table in ALONE:
        op.drop_constraint(f"ex_{table}_one_at_a_time", table)
    for table in CLOSED:
        op.drop_column(table, "closed_on")
        op.drop_column(table, "opened_on")
    op.execute("DROP POLICY honours_update ON honours")
    op.execute("DROP POLICY honours_insert ON honours")
    op.execute(f"REVOKE INSERT, UPDATE (ended_on) ON honours FROM {ROLE}")
    op.drop_index("uq_honours_borne", "honours")
    op.drop_column("honours", "ended_on")
