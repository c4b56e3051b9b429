"""What does it cost to look at many containers: how many statements, and how much time, for each of them?

Containers are written as deployments leave them, three resources each; their adapter answers at once, as if it were no
work at all, so that what is measured is what meshgate adds. The target is that ten thousand are looked at within the
five minutes that are the default interval, by one process.
"""

from __future__ import annotations

import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import event, func, insert, select, update

from api.settings import read
from api.wiring import House
from benchmarks import catalogs
from benchmarks.timing import Row
from catalog import looks
from catalog.deployable import VERSION
from catalog.deployments import CONTAINER, DEPLOYMENT
from catalog.looks import LOOK
from catalog.resource_book import RESOURCE
from engine.model import Json
from engine.provision.registry import Factory, Registry

FEW, MANY = 500, 10_000
INTERVAL = 300.0
ADAPTER = "still"
PARTS = ("store", "fill", "placed")
STATEMENTS = 1.0
"""Statements for each container at most: what is as it was is read, claimed and let go of in batches."""


class Still:
    """An adapter that answers at once that everything is as it was."""

    def __init__(self, config: Any) -> None:
        pass

    def info(self) -> dict[str, Json]:
        can = {"plan": True, "observe": True, "access": False, "cancel": False, "adopt": False, "async": False}
        return {"name": ADAPTER, "version": "1", "contract": "upp/1", "capabilities": can, "matches": []}

    def observe(self, ref: dict[str, Json]) -> dict[str, Json]:
        return {"state": "present", "generation": 1, "fingerprint": "f", "outputs": {}}


def rows() -> Iterator[Row]:
    """Both stores; with `--long` ten thousand containers."""
    count = MANY if "--long" in sys.argv else FEW
    for name, store in (("SQLite", catalogs.sqlite), ("PostgreSQL", catalogs.postgresql)):
        with tempfile.TemporaryDirectory() as folder, store() as url:
            yield from _of(name, url, Path(folder), count)


def _of(store: str, url: str, folder: Path, count: int) -> Iterator[Row]:
    settings = read({"database_url": url, "data_dir": str(folder)}, environ={}, folder=folder)
    with House(settings) as house:
        house.database.upgrade()
        _filled(house, count)
        vars(house)["registry"] = Registry({ADAPTER: lambda: cast(Factory, Still)})
        with _counted(house) as sent:
            begun = time.perf_counter()
            while house.observer.once() or _left(house):
                pass
            seconds = time.perf_counter() - begun
        with house.database.reading() as connection:
            sure = (LOOK.c.observed_at.is_not(None), LOOK.c.missed == 0)
            seen = connection.execute(select(func.count()).where(*sure)).scalar_one()
        assert seen == count, f"{seen} of {count} were observed"
    note = f"{seconds / count * 1000:.2f} ms for each of {count:,} containers of {len(PARTS)} resources"
    yield Row(
        f"{count:,} containers observed / the interval of 10,000, {store}", seconds * MANY / count / INTERVAL, 1.0
    )
    yield Row(f"statements for each container, {store}", len(sent) / count, STATEMENTS, unit="", note=note)


def _left(house: House) -> bool:
    with house.database.reading() as connection:
        return connection.execute(select(LOOK.c.container_id).where(LOOK.c.observed_at.is_(None))).first() is not None


@contextmanager
def _counted(house: House) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []
    engine = house.database.bind

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _filled(house: House, count: int) -> None:
    """So many containers of one product, told apart by their major; all of them are due."""
    catalogs.filled(house.database, 1)
    with house.database.writing() as connection:
        version = dict(connection.execute(select(VERSION)).mappings().one())
        numbers = range(1, count + 1)
        connection.execute(insert(CONTAINER), [_container(one, version) for one in numbers])
        connection.execute(insert(DEPLOYMENT), [_deployment(one, version) for one in numbers])
        connection.execute(insert(RESOURCE), [_resource(one, part) for one in numbers for part in PARTS])
        for number in numbers:
            looks.begin(connection, _id(number), "dev")
        connection.execute(update(LOOK).values(look_at=0.0))
        connection.commit()


def _container(number: int, version: Mapping[str, Any]) -> dict[str, Json]:
    about = {name: version[name] for name in ("product_id", "line_id", "domain", "version", "digest")}
    facts = {"status": "active", "usable": True, "in_sync": True, "reason": "", "generation": 1}
    named = {"id": _id(number), "fqn": f"urn:{number}", "name": "orders", "major": number, "environment": "dev"}
    return {**about, **facts, **named, "deployment_id": _id(-number), **_BEGUN}


def _deployment(number: int, version: Mapping[str, Any]) -> dict[str, Json]:
    about = {"version_id": version["id"], "version": version["version"], "digest": version["digest"]}
    done = {"action": "deploy", "state": "succeeded", "reason": "", "error_class": "", "generation": 1}
    asked = {"rollback": False, "data_policy": "retain", "decision_id": version["decision_id"], "cause": "request"}
    named = {"id": _id(-number), "container_id": _id(number), "fqn": f"urn:{number}", "environment": "dev"}
    return {**about, **done, **asked, **named, "requested_at": _BEGUN["at"], **_BEGUN}


def _resource(number: int, part: str) -> dict[str, Json]:
    component = {"kind": "infrastructure", "name": part, "fqn": f"urn:{number}:{part}"}
    container = {"id": _id(number), "product": f"urn:{number}", "domain": "sales", "name": "orders", "major": 1}
    request = {"resource_id": str(uuid.uuid4()), "generation": 1, "environment": "dev", "component": component}
    request |= {"container": {**container, "version": "1.0.0"}, "definition": {}, "resolved": {}, "config": {}}
    made = {"adapter": ADAPTER, "state": "ready", "generation": 1, "specification": "s", "fingerprint": "f"}
    rest = {"outputs": {}, "reason": "", "error_class": "", "deployment_id": _id(-number), "position": 0}
    told = {name: component[name] for name in ("fqn", "kind", "name")}
    named = {"container_id": _id(number), "resource_id": request["resource_id"], "request": request}
    return {**made, **rest, **told, **named, "at": _BEGUN["at"], "from_revision": 1}


def _id(number: int) -> str:
    """That of a container; of its deployment, for the number below zero."""
    return str(uuid.UUID(int=number % 2**128))


_BEGUN: dict[str, Any] = {"at": datetime(2026, 11, 23, tzinfo=UTC), "from_revision": 1, "principal": "benchmark"}
