"""Shared verdicts, judgings that are made twice, and the versions by which an assignment is judged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = (
    ("judgings", "numpy", sa.String(32)),
    ("judgings", "python", sa.String(32)),
    ("judgings", "cpu", sa.String(128)),
    ("judgings", "cached_from", sa.String(128)),
    ("assignments", "versions", sa.Text()),
    ("assignments", "refused", sa.String(80)),
    ("assignments", "refused_at", TIME),
)
"""All without a default: neither database rewrites a table of a million rows for them, nor to drop them."""
STATES = "'waiting', 'running', 'same', 'different', 'dropped'"


def upgrade() -> None:
    """Of older judgings it is not known; an assignment is pinned by the first verdict that follows."""
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))
    op.create_table(
        "verdicts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("judging_id", ID, nullable=False),
        sa.Column("last_used", TIME, nullable=False),
        _of_judging("verdicts"),
        sa.PrimaryKeyConstraint("key", name="pk_verdicts"),
    )
    for column in ("judging_id", "last_used"):
        op.create_index(f"ix_verdicts_{column}", "verdicts", [column])
    op.create_table(
        "shadows",
        sa.Column("judging_id", ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("wanted_at", TIME, nullable=False),
        sa.Column("taken_at", TIME),
        sa.Column("worker", sa.String(128)),
        sa.Column("cpu", sa.String(128)),
        sa.Column("differs", sa.JSON(), nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_shadows_state")),
        _of_judging("shadows"),
        sa.PrimaryKeyConstraint("judging_id", name="pk_shadows"),
    )
    op.create_index("ix_shadows_state_wanted_at", "shadows", ["state", "wanted_at"])


def _of_judging(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_judging_id_judgings"
    return sa.ForeignKeyConstraint(["judging_id"], ["judgings.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    """Verdicts stay; that some were shared, and by what they were judged besides torch, is lost."""
    op.drop_table("shadows")
    op.drop_table("verdicts")
    for table, name, _kind in reversed(COLUMNS):
        op.drop_column(table, name)
