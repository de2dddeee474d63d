"""Variants: whether an assignment gives each student numbers of their own; which a submission is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there is about the authored numbers, and so is what follows until somebody says otherwise."""
    for name, kind, usual in (("assignments", sa.Boolean(), sa.false()), ("submissions", sa.Integer(), "0")):
        column = "variants" if name == "assignments" else "variant"
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column(column, kind, nullable=False, server_default=usual))
        # The default was for the rows that are there.
        with op.batch_alter_table(name) as table:
            table.alter_column(column, existing_type=kind, server_default=None)


def downgrade() -> None:
    """As it was before: which numbers a submission was about is lost."""
    with op.batch_alter_table("submissions") as table:
        table.drop_column("variant")
    with op.batch_alter_table("assignments") as table:
        table.drop_column("variants")
