"""Which files were submitted as these versions?"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from catalog.among import among
from catalog.tables.product import PartRow
from catalog.tables.row import table_of
from engine.model import Part

PART = table_of(PartRow)
_OF = (
    select(PART.c.version_id, PART.c.path, PART.c.content)
    .where(among(PART.c.version_id, "versions"))
    .order_by(PART.c.version_id, PART.c.position)
)


def parts_on(connection: Connection, version_ids: Sequence[str]) -> dict[str, tuple[Part, ...]]:
    """The submitted files of each version, verbatim, in their order; one statement for all of them."""
    found: dict[str, list[Part]] = {id: [] for id in version_ids}
    for version_id, path, content in connection.execute(_OF, {"versions": list(version_ids)}):
        found[version_id].append(Part(path, content))
    return {id: tuple(some) for id, some in found.items()}
