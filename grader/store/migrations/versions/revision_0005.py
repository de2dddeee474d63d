"""Drafts have versions, and what a draft replaced is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column that is empty for the drafts that are there, and a table."""
    with op.batch_alter_table("drafts") as drafts:
        drafts.add_column(sa.Column("version", sa.String(36)))
    op.create_table(
        "replaced_drafts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("predictions", sa.JSON(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_replaced_drafts_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name="fk_replaced_drafts_assignment_id_assignments",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_replaced_drafts"),
    )
    op.create_index(
        "ix_replaced_drafts_user_id_assignment_id", "replaced_drafts", ["user_id", "assignment_id"]
    )


def downgrade() -> None:
    """As it was before. Replaced drafts are lost."""
    op.drop_table("replaced_drafts")
    with op.batch_alter_table("drafts") as drafts:
        drafts.drop_column("version")
