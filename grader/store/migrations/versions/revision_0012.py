"""Lanes of the queue; since when a submission waits; when a judging came to which phase."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
INDEX = "ix_submissions_state_{}_user_id_created_at_not_before"
SERVED = "ix_submissions_user_id_{}started_at"
COLUMNS = ("user_id", "created_at", "not_before")
INTERACTIVE, REGRADE = 0, 2
PHASES = ("queued_at", "claimed_at", "ran_at", "judged_at")


def upgrade() -> None:
    """What was graded anew is in the lowest lane; everything was queued when it was handed in."""
    op.drop_index(INDEX.format("regrading"), "submissions")
    op.drop_index(SERVED.format(""), "submissions")
    with op.batch_alter_table("submissions") as table:
        table.add_column(
            sa.Column("lane", sa.SmallInteger(), nullable=False, server_default=str(INTERACTIVE))
        )
        table.add_column(sa.Column("queued_at", TIME))
    rows = sa.table("submissions", *map(sa.column, ("queued_at", "created_at", "lane", "regrading")))
    lane = sa.case((rows.c.regrading, REGRADE), else_=INTERACTIVE)
    op.execute(sa.update(rows).values(queued_at=rows.c.created_at, lane=lane))
    with op.batch_alter_table("submissions") as table:
        table.alter_column("lane", existing_type=sa.SmallInteger(), server_default=None)
        table.alter_column("queued_at", existing_type=TIME, nullable=False)
        table.drop_column("regrading")
    op.create_index(INDEX.format("lane"), "submissions", ["state", "lane", *COLUMNS])
    op.create_index(SERVED.format("lane_"), "submissions", ["user_id", "lane", "started_at"])
    with op.batch_alter_table("judgings") as table:
        for name in PHASES:
            table.add_column(sa.Column(name, TIME))


def downgrade() -> None:
    """As it was before: what is in a lane below the first waits behind everything. The times are lost."""
    with op.batch_alter_table("judgings") as table:
        for name in reversed(PHASES):
            table.drop_column(name)
    op.drop_index(INDEX.format("lane"), "submissions")
    op.drop_index(SERVED.format("lane_"), "submissions")
    with op.batch_alter_table("submissions") as table:
        table.add_column(sa.Column("regrading", sa.Boolean(), nullable=False, server_default=sa.false()))
    rows = sa.table("submissions", *map(sa.column, ("lane", "regrading", "state")))
    op.execute(
        sa.update(rows).values(
            regrading=sa.and_(rows.c.lane > INTERACTIVE, rows.c.state.in_(("queued", "running")))
        )
    )
    with op.batch_alter_table("submissions") as table:
        table.alter_column("regrading", existing_type=sa.Boolean(), server_default=None)
        table.drop_column("lane")
        table.drop_column("queued_at")
    op.create_index(INDEX.format("regrading"), "submissions", ["state", "regrading", *COLUMNS])
    op.create_index(SERVED.format(""), "submissions", ["user_id", "started_at"])
