"""First predictions: what was answered before the first graded run, which no later attempt erases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
LONGEST = 500
"""Characters of an answer that are kept."""
AT_ONCE = 1000
NAMED = ("user_id", "assignment_id", "submission_id")
OTHERS = ("users", "assignments", "submissions")


def upgrade() -> None:
    """What was typed beside the file in graded attempts is there; what only the file said is not known."""
    op.create_table(
        "first_predictions",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", TIME, nullable=False),
        sa.Column("right", sa.Boolean()),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=f"fk_first_predictions_{column}_{other}", ondelete="CASCADE"
            )
            for column, other in zip(NAMED, OTHERS, strict=True)
        ),
        sa.PrimaryKeyConstraint("user_id", "assignment_id", "name", name="pk_first_predictions"),
    )
    for column in ("assignment_id", "submission_id"):
        op.create_index(f"ix_first_predictions_{column}", "first_predictions", [column])
    _fill()


def _fill() -> None:
    """From the earliest attempt with a verdict that answers. An answer's check has its name, with ``-``."""
    connection = op.get_bind()
    kept = ("user_id", "assignment_id", "name", "submission_id", "attempt", "check_id", "text", "right")
    table = sa.table("first_predictions", *map(sa.column, kept), sa.column("said_at", TIME))
    read = ("id", "user_id", "assignment_id", "attempt", "judging_id")
    attempts = sa.table(
        "submissions",
        *map(sa.column, read),
        sa.column("predictions", sa.JSON()),
        sa.column("created_at", TIME),
    )
    results = sa.table("check_results", *map(sa.column, ("judging_id", "check_id", "verdict")))
    earliest: dict[tuple[int, int, str], dict[str, Any]] = {}
    wanted = sa.select(attempts).where(attempts.c.judging_id.is_not(None)).order_by(attempts.c.attempt)
    for row in connection.execute(wanted).mappings():
        for name, text in row["predictions"].items():
            key = row["user_id"], row["assignment_id"], name
            if text.strip() and len(name) <= 64 and key not in earliest:
                earliest[key] = {
                    "user_id": key[0], "assignment_id": key[1], "name": name, "submission_id": row["id"],
                    "attempt": row["attempt"], "check_id": name.replace("_", "-").lower(),
                    "text": text[:LONGEST], "said_at": row["created_at"], "judging_id": row["judging_id"],
                }  # fmt: skip
    rows = list(earliest.values())
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        of_these = results.c.judging_id.in_({row["judging_id"] for row in some})
        verdicts = {(a, b): c for a, b, c in connection.execute(sa.select(results).where(of_these))}
        for each in some:
            verdict = verdicts.get((each.pop("judging_id"), each["check_id"]))
            each["right"] = verdict == "passed" if verdict in ("passed", "failed") else None
        connection.execute(table.insert(), some)


def downgrade() -> None:
    """First predictions go; the attempts that they are of stay."""
    op.drop_table("first_predictions")
