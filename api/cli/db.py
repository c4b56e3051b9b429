"""meshgate db: is the catalog's database ready for this meshgate?"""

from __future__ import annotations

from api.cli import options
from api.cli.options import Config, DatabaseUrl, DataDir


def upgrade(config: Config = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the catalog's database to the schema that this meshgate needs (by itself on SQLite)."""
    from api.wiring import House

    settings = options.settings(config, data_dir=data_dir, database_url=database_url)
    with House(settings) as house, house.owning_the_data():
        house.database.upgrade()
        print(f"{house.database.dialect}: the schema is up to date")
