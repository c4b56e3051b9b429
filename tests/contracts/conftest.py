"""The stores that contracts of the catalog run on."""

from remembered import database, postgresql_catalog, postgresql_template, sqlite_catalog, sqlite_template

__all__ = ["database", "postgresql_catalog", "postgresql_template", "sqlite_catalog", "sqlite_template"]
