"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create every table, with every constraint named as the metadata's convention names it."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(254), nullable=False),
        sa.Column("login_key", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('student', 'instructor', 'admin')", name="role"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("login_key", name="uq_users_login_key"),
    )
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("title_zh", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
        sa.UniqueConstraint("slug", name="uq_courses_slug"),
    )
    op.create_table(
        "enrolments",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.CheckConstraint("role IN ('student', 'instructor')", name="role"),
        _refers("enrolments", "user_id", "users"),
        _refers("enrolments", "course_id", "courses"),
        sa.PrimaryKeyConstraint("user_id", "course_id", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_course_id", "enrolments", ["course_id"])
    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("opens", TIME),
        sa.Column("due", TIME),
        _refers("assignments", "course_id", "courses"),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        sa.UniqueConstraint("course_id", "exercise", name="uq_assignments_course_id_exercise"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("predictions", sa.JSON(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("exercise_digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(64)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("interruptions", sa.Integer(), nullable=False),
        sa.Column("regrading", sa.Boolean(), nullable=False),
        sa.Column("not_before", TIME),
        sa.Column("owner", sa.String(128)),
        sa.Column("lease_until", TIME),
        sa.Column("score", sa.Double()),
        sa.Column("max_score", sa.Double()),
        sa.Column("passed", sa.Boolean()),
        sa.Column("report", sa.Text()),
        sa.Column("problem", sa.Text()),
        sa.CheckConstraint("state IN ('queued', 'running', 'graded', 'failed')", name="state"),
        _refers("submissions", "assignment_id", "assignments"),
        _refers("submissions", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("user_id", "request_key", name="uq_submissions_user_id_request_key"),
        sa.UniqueConstraint(
            "assignment_id", "user_id", "attempt", name="uq_submissions_assignment_id_user_id_attempt"
        ),
    )
    op.create_index(
        "ix_submissions_state_regrading_user_id_created_at_not_before",
        "submissions",
        ["state", "regrading", "user_id", "created_at", "not_before"],
    )
    op.create_index("ix_submissions_user_id_started_at", "submissions", ["user_id", "started_at"])
    op.create_table(
        "check_results",
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("code", sa.String(128)),
        _refers("check_results", "submission_id", "submissions"),
        sa.PrimaryKeyConstraint("submission_id", "check_id", name="pk_check_results"),
    )
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("created_at", TIME, nullable=False),
        _refers("overrides", "assignment_id", "assignments"),
        _refers("overrides", "user_id", "users"),
        _refers("overrides", "by", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_overrides"),
    )
    op.create_index("ix_overrides_assignment_id_user_id", "overrides", ["assignment_id", "user_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used", TIME),
        sa.Column("expires", TIME),
        sa.Column("revoked", TIME),
        _refers("api_tokens", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("hash", name="uq_api_tokens_hash"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("revoked", TIME),
        _refers("sign_ins", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.UniqueConstraint("hash", name="uq_sign_ins_hash"),
    )
    op.create_index("ix_sign_ins_user_id", "sign_ins", ["user_id"])
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(254), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])


def downgrade() -> None:
    """Drop every table, those that refer to others first."""
    for table in (
        "audit_events",
        "sign_ins",
        "api_tokens",
        "overrides",
        "check_results",
        "submissions",
        "assignments",
        "enrolments",
        "courses",
        "users",
    ):
        op.drop_table(table)


def _refers(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete
    )
