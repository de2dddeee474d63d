"""Each source once, by its digest; reports that were kept although they are too large are thinned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LARGEST = 256 * 1024
"""Characters of a report."""
ROWS = 100
"""Read at once."""

submissions = sa.table(
    "submissions",
    sa.column("id", sa.String),
    sa.column("source", sa.LargeBinary),
    sa.column("source_digest", sa.String),
    sa.column("report", sa.Text),
    sa.column("thinned", sa.Boolean),
)
sources = sa.table("sources", sa.column("digest", sa.String), sa.column("data", sa.LargeBinary))


def upgrade() -> None:
    """A table of sources, filled from the rows; a column that says what became of a report."""
    op.create_table(
        "sources",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sources"),
    )
    op.add_column("submissions", sa.Column("source_digest", sa.String(64)))
    op.add_column(
        "submissions", sa.Column("thinned", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    connection = op.get_bind()
    kept: set[str] = set()
    for id_, source in _rows(submissions.c.source):
        digest = hashlib.sha256(source).hexdigest()
        if digest not in kept:
            kept.add(digest)
            connection.execute(sources.insert().values(digest=digest, data=source))
        connection.execute(submissions.update().where(submissions.c.id == id_).values(source_digest=digest))
    for id_, report in _rows(submissions.c.report, sa.func.length(submissions.c.report) > LARGEST):
        connection.execute(
            submissions.update().where(submissions.c.id == id_).values(report=_thin(report), thinned=True)
        )
    with op.batch_alter_table("submissions") as table:
        table.drop_column("source")
        table.alter_column("source_digest", existing_type=sa.String(64), nullable=False)
        table.alter_column("thinned", existing_type=sa.Boolean(), server_default=None)
        table.create_foreign_key(
            "fk_submissions_source_digest_sources", "sources", ["source_digest"], ["digest"]
        )
        table.create_index("ix_submissions_source_digest", ["source_digest"])
        table.create_index(
            "ix_submissions_assignment_id_user_id_thinned", ["assignment_id", "user_id", "thinned"]
        )


def downgrade() -> None:
    """Each row with its source again. What was thinned stays so."""
    op.add_column("submissions", sa.Column("source", sa.LargeBinary()))
    text = sa.select(sources.c.data).where(sources.c.digest == submissions.c.source_digest)
    op.get_bind().execute(submissions.update().values(source=text.scalar_subquery()))
    with op.batch_alter_table("submissions") as table:
        table.alter_column("source", existing_type=sa.LargeBinary(), nullable=False)
        table.drop_index("ix_submissions_source_digest")
        table.drop_index("ix_submissions_assignment_id_user_id_thinned")
        table.drop_constraint("fk_submissions_source_digest_sources", type_="foreignkey")
        table.drop_column("source_digest")
        table.drop_column("thinned")
    op.drop_table("sources")


def _rows(column: sa.ColumnClause[Any], *which: sa.ColumnElement[bool]) -> Iterator[Any]:
    """A column of all rows that have it, a few at a time: together they may be larger than the memory."""
    last = ""
    while True:
        wanted = sa.select(submissions.c.id, column).where(
            submissions.c.id > last, column.is_not(None), *which
        )
        rows = op.get_bind().execute(wanted.order_by(submissions.c.id).limit(ROWS)).all()
        yield from rows
        if len(rows) < ROWS:
            return
        last = rows[-1][0]


def _thin(text: str) -> str:
    """A report without all that was said beside the score and the verdicts."""
    report = json.loads(text)
    for check in report["checks"]:
        for name in ("message", "diagnosis", "counterexample"):
            check.pop(name, None)
    for name in ("stdout", "error", "notes", "pictures", "summary"):
        report.pop(name, None)
    report["thinned"] = True
    return json.dumps(report, ensure_ascii=False)
