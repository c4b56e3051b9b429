"""Is a catalog that was loaded from a stream the one that the stream was exported from, on both stores and across?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from changing_mesh import Mesh
from lived import later, lived

from api.auth.permissions import LOCAL
from catalog.chain import verify
from catalog.database import Database
from catalog.stream.framing import Written, header
from catalog.stream.load import load
from catalog.stream.told import Told
from catalog.tables import known_tables

#: not of the mesh but of one installation, or counted by each store in its own way
ELSEWHERE = {
    *("idempotency", "subscription", "opa", "opa_decision", "answer", "worker_lease", "origin"),
    *("container", "deployment", "deployment_plan", "resource", "rescan_batch"),
}
NUMBERS = {
    **{"version_status": ("id",), "active_release": ("position",), "trait": ("id",)},
    **{table: ("number",) for table in ("listing", "waiver", "suspension", "standing")},
}


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Mesh, Any]]:
    """A catalog with a past."""
    flags = {}
    if request.param == "postgresql":
        flags["database_url"] = request.getfixturevalue("postgresql_url")
    (tmp_path / "source").mkdir()
    with ExitStack() as stack:
        mesh = Mesh(tmp_path / "source", stack, flags)
        yield mesh, lived(mesh)


def streamed(database: Database, after: int = 0) -> bytes:
    told, written = Told(database, principal=LOCAL, after=after), Written()
    begun = written.line(header(told.start, complete=True))
    return b"".join([begun, *map(written.line, told), written.end(told.reached)])


def held(database: Database) -> dict[str, list[Any]]:
    """Every row of the mesh, without the numbers that a store counts by itself."""
    found = {}
    with database.reading() as connection:
        for table in known_tables().sorted_tables:
            if table.name not in ELSEWHERE:
                rows = connection.execute(table.select()).mappings()
                found[table.name] = _named(table.name, rows, found)
        found["search_text"] = _searched(connection)
    return found


def _named(name: str, rows: Any, found: dict[str, Any]) -> list[Any]:
    return sorted((tuple(v for k, v in row.items() if k not in NUMBERS.get(name, ())) for row in rows), key=repr)


def _searched(connection: Any) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM search_text").scalar_one())


def test_a_loaded_catalog_holds_what_its_source_holds(source: tuple[Mesh, Any], database: Database) -> None:
    _, house = source
    stream = streamed(house.database)
    loaded = load(database, io.BytesIO(stream))
    assert {"decision", "version", "change", "release", "standing", "standing-ended", "rescan", "link"} == set(loaded.lines)
    there, here = held(house.database), held(database)
    for one in (there, here):
        one.pop("listing_trait"), one.pop("listing_text")
    assert here == there
    assert verify(database).faults == ()
    assert streamed(database) == stream
