"""Create the tables."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Say what is new; new tables with a territory need their policy (see 0001)."""

    op.create_geospatial_table(
        "areas",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
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
        sa.Column(
            "outline_tile",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(outline, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(level = 'district') = (parent_code IS NULL)", name=op.f("ck_areas_parent_unless_district")
        ),
        sa.CheckConstraint("(level = 'village') = (right(code, 3) <> '000')", name=op.f("ck_areas_level_of_code")),
        sa.CheckConstraint("code ~ '^\\d{12}$'", name=op.f("ck_areas_code_12_digits")),
        sa.CheckConstraint(
            "kind IN ('district', 'street', 'town', 'township', 'village', 'community')",
            name=op.f("ck_areas_kind_known"),
        ),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_areas_level_known")),
        sa.CheckConstraint("territory = (code || '000')::bigint", name=op.f("ck_areas_territory_of_code")),
        sa.CheckConstraint("st_isvalid(outline)", name=op.f("ck_areas_outline_valid")),
        sa.ForeignKeyConstraint(["parent_code"], ["areas.code"], name=op.f("fk_areas_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    op.create_index(
        "ix_areas_name",
        "areas",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_geospatial_index(
        "ix_areas_outline", "areas", ["outline"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "ix_areas_outline_tile", "areas", ["outline_tile"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_areas_parent_code"), "areas", ["parent_code"], unique=False)
    op.create_index(op.f("ix_areas_territory"), "areas", ["territory"], unique=False)
    op.create_geospatial_table(
        "barriers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rank", sa.Text(), server_default="minor", nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column(
            "line",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "line_tile",
            Geometry(srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"),
            sa.Computed("st_transform(line, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint(
            "geometrytype(line) IN ('MULTILINESTRING', 'MULTIPOLYGON')", name=op.f("ck_barriers_line_or_surface")
        ),
        sa.CheckConstraint("kind IN ('road', 'river', 'rail', 'wall')", name=op.f("ck_barriers_kind_known")),
        sa.CheckConstraint("rank IN ('arterial', 'major', 'minor', 'path')", name=op.f("ck_barriers_rank_known")),
        sa.CheckConstraint("st_isvalid(line)", name=op.f("ck_barriers_line_valid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barriers")),
    )
    op.create_geospatial_index(
        "ix_barriers_line", "barriers", ["line"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "ix_barriers_line_tile", "barriers", ["line_tile"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "duty_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("lead_body", sa.Text(), nullable=False),
        sa.Column("helpers", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint(
            "category IN ('environment', 'public_facility', 'safety_hazard', 'dispute', 'livelihood', 'property_repair', 'unauthorized_building', 'inquiry', 'suggestion')",
            name=op.f("ck_duty_items_category_known"),
        ),
        sa.CheckConstraint("level IN ('grid', 'village', 'town', 'district')", name=op.f("ck_duty_items_level_known")),
        sa.CheckConstraint(
            "unit IN ('natural_hour', 'working_hour', 'working_day')", name=op.f("ck_duty_items_unit_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_items")),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("weight", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    op.create_index(op.f("ix_revisions_source"), "revisions", ["source"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("work_phone", sa.Text(), nullable=True),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_index(op.f("ix_staff_territory"), "staff", ["territory"], unique=False)
    op.create_table(
        "grids",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="general", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "code ~ '^\\d{15}$' AND left(code, 12) = village_code", name=op.f("ck_grids_code_of_village")
        ),
        sa.CheckConstraint("kind IN ('general', 'dedicated')", name=op.f("ck_grids_kind_known")),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_grids_status_known")),
        sa.CheckConstraint("territory = code::bigint", name=op.f("ck_grids_territory_of_code")),
        sa.ForeignKeyConstraint(["village_code"], ["areas.code"], name=op.f("fk_grids_village_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grids")),
        sa.UniqueConstraint("code", name=op.f("uq_grids_code")),
    )
    op.create_index(op.f("ix_grids_territory"), "grids", ["territory"], unique=False)
    op.create_index(op.f("ix_grids_village_code"), "grids", ["village_code"], unique=False)
    op.create_geospatial_table(
        "projects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="renovation", nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("budget_band", sa.Text(), nullable=True),
        sa.Column("lead_body", sa.Text(), nullable=False),
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
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint("stage IN ('planned', 'under_way', 'accepted')", name=op.f("ck_projects_stage_known")),
        sa.CheckConstraint("st_isvalid(outline)", name=op.f("ck_projects_outline_valid")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_projects_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_index(op.f("ix_projects_area_code"), "projects", ["area_code"], unique=False)
    op.create_geospatial_index(
        "ix_projects_outline", "projects", ["outline"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_projects_territory"), "projects", ["territory"], unique=False)
    op.create_geospatial_table(
        "reception_days",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("host_role", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("cases_opened", sa.Integer(), nullable=True),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "point_tile",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(point, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("received >= 0 AND cases_opened >= 0", name=op.f("ck_reception_days_counts_not_negative")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_reception_days_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_days")),
    )
    op.create_index(op.f("ix_reception_days_area_code"), "reception_days", ["area_code"], unique=False)
    op.create_index(op.f("ix_reception_days_held_on"), "reception_days", ["held_on"], unique=False)
    op.create_geospatial_index(
        "ix_reception_days_point_tile",
        "reception_days",
        ["point_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_reception_days_territory"), "reception_days", ["territory"], unique=False)
    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "force IN ('administrative', 'political_legal', 'law_enforcement', 'social')",
            name=op.f("ck_teams_force_known"),
        ),
        sa.CheckConstraint("size >= 0", name=op.f("ck_teams_size_not_negative")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_teams_area_code")),
        sa.ForeignKeyConstraint(["parent_id"], ["teams.id"], name=op.f("fk_teams_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_index(op.f("ix_teams_area_code"), "teams", ["area_code"], unique=False)
    op.create_index(op.f("ix_teams_parent_id"), "teams", ["parent_id"], unique=False)
    op.create_index(op.f("ix_teams_territory"), "teams", ["territory"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("language", sa.Text(), server_default="zh", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_users_language_known")),
        sa.CheckConstraint(
            "role IN ('grid_worker', 'grid_leader', 'village_manager', 'dispatcher', 'town_manager', 'district_manager', 'planner', 'data_steward', 'auditor', 'sys_admin')",
            name=op.f("ck_users_role_known"),
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_users_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_index(op.f("ix_users_staff_id"), "users", ["staff_id"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("headcount", sa.Integer(), server_default="1", nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("employment", sa.Text(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("contract_ends_on", sa.Date(), nullable=True),
        sa.Column("last_visit_on", sa.Date(), nullable=True),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint("employment IN ('full_time', 'part_time')", name=op.f("ck_assignments_employment_known")),
        sa.CheckConstraint(
            "role IN ('grid_leader', 'grid_worker', 'micro_grid_head', 'link_cadre', 'sunken_cadre', 'legal_adviser', 'judge', 'prosecutor', 'police_officer', 'village_manager')",
            name=op.f("ck_assignments_role_known"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_assignments_some_day")),
        sa.CheckConstraint("headcount >= 1", name=op.f("ck_assignments_someone")),
        sa.CheckConstraint("num_nonnulls(grid_id, area_code) = 1", name=op.f("ck_assignments_one_target")),
        sa.CheckConstraint("num_nonnulls(staff_id, team_id) <= 1", name=op.f("ck_assignments_one_holder")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_assignments_area_code")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_assignments_grid_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_assignments_staff_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_assignments_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_area_code"), "assignments", ["area_code"], unique=False)
    op.create_index(op.f("ix_assignments_grid_id"), "assignments", ["grid_id"], unique=False)
    op.create_index("ix_assignments_role_area_code", "assignments", ["role", "area_code"], unique=False)
    op.create_index("ix_assignments_role_grid_id", "assignments", ["role", "grid_id"], unique=False)
    op.create_index(op.f("ix_assignments_staff_id"), "assignments", ["staff_id"], unique=False)
    op.create_index(op.f("ix_assignments_team_id"), "assignments", ["team_id"], unique=False)
    op.create_index(op.f("ix_assignments_territory"), "assignments", ["territory"], unique=False)
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_log_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_action"), "audit_log", ["action"], unique=False)
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)
    op.create_index(op.f("ix_audit_log_user_id"), "audit_log", ["user_id"], unique=False)
    op.create_geospatial_table(
        "buildings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("compound", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="other", nullable=False),
        sa.Column("floors", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("households", sa.Integer(), server_default="0", nullable=False),
        sa.Column("residents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
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
        sa.Column(
            "outline_tile",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(outline, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "centre_tile",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(st_pointonsurface(outline), 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('residential', 'homestead', 'commercial', 'office', 'school', 'hospital', 'factory', 'public', 'other')",
            name=op.f("ck_buildings_kind_known"),
        ),
        sa.CheckConstraint(
            "floors >= 0 AND households >= 0 AND residents >= 0", name=op.f("ck_buildings_counts_not_negative")
        ),
        sa.CheckConstraint("st_isvalid(outline)", name=op.f("ck_buildings_outline_valid")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_buildings_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buildings")),
        sa.UniqueConstraint("code", name=op.f("uq_buildings_code")),
    )
    op.create_index(
        "ix_buildings_address",
        "buildings",
        ["address"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"address": "gin_trgm_ops"},
    )
    op.create_geospatial_index(
        "ix_buildings_centre_tile",
        "buildings",
        ["centre_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_buildings_grid_id", "buildings", ["grid_id"], unique=False, postgresql_include=["households", "territory"]
    )
    op.create_index(
        "ix_buildings_name",
        "buildings",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_geospatial_index(
        "ix_buildings_outline", "buildings", ["outline"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "ix_buildings_outline_tile",
        "buildings",
        ["outline_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_buildings_territory"), "buildings", ["territory"], unique=False)
    op.create_table(
        "care_tallies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("enrolled", sa.Integer(), nullable=False),
        sa.Column("in_time", sa.Integer(), nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("tier IN ('weekly', 'monthly', 'quarterly')", name=op.f("ck_care_tallies_tier_known")),
        sa.CheckConstraint(
            "enrolled >= 0 AND in_time BETWEEN 0 AND enrolled", name=op.f("ck_care_tallies_in_time_of_enrolled")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_care_tallies_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_tallies")),
    )
    op.create_index(op.f("ix_care_tallies_territory"), "care_tallies", ["territory"], unique=False)
    op.create_index("uq_care_tallies_grid_month_tier", "care_tallies", ["grid_id", "month", "tier"], unique=True)
    op.create_table(
        "export_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("mask_level", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_export_log_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_log")),
    )
    op.create_index(op.f("ix_export_log_at"), "export_log", ["at"], unique=False)
    op.create_index(op.f("ix_export_log_user_id"), "export_log", ["user_id"], unique=False)
    op.create_geospatial_table(
        "grid_outlines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
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
        sa.Column(
            "outline_tile",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(outline, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "centre",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_pointonsurface(outline)", persisted=True),
            nullable=True,
        ),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("households", sa.Integer(), server_default="0", nullable=False),
        sa.Column("residents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buildings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("grid_id"), "<>"),
            using="gist",
            name="ex_grid_outlines_code_not_reused",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("grid_id"), "="), (sa.column("valid"), "&&"), using="gist", name="ex_grid_outlines_one_at_a_time"
        ),
        sa.CheckConstraint("code ~ '^\\d{15}$'", name=op.f("ck_grid_outlines_code_15_digits")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_grid_outlines_some_day")),
        sa.CheckConstraint(
            "households >= 0 AND residents >= 0 AND buildings >= 0", name=op.f("ck_grid_outlines_counts_not_negative")
        ),
        sa.CheckConstraint("st_isvalid(outline)", name=op.f("ck_grid_outlines_outline_valid")),
        sa.CheckConstraint("territory = code::bigint", name=op.f("ck_grid_outlines_territory_of_code")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_grid_outlines_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_outlines")),
    )
    op.create_index(op.f("ix_grid_outlines_grid_id"), "grid_outlines", ["grid_id"], unique=False)
    op.create_geospatial_index(
        "ix_grid_outlines_outline",
        "grid_outlines",
        ["outline"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_grid_outlines_outline_tile",
        "grid_outlines",
        ["outline_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_grid_outlines_territory"), "grid_outlines", ["territory"], unique=False)
    op.create_table(
        "import_batches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_import_batches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
    )
    op.create_index(op.f("ix_import_batches_user_id"), "import_batches", ["user_id"], unique=False)
    op.create_geospatial_table(
        "organisations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("force", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("member_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_joint", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "point_tile",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(point, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'functional_branch') = (force IS NOT NULL AND tier IS NULL)",
            name=op.f("ck_organisations_force_if_functional"),
        ),
        sa.CheckConstraint("force IN ('sunken_force', 'social_force')", name=op.f("ck_organisations_force_known")),
        sa.CheckConstraint(
            "form IN ('committee', 'general_branch', 'branch', 'group', 'contact_household')",
            name=op.f("ck_organisations_form_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('town_committee', 'village_org', 'grid_branch', 'party_group', 'contact_household', 'functional_branch')",
            name=op.f("ck_organisations_kind_known"),
        ),
        sa.CheckConstraint("member_count >= 0", name=op.f("ck_organisations_members_not_negative")),
        sa.CheckConstraint("num_nonnulls(area_code, grid_id) = 1", name=op.f("ck_organisations_one_place")),
        sa.CheckConstraint("tier BETWEEN 1 AND 5", name=op.f("ck_organisations_tier_1_to_5")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_organisations_area_code")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_organisations_grid_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["organisations.id"], name=op.f("fk_organisations_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_index(op.f("ix_organisations_area_code"), "organisations", ["area_code"], unique=False)
    op.create_index(op.f("ix_organisations_grid_id"), "organisations", ["grid_id"], unique=False)
    op.create_index(op.f("ix_organisations_kind"), "organisations", ["kind"], unique=False)
    op.create_index(op.f("ix_organisations_parent_id"), "organisations", ["parent_id"], unique=False)
    op.create_geospatial_index(
        "ix_organisations_point_tile",
        "organisations",
        ["point_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_organisations_territory"), "organisations", ["territory"], unique=False)
    op.create_geospatial_table(
        "service_points",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("opening_hours", sa.Text(), nullable=True),
        sa.Column("items", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "point_tile",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(point, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('service_centre', 'station', 'canteen', 'clinic', 'supplies')",
            name=op.f("ck_service_points_kind_known"),
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_service_points_area_code")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_service_points_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_points")),
    )
    op.create_index(op.f("ix_service_points_area_code"), "service_points", ["area_code"], unique=False)
    op.create_index(op.f("ix_service_points_grid_id"), "service_points", ["grid_id"], unique=False)
    op.create_geospatial_index(
        "ix_service_points_point_tile",
        "service_points",
        ["point_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_service_points_territory"), "service_points", ["territory"], unique=False)
    op.create_table(
        "user_territories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint("code ~ '^(\\d{12}|\\d{15})$'", name=op.f("ck_user_territories_code_12_or_15_digits")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_user_territories_some_day")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_territories_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_territories")),
    )
    op.create_index(op.f("ix_user_territories_user_id"), "user_territories", ["user_id"], unique=False)
    op.create_geospatial_table(
        "volunteer_teams",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("active_count", sa.Integer(), nullable=False),
        sa.Column("registered_count", sa.Integer(), nullable=False),
        sa.Column("availability", sa.Text(), nullable=False),
        sa.Column("radius_m", sa.Integer(), server_default="1000", nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "point_tile",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(point, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "availability IN ('any_time', 'evenings', 'weekends')", name=op.f("ck_volunteer_teams_availability_known")
        ),
        sa.CheckConstraint(
            "active_count BETWEEN 0 AND registered_count", name=op.f("ck_volunteer_teams_active_of_registered")
        ),
        sa.CheckConstraint("radius_m > 0", name=op.f("ck_volunteer_teams_radius_positive")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_volunteer_teams_area_code")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_volunteer_teams_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_teams")),
    )
    op.create_index(op.f("ix_volunteer_teams_area_code"), "volunteer_teams", ["area_code"], unique=False)
    op.create_index(op.f("ix_volunteer_teams_grid_id"), "volunteer_teams", ["grid_id"], unique=False)
    op.create_geospatial_index(
        "ix_volunteer_teams_point",
        "volunteer_teams",
        ["point"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_volunteer_teams_point_tile",
        "volunteer_teams",
        ["point_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_volunteer_teams_territory"), "volunteer_teams", ["territory"], unique=False)
    op.create_geospatial_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("subcategory", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), server_default="normal", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="internal", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("outline_id", sa.BigInteger(), nullable=True),
        sa.Column("handler_id", sa.BigInteger(), nullable=True),
        sa.Column("lead_body", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rework_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("return_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("extension_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closing_level", sa.Text(), nullable=True),
        sa.Column("closure_reason", sa.Text(), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "point_tile",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(point, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (status IN ('closed','rejected','duplicate','voided'))",
            name=op.f("ck_cases_ended"),
        ),
        sa.CheckConstraint(
            "category IN ('environment', 'public_facility', 'safety_hazard', 'dispute', 'livelihood', 'property_repair', 'unauthorized_building', 'inquiry', 'suggestion')",
            name=op.f("ck_cases_category_known"),
        ),
        sa.CheckConstraint(
            "closing_level IN ('grid', 'village', 'town', 'district')", name=op.f("ck_cases_closing_level_known")
        ),
        sa.CheckConstraint(
            "closure_reason IN ('resolved', 'no_action_needed', 'not_responsible', 'duplicate', 'unable', 'withdrawn')",
            name=op.f("ck_cases_closure_reason_known"),
        ),
        sa.CheckConstraint(
            "source IN ('grid_patrol', 'resident_app', 'hotline_12345', 'reception_day', 'council', 'dept_transfer', 'visit', 'sensor')",
            name=op.f("ck_cases_source_known"),
        ),
        sa.CheckConstraint(
            "status IN ('reported', 'accepted', 'filed', 'dispatched', 'in_progress', 'handled', 'verifying', 'returned', 'suspended', 'verify_failed', 'closed', 'rejected', 'duplicate', 'voided')",
            name=op.f("ck_cases_status_known"),
        ),
        sa.CheckConstraint("urgency IN ('normal', 'urgent')", name=op.f("ck_cases_urgency_known")),
        sa.CheckConstraint(
            "visibility IN ('public', 'internal', 'restricted')", name=op.f("ck_cases_visibility_known")
        ),
        sa.CheckConstraint("closed_at >= reported_at", name=op.f("ck_cases_closed_after_report")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["cases.id"], name=op.f("fk_cases_duplicate_of")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_cases_grid_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["staff.id"], name=op.f("fk_cases_handler_id")),
        sa.ForeignKeyConstraint(["outline_id"], ["grid_outlines.id"], name=op.f("fk_cases_outline_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_cases_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("case_no", name=op.f("uq_cases_case_no")),
    )
    op.create_index(op.f("ix_cases_duplicate_of"), "cases", ["duplicate_of"], unique=False)
    op.create_index(op.f("ix_cases_grid_id"), "cases", ["grid_id"], unique=False)
    op.create_index(op.f("ix_cases_handler_id"), "cases", ["handler_id"], unique=False)
    op.create_index("ix_cases_open", "cases", ["grid_id"], unique=False, postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index(op.f("ix_cases_outline_id"), "cases", ["outline_id"], unique=False)
    op.create_geospatial_index(
        "ix_cases_point_tile", "cases", ["point_tile"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_cases_project_id"), "cases", ["project_id"], unique=False)
    op.create_index("ix_cases_reported_at", "cases", ["reported_at"], unique=False)
    op.create_index(op.f("ix_cases_territory"), "cases", ["territory"], unique=False)
    op.create_geospatial_table(
        "gaps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("grid_codes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
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
        sa.Column(
            "outline_tile",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(outline, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('gap', 'overlap', 'building', 'cut')", name=op.f("ck_gaps_kind_known")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["buildings.id"], name=op.f("fk_gaps_building_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_building_id"), "gaps", ["building_id"], unique=False)
    op.create_geospatial_index(
        "ix_gaps_outline", "gaps", ["outline"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "ix_gaps_outline_tile", "gaps", ["outline_tile"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_gaps_territory"), "gaps", ["territory"], unique=False)
    op.create_table(
        "honours",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('model_building', 'model_compound')", name=op.f("ck_honours_kind_known")),
        sa.ForeignKeyConstraint(["building_id"], ["buildings.id"], name=op.f("fk_honours_building_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honours")),
    )
    op.create_index(op.f("ix_honours_building_id"), "honours", ["building_id"], unique=False)
    op.create_index(op.f("ix_honours_territory"), "honours", ["territory"], unique=False)
    op.create_geospatial_table(
        "households",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="flat", nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("floor", sa.SmallInteger(), nullable=True),
        sa.Column("residents", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
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
        sa.Column(
            "outline_tile",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(outline, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "centre_tile",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("st_transform(st_pointonsurface(outline), 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('homestead', 'flat')", name=op.f("ck_households_kind_known")),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_households_counts_not_negative")),
        sa.CheckConstraint("st_isvalid(outline)", name=op.f("ck_households_outline_valid")),
        sa.ForeignKeyConstraint(["building_id"], ["buildings.id"], name=op.f("fk_households_building_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_households_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    op.create_index(op.f("ix_households_building_id"), "households", ["building_id"], unique=False)
    op.create_geospatial_index(
        "ix_households_centre_tile",
        "households",
        ["centre_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_households_grid_id"), "households", ["grid_id"], unique=False)
    op.create_geospatial_index(
        "ix_households_outline_tile",
        "households",
        ["outline_tile"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_households_territory"), "households", ["territory"], unique=False)
    op.create_table(
        "organisation_grids",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_organisation_grids_grid_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_grids_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "grid_id", name=op.f("pk_organisation_grids")),
    )
    op.create_index(op.f("ix_organisation_grids_grid_id"), "organisation_grids", ["grid_id"], unique=False)
    op.create_geospatial_table(
        "volunteer_activities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
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
        sa.ForeignKeyConstraint(["team_id"], ["volunteer_teams.id"], name=op.f("fk_volunteer_activities_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_activities")),
    )
    op.create_index(op.f("ix_volunteer_activities_held_on"), "volunteer_activities", ["held_on"], unique=False)
    op.create_index(op.f("ix_volunteer_activities_team_id"), "volunteer_activities", ["team_id"], unique=False)
    op.create_index(op.f("ix_volunteer_activities_territory"), "volunteer_activities", ["territory"], unique=False)
    op.create_table(
        "case_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "to_status IN ('reported', 'accepted', 'filed', 'dispatched', 'in_progress', 'handled', 'verifying', 'returned', 'suspended', 'verify_failed', 'closed', 'rejected', 'duplicate', 'voided')",
            name=op.f("ck_case_events_to_status_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index(op.f("ix_case_events_case_id"), "case_events", ["case_id"], unique=False)
    op.create_table(
        "council_meetings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_council_meetings_area_code")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_council_meetings_case_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_council_meetings_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_meetings")),
    )
    op.create_index(op.f("ix_council_meetings_area_code"), "council_meetings", ["area_code"], unique=False)
    op.create_index(op.f("ix_council_meetings_case_id"), "council_meetings", ["case_id"], unique=False)
    op.create_index(op.f("ix_council_meetings_held_on"), "council_meetings", ["held_on"], unique=False)
    op.create_index(op.f("ix_council_meetings_project_id"), "council_meetings", ["project_id"], unique=False)
    op.create_index(op.f("ix_council_meetings_territory"), "council_meetings", ["territory"], unique=False)
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=True),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("territory", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('routine', 'safety', 'service', 'follow_up')", name=op.f("ck_visits_purpose_known")
        ),
        sa.CheckConstraint("result IN ('met', 'not_in', 'revisit')", name=op.f("ck_visits_result_known")),
        sa.CheckConstraint("num_nonnulls(household_id, building_id) >= 1", name=op.f("ck_visits_some_place")),
        sa.ForeignKeyConstraint(["building_id"], ["buildings.id"], name=op.f("fk_visits_building_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_visits_grid_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_visits_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_building_id"), "visits", ["building_id"], unique=False)
    op.create_index(
        "ix_visits_grid_id_household_id_visited_on",
        "visits",
        ["grid_id", "household_id", "visited_on"],
        unique=False,
        postgresql_include=["territory", "result"],
    )
    op.create_index(op.f("ix_visits_household_id"), "visits", ["household_id"], unique=False)
    op.create_index(op.f("ix_visits_territory"), "visits", ["territory"], unique=False)


def downgrade() -> None:
    """Take it back and lose nothing that need not be lost."""

    op.drop_index(op.f("ix_visits_territory"), table_name="visits")
    op.drop_index(op.f("ix_visits_household_id"), table_name="visits")
    op.drop_index(
        "ix_visits_grid_id_household_id_visited_on",
        table_name="visits",
        postgresql_include=["territory", "result"],
    )
    op.drop_index(op.f("ix_visits_building_id"), table_name="visits")
    op.drop_table("visits")
    op.drop_index(op.f("ix_council_meetings_territory"), table_name="council_meetings")
    op.drop_index(op.f("ix_council_meetings_project_id"), table_name="council_meetings")
    op.drop_index(op.f("ix_council_meetings_held_on"), table_name="council_meetings")
    op.drop_index(op.f("ix_council_meetings_case_id"), table_name="council_meetings")
    op.drop_index(op.f("ix_council_meetings_area_code"), table_name="council_meetings")
    op.drop_table("council_meetings")
    op.drop_index(op.f("ix_case_events_case_id"), table_name="case_events")
    op.drop_table("case_events")
    op.drop_index(op.f("ix_volunteer_activities_territory"), table_name="volunteer_activities")
    op.drop_index(op.f("ix_volunteer_activities_team_id"), table_name="volunteer_activities")
    op.drop_index(op.f("ix_volunteer_activities_held_on"), table_name="volunteer_activities")
    op.drop_geospatial_table("volunteer_activities")
    op.drop_index(op.f("ix_organisation_grids_grid_id"), table_name="organisation_grids")
    op.drop_table("organisation_grids")
    op.drop_index(op.f("ix_households_territory"), table_name="households")
    op.drop_geospatial_index(
        "ix_households_outline_tile", table_name="households", postgresql_using="gist", column_name="outline_tile"
    )
    op.drop_index(op.f("ix_households_grid_id"), table_name="households")
    op.drop_geospatial_index(
        "ix_households_centre_tile", table_name="households", postgresql_using="gist", column_name="centre_tile"
    )
    op.drop_index(op.f("ix_households_building_id"), table_name="households")
    op.drop_geospatial_table("households")
    op.drop_index(op.f("ix_honours_territory"), table_name="honours")
    op.drop_index(op.f("ix_honours_building_id"), table_name="honours")
    op.drop_table("honours")
    op.drop_index(op.f("ix_gaps_territory"), table_name="gaps")
    op.drop_geospatial_index(
        "ix_gaps_outline_tile", table_name="gaps", postgresql_using="gist", column_name="outline_tile"
    )
    op.drop_geospatial_index("ix_gaps_outline", table_name="gaps", postgresql_using="gist", column_name="outline")
    op.drop_index(op.f("ix_gaps_building_id"), table_name="gaps")
    op.drop_geospatial_table("gaps")
    op.drop_index(op.f("ix_cases_territory"), table_name="cases")
    op.drop_index("ix_cases_reported_at", table_name="cases")
    op.drop_index(op.f("ix_cases_project_id"), table_name="cases")
    op.drop_geospatial_index(
        "ix_cases_point_tile", table_name="cases", postgresql_using="gist", column_name="point_tile"
    )
    op.drop_index(op.f("ix_cases_outline_id"), table_name="cases")
    op.drop_index("ix_cases_open", table_name="cases", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index(op.f("ix_cases_handler_id"), table_name="cases")
    op.drop_index(op.f("ix_cases_grid_id"), table_name="cases")
    op.drop_index(op.f("ix_cases_duplicate_of"), table_name="cases")
    op.drop_geospatial_table("cases")
    op.drop_index(op.f("ix_volunteer_teams_territory"), table_name="volunteer_teams")
    op.drop_geospatial_index(
        "ix_volunteer_teams_point_tile", table_name="volunteer_teams", postgresql_using="gist", column_name="point_tile"
    )
    op.drop_geospatial_index(
        "ix_volunteer_teams_point", table_name="volunteer_teams", postgresql_using="gist", column_name="point"
    )
    op.drop_index(op.f("ix_volunteer_teams_grid_id"), table_name="volunteer_teams")
    op.drop_index(op.f("ix_volunteer_teams_area_code"), table_name="volunteer_teams")
    op.drop_geospatial_table("volunteer_teams")
    op.drop_index(op.f("ix_user_territories_user_id"), table_name="user_territories")
    op.drop_table("user_territories")
    op.drop_index(op.f("ix_service_points_territory"), table_name="service_points")
    op.drop_geospatial_index(
        "ix_service_points_point_tile", table_name="service_points", postgresql_using="gist", column_name="point_tile"
    )
    op.drop_index(op.f("ix_service_points_grid_id"), table_name="service_points")
    op.drop_index(op.f("ix_service_points_area_code"), table_name="service_points")
    op.drop_geospatial_table("service_points")
    op.drop_index(op.f("ix_organisations_territory"), table_name="organisations")
    op.drop_geospatial_index(
        "ix_organisations_point_tile", table_name="organisations", postgresql_using="gist", column_name="point_tile"
    )
    op.drop_index(op.f("ix_organisations_parent_id"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_kind"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_grid_id"), table_name="organisations")
    op.drop_index(op.f("ix_organisations_area_code"), table_name="organisations")
    op.drop_geospatial_table("organisations")
    op.drop_index(op.f("ix_import_batches_user_id"), table_name="import_batches")
    op.drop_table("import_batches")
    op.drop_index(op.f("ix_grid_outlines_territory"), table_name="grid_outlines")
    op.drop_geospatial_index(
        "ix_grid_outlines_outline_tile", table_name="grid_outlines", postgresql_using="gist", column_name="outline_tile"
    )
    op.drop_geospatial_index(
        "ix_grid_outlines_outline", table_name="grid_outlines", postgresql_using="gist", column_name="outline"
    )
    op.drop_index(op.f("ix_grid_outlines_grid_id"), table_name="grid_outlines")
    op.drop_geospatial_table("grid_outlines")
    op.drop_index(op.f("ix_export_log_user_id"), table_name="export_log")
    op.drop_index(op.f("ix_export_log_at"), table_name="export_log")
    op.drop_table("export_log")
    op.drop_index("uq_care_tallies_grid_month_tier", table_name="care_tallies")
    op.drop_index(op.f("ix_care_tallies_territory"), table_name="care_tallies")
    op.drop_table("care_tallies")
    op.drop_index(op.f("ix_buildings_territory"), table_name="buildings")
    op.drop_geospatial_index(
        "ix_buildings_outline_tile", table_name="buildings", postgresql_using="gist", column_name="outline_tile"
    )
    op.drop_geospatial_index(
        "ix_buildings_outline", table_name="buildings", postgresql_using="gist", column_name="outline"
    )
    op.drop_index(
        "ix_buildings_name", table_name="buildings", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}
    )
    op.drop_index("ix_buildings_grid_id", table_name="buildings", postgresql_include=["households", "territory"])
    op.drop_geospatial_index(
        "ix_buildings_centre_tile", table_name="buildings", postgresql_using="gist", column_name="centre_tile"
    )
    op.drop_index(
        "ix_buildings_address",
        table_name="buildings",
        postgresql_using="gin",
        postgresql_ops={"address": "gin_trgm_ops"},
    )
    op.drop_geospatial_table("buildings")
    op.drop_index(op.f("ix_audit_log_user_id"), table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_at"), table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_action"), table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_index(op.f("ix_assignments_territory"), table_name="assignments")
    op.drop_index(op.f("ix_assignments_team_id"), table_name="assignments")
    op.drop_index(op.f("ix_assignments_staff_id"), table_name="assignments")
    op.drop_index("ix_assignments_role_grid_id", table_name="assignments")
    op.drop_index("ix_assignments_role_area_code", table_name="assignments")
    op.drop_index(op.f("ix_assignments_grid_id"), table_name="assignments")
    op.drop_index(op.f("ix_assignments_area_code"), table_name="assignments")
    op.drop_table("assignments")
    op.drop_index(op.f("ix_users_staff_id"), table_name="users")
    op.drop_table("users")
    op.drop_index(op.f("ix_teams_territory"), table_name="teams")
    op.drop_index(op.f("ix_teams_parent_id"), table_name="teams")
    op.drop_index(op.f("ix_teams_area_code"), table_name="teams")
    op.drop_table("teams")
    op.drop_index(op.f("ix_reception_days_territory"), table_name="reception_days")
    op.drop_geospatial_index(
        "ix_reception_days_point_tile", table_name="reception_days", postgresql_using="gist", column_name="point_tile"
    )
    op.drop_index(op.f("ix_reception_days_held_on"), table_name="reception_days")
    op.drop_index(op.f("ix_reception_days_area_code"), table_name="reception_days")
    op.drop_geospatial_table("reception_days")
    op.drop_index(op.f("ix_projects_territory"), table_name="projects")
    op.drop_geospatial_index(
        "ix_projects_outline", table_name="projects", postgresql_using="gist", column_name="outline"
    )
    op.drop_index(op.f("ix_projects_area_code"), table_name="projects")
    op.drop_geospatial_table("projects")
    op.drop_index(op.f("ix_grids_village_code"), table_name="grids")
    op.drop_index(op.f("ix_grids_territory"), table_name="grids")
    op.drop_table("grids")
    op.drop_index(op.f("ix_staff_territory"), table_name="staff")
    op.drop_table("staff")
    op.drop_index(op.f("ix_revisions_source"), table_name="revisions")
    op.drop_table("revisions")
    op.drop_table("duty_items")
    op.drop_geospatial_index(
        "ix_barriers_line_tile", table_name="barriers", postgresql_using="gist", column_name="line_tile"
    )
    op.drop_geospatial_index("ix_barriers_line", table_name="barriers", postgresql_using="gist", column_name="line")
    op.drop_geospatial_table("barriers")
    op.drop_index(op.f("ix_areas_territory"), table_name="areas")
    op.drop_index(op.f("ix_areas_parent_code"), table_name="areas")
    op.drop_geospatial_index(
        "ix_areas_outline_tile", table_name="areas", postgresql_using="gist", column_name="outline_tile"
    )
    op.drop_geospatial_index("ix_areas_outline", table_name="areas", postgresql_using="gist", column_name="outline")
    op.drop_index("ix_areas_name", table_name="areas", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"})
    op.drop_geospatial_table("areas")
