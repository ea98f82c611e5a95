"""Fabrics of cells, and plans that assign them to grids, with their row security."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

ROLE = "wangge_app"
HOLDS = "elem_contained_by_multirange(territory, (SELECT wangge_territory()))"
MAY = "(SELECT wangge_may('plan.{}'))"
OF_A_PLAN = "EXISTS (SELECT FROM plans t WHERE t.id = plan_id)"
FABRIC = ("fabrics", "cells", "cell_borders")
PARTS = ("plan_grids", "plan_cells", "plan_events", "plan_comments")
CHANGED = {
    "fabrics": "cells",
    "cells": "until",
    "cell_borders": "length_m, along, rank, blocked, bridge",
    "plans": "name, note, status, revision, fabrics, households_min, households_max, effective_from, submitted_at, "
    "reviewer_id, reviewer_name, reviewed_at, published_at, report",
    "plan_grids": "name, kind, locked, retired",
    "plan_cells": "plan_grid_id, locked",
}
"""Table → the columns that the application may change in a row that is there."""


def upgrade() -> None:
    """Create the tables, then lock them."""
    op.create_table(
        "fabrics",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("territory = (village_code || '000')::bigint", name=op.f("ck_fabrics_territory_of_village")),
        sa.ForeignKeyConstraint(["village_code"], ["areas.code"], name=op.f("fk_fabrics_village_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fabrics")),
        sa.UniqueConstraint("village_code", "version", name=op.f("uq_fabrics_village_code_version")),
    )
    op.create_index(op.f("ix_fabrics_territory"), "fabrics", ["territory"], unique=False)
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fabrics", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("households_min", sa.Integer(), nullable=False),
        sa.Column("households_max", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=True),
        sa.Column("reviewer_name", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'approved', 'published', 'superseded', 'dropped')",
            name=op.f("ck_plans_status_known"),
        ),
        sa.CheckConstraint("territory = (area_code || '000')::bigint", name=op.f("ck_plans_territory_of_area")),
        sa.CheckConstraint(
            "0 <= households_min AND households_min < households_max", name=op.f("ck_plans_range_of_households")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_plans_revision_not_negative")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_plans_area_code")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_plans_author_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["plans.id"], name=op.f("fk_plans_parent_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_plans_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_area_code"), "plans", ["area_code"], unique=False)
    op.create_index(op.f("ix_plans_author_id"), "plans", ["author_id"], unique=False)
    op.create_index(op.f("ix_plans_parent_id"), "plans", ["parent_id"], unique=False)
    op.create_index(op.f("ix_plans_reviewer_id"), "plans", ["reviewer_id"], unique=False)
    op.create_index(op.f("ix_plans_status"), "plans", ["status"], unique=False)
    op.create_index(op.f("ix_plans_territory"), "plans", ["territory"], unique=False)
    op.create_geospatial_table(
        "cells",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("part", sa.SmallInteger(), nullable=True),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("households", sa.Integer(), server_default="0", nullable=False),
        sa.Column("residents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("perimeter_m", sa.Float(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column(
            "outline",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('building', 'land', 'water')", name=op.f("ck_cells_kind_known")),
        sa.CheckConstraint("territory = (village_code || '000')::bigint", name=op.f("ck_cells_territory_of_village")),
        sa.CheckConstraint("(part IS NULL) = (units IS NULL)", name=op.f("ck_cells_part_has_units")),
        sa.CheckConstraint("st_isvalid(outline)", name=op.f("ck_cells_outline_valid")),
        sa.CheckConstraint("until > since", name=op.f("ck_cells_some_version")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["buildings.id"], name=op.f("fk_cells_building_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["village_code"], ["areas.code"], name=op.f("fk_cells_village_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cells")),
    )
    op.create_index(op.f("ix_cells_building_id"), "cells", ["building_id"], unique=False)
    op.create_index(
        "ix_cells_current_code",
        "cells",
        ["village_code", "code"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_geospatial_index(
        "ix_cells_outline", "cells", ["outline"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_cells_territory"), "cells", ["territory"], unique=False)
    op.create_table(
        "plan_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "(undoes IS NOT NULL) = (kind IN ('undo', 'redo'))", name=op.f("ck_plan_events_undoes_something")
        ),
        sa.CheckConstraint(
            "kind IN ('paint', 'push', 'split', 'merge', 'create', 'change', 'retire', 'lock', 'unlock', 'suggest', 'import', 'carry', 'undo', 'redo')",
            name=op.f("ck_plan_events_kind_known"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_events_plan_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_plan_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_events")),
        sa.UniqueConstraint("plan_id", "key", name=op.f("uq_plan_events_plan_id_key")),
        sa.UniqueConstraint("plan_id", "seq", name=op.f("uq_plan_events_plan_id_seq")),
    )
    op.create_index(op.f("ix_plan_events_user_id"), "plan_events", ["user_id"], unique=False)
    op.create_table(
        "plan_grids",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="general", nullable=False),
        sa.Column("locked", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("retired", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("kind IN ('general', 'dedicated')", name=op.f("ck_plan_grids_kind_known")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_plan_grids_grid_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_grids_plan_id")),
        sa.ForeignKeyConstraint(["village_code"], ["areas.code"], name=op.f("fk_plan_grids_village_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_grids")),
        sa.UniqueConstraint("plan_id", "grid_id", name=op.f("uq_plan_grids_plan_id_grid_id")),
        sa.UniqueConstraint("plan_id", "id", name=op.f("uq_plan_grids_plan_id_id")),
    )
    op.create_index(op.f("ix_plan_grids_grid_id"), "plan_grids", ["grid_id"], unique=False)
    op.create_index(op.f("ix_plan_grids_village_code"), "plan_grids", ["village_code"], unique=False)
    op.create_table(
        "cell_borders",
        sa.Column("a", sa.BigInteger(), nullable=False),
        sa.Column("b", sa.BigInteger(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("along", sa.Text(), nullable=True),
        sa.Column("rank", sa.Text(), nullable=True),
        sa.Column("blocked", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("bridge", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("along IN ('road', 'river', 'rail', 'wall')", name=op.f("ck_cell_borders_along_known")),
        sa.CheckConstraint("rank IN ('arterial', 'major', 'minor', 'path')", name=op.f("ck_cell_borders_rank_known")),
        sa.CheckConstraint(
            "territory = (village_code || '000')::bigint", name=op.f("ck_cell_borders_territory_of_village")
        ),
        sa.CheckConstraint("a < b", name=op.f("ck_cell_borders_a_before_b")),
        sa.CheckConstraint("length_m >= 1 OR bridge", name=op.f("ck_cell_borders_long_enough")),
        sa.ForeignKeyConstraint(["a"], ["cells.id"], name=op.f("fk_cell_borders_a"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b"], ["cells.id"], name=op.f("fk_cell_borders_b"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["village_code"], ["areas.code"], name=op.f("fk_cell_borders_village_code")),
        sa.PrimaryKeyConstraint("a", "b", name=op.f("pk_cell_borders")),
    )
    op.create_index(op.f("ix_cell_borders_b"), "cell_borders", ["b"], unique=False)
    op.create_index(op.f("ix_cell_borders_territory"), "cell_borders", ["territory"], unique=False)
    op.create_index("ix_cell_borders_village_code", "cell_borders", ["village_code"], unique=False)
    op.create_table(
        "plan_cells",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("cell_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_grid_id", sa.BigInteger(), nullable=True),
        sa.Column("locked", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_plan_cells_cell_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "plan_grid_id"],
            ["plan_grids.plan_id", "plan_grids.id"],
            name=op.f("fk_plan_cells_plan_id_plan_grid_id"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_cells_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "cell_id", name=op.f("pk_plan_cells")),
    )
    op.create_index(op.f("ix_plan_cells_cell_id"), "plan_cells", ["cell_id"], unique=False)
    op.create_index("ix_plan_cells_plan_grid_id", "plan_cells", ["plan_grid_id"], unique=False)
    op.create_table(
        "plan_comments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_grid_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan_grid_id"], ["plan_grids.id"], name=op.f("fk_plan_comments_plan_grid_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_comments_plan_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_plan_comments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_comments")),
    )
    op.create_index(op.f("ix_plan_comments_plan_grid_id"), "plan_comments", ["plan_grid_id"], unique=False)
    op.create_index(op.f("ix_plan_comments_plan_id"), "plan_comments", ["plan_id"], unique=False)
    op.create_index(op.f("ix_plan_comments_user_id"), "plan_comments", ["user_id"], unique=False)
    for table in (*FABRIC, "plans", *PARTS):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    fabrics()
    drafts()
    op.execute(
        "CREATE TRIGGER plan_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION wangge_refuse_change()"
    )


def fabrics() -> None:
    """Let who views plans read the cells of the territory, and who draws write them; no cell is deleted."""
    for table in FABRIC:
        allow(table, "SELECT", f"{HOLDS} AND {MAY.format('view')}")
        for verb in ("INSERT", "UPDATE"):
            allow(table, verb, f"{HOLDS} AND {MAY.format('draw')}")
    allow("cell_borders", "DELETE", f"{HOLDS} AND {MAY.format('draw')}")


def drafts() -> None:
    """Let who views plans read and comment them, who draws change them, and who reviews decide; nothing is deleted."""
    allow("plans", "SELECT", f"{HOLDS} AND {MAY.format('view')}")
    allow("plans", "INSERT", f"{HOLDS} AND {MAY.format('draw')}")
    allow("plans", "UPDATE", f"{HOLDS} AND ({MAY.format('draw')} OR {MAY.format('review')})")
    for table in PARTS:
        allow(table, "SELECT", OF_A_PLAN)
        writer = "view" if table == "plan_comments" else "draw"
        allow(table, "INSERT", f"{OF_A_PLAN} AND {MAY.format(writer)}")
    for table in ("plan_grids", "plan_cells"):
        allow(table, "UPDATE", f"{OF_A_PLAN} AND {MAY.format('draw')}")
    allow("plan_cells", "DELETE", f"{OF_A_PLAN} AND {MAY.format('draw')}")


def allow(table: str, verb: str, condition: str) -> None:
    """Grant a verb on a table, for the rows that meet a condition."""
    clause = "WITH CHECK" if verb == "INSERT" else "USING"
    columns = f" ({CHANGED[table]})" if verb == "UPDATE" else ""
    op.execute(f"GRANT {verb}{columns} ON {table} TO {ROLE}")
    op.execute(f"CREATE POLICY {table}_{verb.lower()} ON {table} FOR {verb} TO {ROLE} {clause} ({condition})")


def downgrade() -> None:
    """Take fabrics and plans away with all that is in them; what was published stays."""
    op.drop_index(op.f("ix_plan_comments_user_id"), table_name="plan_comments")
    op.drop_index(op.f("ix_plan_comments_plan_id"), table_name="plan_comments")
    op.drop_index(op.f("ix_plan_comments_plan_grid_id"), table_name="plan_comments")
    op.drop_table("plan_comments")
    op.drop_index("ix_plan_cells_plan_grid_id", table_name="plan_cells")
    op.drop_index(op.f("ix_plan_cells_cell_id"), table_name="plan_cells")
    op.drop_table("plan_cells")
    op.drop_index("ix_cell_borders_village_code", table_name="cell_borders")
    op.drop_index(op.f("ix_cell_borders_territory"), table_name="cell_borders")
    op.drop_index(op.f("ix_cell_borders_b"), table_name="cell_borders")
    op.drop_table("cell_borders")
    op.drop_index(op.f("ix_plan_grids_village_code"), table_name="plan_grids")
    op.drop_index(op.f("ix_plan_grids_grid_id"), table_name="plan_grids")
    op.drop_table("plan_grids")
    op.drop_index(op.f("ix_plan_events_user_id"), table_name="plan_events")
    op.drop_table("plan_events")
    op.drop_index(op.f("ix_cells_territory"), table_name="cells")
    op.drop_geospatial_index("ix_cells_outline", table_name="cells", postgresql_using="gist", column_name="outline")
    op.drop_index("ix_cells_current_code", table_name="cells", postgresql_where=sa.text("until IS NULL"))
    op.drop_index(op.f("ix_cells_building_id"), table_name="cells")
    op.drop_geospatial_table("cells")
    op.drop_index(op.f("ix_plans_territory"), table_name="plans")
    op.drop_index(op.f("ix_plans_status"), table_name="plans")
    op.drop_index(op.f("ix_plans_reviewer_id"), table_name="plans")
    op.drop_index(op.f("ix_plans_parent_id"), table_name="plans")
    op.drop_index(op.f("ix_plans_author_id"), table_name="plans")
    op.drop_index(op.f("ix_plans_area_code"), table_name="plans")
    op.drop_table("plans")
    op.drop_index(op.f("ix_fabrics_territory"), table_name="fabrics")
    op.drop_table("fabrics")
