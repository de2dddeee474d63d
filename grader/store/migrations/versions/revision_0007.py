"""Courses may be open to guests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No course that is there is open to guests."""
    with op.batch_alter_table("courses") as courses:
        courses.add_column(sa.Column("guests", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """As it was before. Which courses were open to guests is lost."""
    with op.batch_alter_table("courses") as courses:
        courses.drop_column("guests")
