"""Which tables does the catalog have? (Rows without behaviour; this module knows them all.)"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import MetaData

from catalog.tables.row import Row


def known_tables() -> MetaData:
    """The tables of every module of this room."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return Row.metadata
