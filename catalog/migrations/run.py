"""How are the migrations run inside a transaction that is already open?"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from catalog.migrations import FOLDER


def settings(connection: Connection | None = None) -> Config:
    """What Alembic needs to know, without an ini file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgraded(connection: Connection, to: str = "head") -> None:
    """Run the missing steps on this connection; the caller commits."""
    command.upgrade(settings(connection), to)


def downgraded(connection: Connection, to: str) -> None:
    """Undo the steps above `to` (`base`: all) on this connection; the caller commits."""
    command.downgrade(settings(connection), to)
