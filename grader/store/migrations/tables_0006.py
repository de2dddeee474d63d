"""Tables that revision 0006 adds: of courses, rules, grades by hand and rosters; that of judgings is its own.

What a revision does is never changed afterwards, and so neither is this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

TIME = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def refers(
    table: str, column: str, other: str, on: str = "CASCADE", key: str = "id"
) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that this schema gives it."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.{key}"], name=f"fk_{table}_{column}_{other}", ondelete=on
    )


def new_table(name: str, *parts: Any, key: Sequence[str] = ("id",)) -> None:
    """A table with its primary key."""
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def new_index(table: str, *columns: str) -> None:
    """An index with the name that this schema gives it."""
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def courses() -> None:
    """Columns of courses, enrolments and assignments, and the tables beside them."""
    with op.batch_alter_table("courses") as table:
        table.add_column(sa.Column("timezone", sa.String(64)))
        table.add_column(sa.Column("archived_at", TIME))
    with op.batch_alter_table("enrolments") as table:
        table.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("sis_id", sa.String(128)))
        table.add_column(sa.Column("helped", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.drop_constraint(op.f("ck_enrolments_role"), type_="check")
        table.create_check_constraint(
            op.f("ck_enrolments_role"), "role IN ('student', 'assistant', 'instructor')"
        )
    with op.batch_alter_table("assignments") as table:
        table.add_column(sa.Column("closes", TIME))
        table.add_column(sa.Column("points", sa.Double()))
        table.add_column(sa.Column("grace_minutes", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("late", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("attempts", sa.Integer()))
        table.add_column(sa.Column("pause", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("counts", sa.String(8), nullable=False, server_default="best"))
        table.add_column(sa.Column("feedback", sa.String(16), nullable=False, server_default="full"))
        table.create_check_constraint(op.f("ck_assignments_counts"), "counts IN ('best', 'last')")
        table.create_check_constraint(
            op.f("ck_assignments_feedback"), "feedback IN ('full', 'verdict', 'after-due')"
        )
    # The defaults were for the rows that are there.
    with op.batch_alter_table("enrolments") as table:
        table.alter_column("active", existing_type=sa.Boolean(), server_default=None)
        table.alter_column("helped", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("assignments") as table:
        for name, kind in (
            ("grace_minutes", sa.Integer()), ("late", sa.JSON()), ("pause", sa.Boolean()),
            ("counts", sa.String(8)), ("feedback", sa.String(16)),
        ):  # fmt: skip
            table.alter_column(name, existing_type=kind, server_default=None)
    new_table(
        "sections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        refers("sections", "course_id", "courses"),
        sa.UniqueConstraint("course_id", "name", name="uq_sections_course_id_name"),
    )
    new_table(
        "section_members",
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        refers("section_members", "section_id", "sections"),
        refers("section_members", "user_id", "users"),
        key=("section_id", "user_id"),
    )
    new_index("section_members", "user_id")
    new_table(
        "extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("section_id", sa.Integer()),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("made_at", TIME, nullable=False),
        refers("extensions", "assignment_id", "assignments"),
        refers("extensions", "user_id", "users"),
        refers("extensions", "section_id", "sections"),
        refers("extensions", "by", "users", "SET NULL"),
        sa.CheckConstraint("(user_id IS NULL) <> (section_id IS NULL)", name="whose"),
        sa.UniqueConstraint("assignment_id", "user_id", name="uq_extensions_assignment_id_user_id"),
        sa.UniqueConstraint("assignment_id", "section_id", name="uq_extensions_assignment_id_section_id"),
    )
    new_index("extensions", "user_id")
    new_index("extensions", "section_id")
    new_table(
        "watch_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", TIME, nullable=False),
        refers("watch_entries", "course_id", "courses"),
        refers("watch_entries", "user_id", "users"),
        refers("watch_entries", "by", "users", "SET NULL"),
    )
    new_index("watch_entries", "course_id", "user_id")
    new_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("read_at", TIME),
        refers("notices", "user_id", "users"),
    )
    new_index("notices", "user_id", "read_at")
    new_table(
        "regrades",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", TIME),
        refers("regrades", "assignment_id", "assignments"),
        refers("regrades", "by", "users", "SET NULL"),
        refers("regrades", "decided_by", "users", "SET NULL"),
        sa.CheckConstraint("kind IN ('rescore', 'rerun')", name="kind"),
        sa.CheckConstraint("state IN ('open', 'accepted', 'cancelled', 'undone')", name="state"),
    )
    new_index("regrades", "assignment_id")


def grades() -> None:
    """What counts of a student's attempts, what is set by hand and remarked."""
    with op.batch_alter_table("overrides") as table:
        table.add_column(sa.Column("submission_id", sa.String(36)))
        table.add_column(sa.Column("check_id", sa.String(64)))
        table.create_foreign_key(
            "fk_overrides_submission_id_submissions", "submissions", ["submission_id"], ["id"],
            ondelete="CASCADE",
        )  # fmt: skip
        table.create_index("ix_overrides_submission_id", ["submission_id"])
        table.create_check_constraint(
            op.f("ck_overrides_what"), "(submission_id IS NULL) = (check_id IS NULL)"
        )
    new_table(
        "standings",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(36)),
        sa.Column("score", sa.Double()),
        sa.Column("max_score", sa.Double()),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_at", TIME),
        sa.Column("passed_attempt", sa.Integer()),
        sa.Column("passed_at", TIME),
        sa.Column("override", sa.Double()),
        refers("standings", "assignment_id", "assignments"),
        refers("standings", "user_id", "users"),
        refers("standings", "submission_id", "submissions", "SET NULL"),
        key=("assignment_id", "user_id"),
    )
    new_index("standings", "user_id")
    new_table(
        "regrade_items",
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("before_id", ID, nullable=False),
        sa.Column("after_id", ID),
        refers("regrade_items", "regrade_id", "regrades"),
        refers("regrade_items", "submission_id", "submissions"),
        refers("regrade_items", "before_id", "judgings"),
        refers("regrade_items", "after_id", "judgings"),
        key=("regrade_id", "submission_id"),
    )
    new_index("regrade_items", "submission_id")
    new_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("alike", sa.String(64)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME),
        refers("comments", "assignment_id", "assignments"),
        refers("comments", "by", "users", "SET NULL"),
    )
    new_index("comments", "assignment_id", "alike")
    new_table(
        "commented_submissions",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        refers("commented_submissions", "comment_id", "comments"),
        refers("commented_submissions", "submission_id", "submissions"),
        key=("comment_id", "submission_id"),
    )
    new_index("commented_submissions", "submission_id")


def rosters() -> None:
    """What was imported of a class, and can be taken back."""
    """Files and lists of people; and of what was written down so far, in which course it happened."""
    new_table(
        "uploads",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        refers("uploads", "course_id", "courses"),
        refers("uploads", "user_id", "users"),
    )
    new_index("uploads", "user_id")
    new_index("uploads", "made_at")
    new_table(
        "roster_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("undone_at", TIME),
        sa.Column("changes", sa.JSON(), nullable=False),
        refers("roster_imports", "course_id", "courses"),
        refers("roster_imports", "by", "users", "SET NULL"),
    )
    new_index("roster_imports", "course_id")
    op.add_column("audit_events", sa.Column("course", sa.String(64)))
    inside = (
        "details ->> 'course'"
        if op.get_bind().dialect.name == "postgresql"
        else ("json_extract(details, '$.course')")
    )
    op.execute(
        f"UPDATE audit_events SET course = CASE WHEN action LIKE 'course.%' THEN subject ELSE {inside} END"  # noqa: S608 – no input is in it
    )
    new_index("audit_events", "course", "id")
