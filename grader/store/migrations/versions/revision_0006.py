"""Judgings, standings, sections, rules of assignments, proposals, comments: what the dashboard stands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW_TABLES = (
    "commented_submissions", "comments", "regrade_items", "standings", "watch_entries", "notices",
    "extensions", "section_members", "sections", "uploads", "roster_imports",
)  # fmt: skip


def _refers(
    table: str, column: str, other: str, on: str = "CASCADE", key: str = "id"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.{key}"], name=f"fk_{table}_{column}_{other}", ondelete=on
    )


def _table(name: str, *parts: Any, key: Sequence[str] = ("id",)) -> None:
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def upgrade() -> None:
    """Every verdict that is there becomes a judging that is current, and what counts a standing."""
    _courses()
    _judgings()
    _grades()
    _fill()
    _rosters()


def _courses() -> None:
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
    _table(
        "sections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        _refers("sections", "course_id", "courses"),
        sa.UniqueConstraint("course_id", "name", name="uq_sections_course_id_name"),
    )
    _table(
        "section_members",
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        _refers("section_members", "section_id", "sections"),
        _refers("section_members", "user_id", "users"),
        key=("section_id", "user_id"),
    )
    _index("section_members", "user_id")
    _table(
        "extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("section_id", sa.Integer()),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("made_at", TIME, nullable=False),
        _refers("extensions", "assignment_id", "assignments"),
        _refers("extensions", "user_id", "users"),
        _refers("extensions", "section_id", "sections"),
        _refers("extensions", "by", "users", "SET NULL"),
        sa.CheckConstraint("(user_id IS NULL) <> (section_id IS NULL)", name="whose"),
        sa.UniqueConstraint("assignment_id", "user_id", name="uq_extensions_assignment_id_user_id"),
        sa.UniqueConstraint("assignment_id", "section_id", name="uq_extensions_assignment_id_section_id"),
    )
    _index("extensions", "user_id")
    _index("extensions", "section_id")
    _table(
        "watch_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", TIME, nullable=False),
        _refers("watch_entries", "course_id", "courses"),
        _refers("watch_entries", "user_id", "users"),
        _refers("watch_entries", "by", "users", "SET NULL"),
    )
    _index("watch_entries", "course_id", "user_id")
    _table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("read_at", TIME),
        _refers("notices", "user_id", "users"),
    )
    _index("notices", "user_id", "read_at")
    _table(
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
        _refers("regrades", "assignment_id", "assignments"),
        _refers("regrades", "by", "users", "SET NULL"),
        _refers("regrades", "decided_by", "users", "SET NULL"),
        sa.CheckConstraint("kind IN ('rescore', 'rerun')", name="kind"),
        sa.CheckConstraint("state IN ('open', 'accepted', 'cancelled', 'undone')", name="state"),
    )
    _index("regrades", "assignment_id")


def _judgings() -> None:
    op.add_column("sources", sa.Column("tree", sa.String(80)))
    _table(
        "judgings",
        sa.Column("id", ID, nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("regrade_id", sa.Integer()),
        sa.Column("exercise_digest", sa.String(64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("grader", sa.String(32)),
        sa.Column("torch", sa.String(32)),
        sa.Column("worker", sa.String(128)),
        sa.Column("isolation", sa.String(16)),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("max_score", sa.Double(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("alike", sa.String(64)),
        sa.Column("report", sa.Text(), nullable=False),
        _refers("judgings", "submission_id", "submissions"),
        _refers("judgings", "regrade_id", "regrades", "SET NULL"),
    )
    _index("judgings", "submission_id")
    _index("judgings", "alike")
    op.execute(
        """
        INSERT INTO judgings (submission_id, exercise_digest, seed, phases, started_at, finished_at, score,
            max_score, passed, report)
        SELECT id, exercise_digest, seed, '{}', started_at, COALESCE(finished_at, created_at), score,
            max_score, passed, report
        FROM submissions WHERE report IS NOT NULL ORDER BY created_at
        """
    )
    with op.batch_alter_table("submissions") as table:
        table.drop_column("report")
        table.add_column(sa.Column("judging_id", ID))
        table.add_column(sa.Column("regrade_id", sa.Integer()))
    op.execute(
        "UPDATE submissions SET judging_id = "
        "(SELECT judgings.id FROM judgings WHERE judgings.submission_id = submissions.id)"
    )
    with op.batch_alter_table("submissions") as table:
        table.create_foreign_key("fk_submissions_judging_id_judgings", "judgings", ["judging_id"], ["id"])
        table.create_foreign_key(
            "fk_submissions_regrade_id_regrades", "regrades", ["regrade_id"], ["id"], ondelete="SET NULL"
        )
        table.create_index("ix_submissions_regrade_id", ["regrade_id"])
    op.create_index(
        "ix_submissions_not_judged", "submissions", ["assignment_id", "user_id", "state"],
        sqlite_where=sa.text("judging_id IS NULL"), postgresql_where=sa.text("judging_id IS NULL"),
    )  # fmt: skip
    op.execute(
        "CREATE TABLE results_before AS SELECT submissions.judging_id, check_id, position, kind, verdict, "
        "points, check_results.max_points, code FROM check_results "
        "JOIN submissions ON submissions.id = check_results.submission_id "
        "WHERE submissions.judging_id IS NOT NULL"
    )
    op.drop_table("check_results")
    _table(
        "check_results",
        sa.Column("judging_id", ID, nullable=False),
        *_result_columns(),
        _refers("check_results", "judging_id", "judgings"),
        key=("judging_id", "check_id"),
    )
    op.execute("INSERT INTO check_results SELECT * FROM results_before")
    op.drop_table("results_before")


def _result_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("code", sa.String(128)),
    )


def _grades() -> None:
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
    _table(
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
        _refers("standings", "assignment_id", "assignments"),
        _refers("standings", "user_id", "users"),
        _refers("standings", "submission_id", "submissions", "SET NULL"),
        key=("assignment_id", "user_id"),
    )
    _index("standings", "user_id")
    _table(
        "regrade_items",
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("before_id", ID, nullable=False),
        sa.Column("after_id", ID),
        _refers("regrade_items", "regrade_id", "regrades"),
        _refers("regrade_items", "submission_id", "submissions"),
        _refers("regrade_items", "before_id", "judgings"),
        _refers("regrade_items", "after_id", "judgings"),
        key=("regrade_id", "submission_id"),
    )
    _index("regrade_items", "submission_id")
    _table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("alike", sa.String(64)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME),
        _refers("comments", "assignment_id", "assignments"),
        _refers("comments", "by", "users", "SET NULL"),
    )
    _index("comments", "assignment_id", "alike")
    _table(
        "commented_submissions",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        _refers("commented_submissions", "comment_id", "comments"),
        _refers("commented_submissions", "submission_id", "submissions"),
        key=("comment_id", "submission_id"),
    )
    _index("commented_submissions", "submission_id")


def _fill() -> None:
    """What counts: the earliest of a student's best attempts, and what was set by hand."""
    op.execute(
        """
        INSERT INTO standings (assignment_id, user_id, submission_id, score, max_score, late, passed,
            attempts, last_at, passed_attempt, passed_at)
        SELECT assignment_id, user_id, id, score, max_score, false, passed, attempts, last_at, passed_attempt,
            passed_at
        FROM (
            SELECT assignment_id, user_id, id, score, max_score, passed,
                COUNT(*) OVER cell AS attempts,
                MAX(created_at) OVER cell AS last_at,
                MIN(CASE WHEN passed THEN attempt END) OVER cell AS passed_attempt,
                MIN(CASE WHEN passed THEN created_at END) OVER cell AS passed_at,
                ROW_NUMBER() OVER (
                    PARTITION BY assignment_id, user_id ORDER BY score DESC, attempt
                ) AS place
            FROM submissions WHERE judging_id IS NOT NULL
            WINDOW cell AS (PARTITION BY assignment_id, user_id)
        ) AS ranked WHERE place = 1
        """
    )
    newest = "(SELECT MAX(id) FROM overrides GROUP BY assignment_id, user_id)"
    op.execute(
        f"""
        INSERT INTO standings (assignment_id, user_id, late, passed, attempts)
        SELECT assignment_id, user_id, false, false, 0 FROM overrides WHERE id IN {newest} AND NOT EXISTS (
            SELECT 1 FROM standings WHERE standings.assignment_id = overrides.assignment_id
            AND standings.user_id = overrides.user_id)
        """  # noqa: S608 – no input is in it
    )
    op.execute(
        f"""
        UPDATE standings SET override = (
            SELECT overrides.score FROM overrides WHERE id IN {newest}
            AND overrides.assignment_id = standings.assignment_id AND overrides.user_id = standings.user_id)
        """  # noqa: S608 – no input is in it
    )


def _rosters() -> None:
    """Files and lists of people; and of what was written down so far, in which course it happened."""
    _table(
        "uploads",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        _refers("uploads", "course_id", "courses"),
        _refers("uploads", "user_id", "users"),
    )
    _index("uploads", "user_id")
    _index("uploads", "made_at")
    _table(
        "roster_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("undone_at", TIME),
        sa.Column("changes", sa.JSON(), nullable=False),
        _refers("roster_imports", "course_id", "courses"),
        _refers("roster_imports", "by", "users", "SET NULL"),
    )
    _index("roster_imports", "course_id")
    op.add_column("audit_events", sa.Column("course", sa.String(64)))
    inside = (
        "details ->> 'course'"
        if op.get_bind().dialect.name == "postgresql"
        else ("json_extract(details, '$.course')")
    )
    op.execute(
        f"UPDATE audit_events SET course = CASE WHEN action LIKE 'course.%' THEN subject ELSE {inside} END"  # noqa: S608 – no input is in it
    )
    _index("audit_events", "course", "id")


def downgrade() -> None:
    """As it was before: of several judgings the current one stays, of members those who are active."""
    op.add_column("submissions", sa.Column("report", sa.Text()))
    op.execute(
        "UPDATE submissions SET report = "
        "(SELECT judgings.report FROM judgings WHERE judgings.id = submissions.judging_id)"
    )
    op.execute(
        "CREATE TABLE results_before AS SELECT submissions.id AS submission_id, check_id, position, kind, "
        "verdict, points, check_results.max_points, code FROM check_results "
        "JOIN submissions ON submissions.judging_id = check_results.judging_id"
    )
    op.drop_table("check_results")
    for name in NEW_TABLES:
        op.drop_table(name)
    with op.batch_alter_table("audit_events") as table:
        table.drop_index("ix_audit_events_course_id")
        table.drop_column("course")
    op.execute("DELETE FROM overrides WHERE submission_id IS NOT NULL")
    with op.batch_alter_table("overrides") as table:
        table.drop_constraint(op.f("ck_overrides_what"), type_="check")
        table.drop_index("ix_overrides_submission_id")
        table.drop_constraint("fk_overrides_submission_id_submissions", type_="foreignkey")
        table.drop_column("submission_id")
        table.drop_column("check_id")
    op.drop_index("ix_submissions_not_judged", "submissions")
    with op.batch_alter_table("submissions") as table:
        table.drop_index("ix_submissions_regrade_id")
        table.drop_constraint("fk_submissions_regrade_id_regrades", type_="foreignkey")
        table.drop_constraint("fk_submissions_judging_id_judgings", type_="foreignkey")
        table.drop_column("regrade_id")
        table.drop_column("judging_id")
    op.drop_table("judgings")
    op.drop_table("regrades")
    _table(
        "check_results",
        sa.Column("submission_id", sa.String(36), nullable=False),
        *_result_columns(),
        _refers("check_results", "submission_id", "submissions"),
        key=("submission_id", "check_id"),
    )
    op.execute("INSERT INTO check_results SELECT * FROM results_before")
    op.drop_table("results_before")
    with op.batch_alter_table("sources") as table:
        table.drop_column("tree")
    with op.batch_alter_table("assignments") as table:
        table.drop_constraint(op.f("ck_assignments_counts"), type_="check")
        table.drop_constraint(op.f("ck_assignments_feedback"), type_="check")
        for name in ("closes", "points", "grace_minutes", "late", "attempts", "pause", "counts", "feedback"):
            table.drop_column(name)
    op.execute("DELETE FROM enrolments WHERE NOT active")
    op.execute("UPDATE enrolments SET role = 'instructor' WHERE role = 'assistant'")
    with op.batch_alter_table("enrolments") as table:
        table.drop_constraint(op.f("ck_enrolments_role"), type_="check")
        table.create_check_constraint(op.f("ck_enrolments_role"), "role IN ('student', 'instructor')")
        table.drop_column("sis_id")
        table.drop_column("active")
        table.drop_column("helped")
    with op.batch_alter_table("courses") as table:
        table.drop_column("archived_at")
        table.drop_column("timezone")
