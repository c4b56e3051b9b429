"""What does Alembic do when it is run? (It loads this file by path.)"""

from __future__ import annotations

from alembic import context

from catalog.tables import known_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=known_tables(),
    transactional_ddl=False,  # the caller's transaction holds all steps, also on SQLite
)
context.run_migrations()
