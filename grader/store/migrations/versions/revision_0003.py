"""What brings back who forgot a password: addresses, one-time links; and the browser's time zone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One table, and two columns beside what there is."""
    op.create_table(
        "password_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer()),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("ended", TIME),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_password_links_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name="fk_password_links_course_id_courses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_password_links"),
        sa.UniqueConstraint("hash", name="uq_password_links_hash"),
    )
    op.create_index("ix_password_links_user_id", "password_links", ["user_id"])
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("browser_timezone", sa.String(64)))
        users.add_column(sa.Column("email", sa.String(254)))
        users.create_index("ix_users_email", ["email"])


def downgrade() -> None:
    """As it was before."""
    with op.batch_alter_table("users") as users:
        users.drop_index("ix_users_email")
        users.drop_column("email")
        users.drop_column("browser_timezone")
    op.drop_table("password_links")
