"""What a student's pages need: drafts, pictures, invitations, time zones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables, and two columns beside what there is."""
    op.create_table(
        "drafts",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("predictions", sa.JSON(), nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_drafts_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name="fk_drafts_assignment_id_assignments",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "assignment_id", name="pk_drafts"),
    )
    op.create_table(
        "pictures",
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_pictures_submission_id_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_pictures"),
    )
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("timezone", sa.String(64)))
    with op.batch_alter_table("courses") as courses:
        courses.add_column(sa.Column("join_code", sa.String(32)))
        courses.create_unique_constraint("uq_courses_join_code", ["join_code"])


def downgrade() -> None:
    """As it was before."""
    with op.batch_alter_table("courses") as courses:
        courses.drop_constraint("uq_courses_join_code", type_="unique")
        courses.drop_column("join_code")
    with op.batch_alter_table("users") as users:
        users.drop_column("timezone")
    op.drop_table("pictures")
    op.drop_table("drafts")
