"""Workers: which processes grade, and when each was seen last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Whoever grades writes itself down when it starts."""
    op.create_table(
        "workers",
        sa.Column("name", sa.String(112), nullable=False),
        sa.Column("host", sa.String(64), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("grader", sa.String(32)),
        sa.Column("torch", sa.String(32)),
        sa.Column("numpy", sa.String(32)),
        sa.Column("cpu", sa.String(128)),
        sa.Column("isolation", sa.String(16)),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )


def downgrade() -> None:
    """Rows of a worker that dies come back when their lease has run out, as before."""
    op.drop_table("workers")
