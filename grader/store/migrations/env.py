"""Environment of Alembic, run for each upgrade or downgrade, on the connection it is handed."""

from __future__ import annotations

from alembic import context

from grader.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can alter little: tables are rebuilt instead.
    render_as_batch=True,
    # All or nothing: SQLite, too, can roll back the making of a table.
    transactional_ddl=True,
)
context.run_migrations()
