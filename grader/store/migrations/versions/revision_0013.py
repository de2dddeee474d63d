"""A lane of the queue for what runs for long: nothing changes but what may stand in the column."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INTERACTIVE, LONG = 0, 3


def upgrade() -> None:
    """No row is in the new lane. An older grader, which could not read one that is, refuses the schema."""


def downgrade() -> None:
    """What is in the new lane is back in the first, where it began."""
    rows = sa.table("submissions", sa.column("lane"))
    op.execute(sa.update(rows).where(rows.c.lane == LONG).values(lane=INTERACTIVE))
