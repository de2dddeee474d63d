"""Judgings, standings, sections, rules of assignments, proposals, comments: what the dashboard stands on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from grader.store.migrations import tables_0006 as tables
from grader.store.migrations.tables_0006 import ID, TIME

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEW_TABLES = (
    "commented_submissions", "comments", "regrade_items", "standings", "watch_entries", "notices",
    "extensions", "section_members", "sections", "uploads", "roster_imports",
)  # fmt: skip


def upgrade() -> None:
    """Every verdict that is there becomes a judging that is current, and what counts a standing."""
    tables.courses()
    _judgings()
    tables.grades()
    _fill()
    tables.rosters()


def _judgings() -> None:
    op.add_column("sources", sa.Column("tree", sa.String(80)))
    tables.new_table(
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
        tables.refers("judgings", "submission_id", "submissions"),
        tables.refers("judgings", "regrade_id", "regrades", "SET NULL"),
    )
    tables.new_index("judgings", "submission_id")
    tables.new_index("judgings", "alike")
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
    tables.new_table(
        "check_results",
        sa.Column("judging_id", ID, nullable=False),
        *_result_columns(),
        tables.refers("check_results", "judging_id", "judgings"),
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
    tables.new_table(
        "check_results",
        sa.Column("submission_id", sa.String(36), nullable=False),
        *_result_columns(),
        tables.refers("check_results", "submission_id", "submissions"),
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
