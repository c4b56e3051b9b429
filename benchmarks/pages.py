"""What does a GraphQL page over HTTP cost beside its own SQL statements and an empty route, and a walk of lineage?"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from sqlalchemy import event

from api.auth.permissions import LOCAL
from benchmarks import catalogs, lineage
from benchmarks.meshes import Size, products
from benchmarks.serving import got, meshgate, posted, served
from benchmarks.timing import Row, Work, milliseconds, timed
from catalog.database import Database
from catalog.products import LISTED, Products
from catalog.search import Search
from catalog.search.query import analysed
from catalog.search.statement import ranked, values

PRODUCTS = 10_000
MATCHES = 500
SIZE = Size(ports=5, columns=2, words=12)
TARGETS = {"A": {"SQLite": 2.0, "PostgreSQL": 1.5}, "B": {"SQLite": 4.0, "PostgreSQL": 3.0}}
FACETS = ("domain", "status", "owner", "tag", "platform")
PAGE = (
    "query Page($words: String!) { search(query: $words, first: 50) { edges { node { fqn name version domain%s } } } }"
)
WHOLE = """query Page($words: String!) { search(query: $words, first: 50) {
  total { value exact } pageInfo { hasNextPage endCursor } hints { term says line }
  edges { match field node {
    id fqn namespace name major version status domain displayName description owner tags digest acceptedAt
  } } } }"""
PORTS = " ports(first: 5, kinds: [OUTPUTPORT]) { edges { node { name version platform description } } }"
EMPTY = """
import uvicorn, socket, sys
from fastapi import FastAPI
app = FastAPI()
@app.post("/")
async def empty() -> dict[str, str]:
    return {}
listener = socket.create_server(("127.0.0.1", 0))
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print("serving http://127.0.0.1:%d" % listener.getsockname()[1], file=sys.stderr, flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
"""


def rows() -> Iterator[Row]:
    """The same catalog on each store: filled once, and copied."""
    with ExitStack() as stack:
        source = ""
        for store, make in catalogs.STORES.items():
            url = stack.enter_context(make())
            database = stack.enter_context(catalogs.opened(url))
            begun = time.perf_counter()
            if source:
                catalogs.copied(source, url)
            else:
                catalogs.filled(database, PRODUCTS, size=SIZE)
            told = f"{'copying' if source else 'filling'} {PRODUCTS} products, {store}"
            yield Row(told, time.perf_counter() - begun, unit=" s")
            source = source or url
            yield from _of_store(store, url, database)


def _of_store(store: str, url: str, database: Database) -> Iterator[Row]:
    words, matches = _middling_word(database)
    yield _facets(database, words, store, matches)
    with meshgate(database_url=url) as page, served([sys.executable, "-c", EMPTY]) as empty:
        yield _as_rest(page, words, store, matches)
        for name, body in _bodies(words).items():
            statements = _replayed(database, _statements(database, words, ports=name == "B"))
            works = {"page": posted(page, "/graphql", body), "empty": posted(empty, "/", b"{}")}
            yield _row(name, store, {**works, "statements": statements}, matches)
        yield from lineage.measured(database, page, empty, store)


def _facets(database: Database, words: str, store: str, matches: int) -> Row:
    """Counting the hits and five facets of them, beside finding the best 50: ids and sort keys alone.

    The statement of the facets counts the hits too.
    """
    search, asked = Search(database), analysed(words)
    ids = ranked(database.dialect, LOCAL, browse=False, resumed=False).with_only_columns(LISTED[0])
    given = values(asked, database.dialect)

    def read() -> object:
        with database.reading() as connection:
            return connection.execute(ids, {**given, "count": 51}).all()

    def counted() -> object:
        return search.facets(words, fields=FACETS, principal=LOCAL)

    times = timed({"facets and total": counted, "ranked ids": read}, rounds=21, runs=20, warm_up=20)
    note = ", ".join(f"{work} {milliseconds(times.median(work))}" for work in times.rounds)
    ratio = times.ratio("facets and total", "ranked ids")
    return Row(f"facets and total / ranked ids, {store}", ratio, 1.5, note=f"{note}; {matches} matches")


def _as_rest(url: str, words: str, store: str, matches: int) -> Row:
    """The page of 50 hits with everything that REST tells of them, through both doors of one server."""
    body = json.dumps({"query": WHOLE, "variables": {"words": words}}).encode()
    works = {"GraphQL": posted(url, "/graphql", body), "REST": got(url, f"/v1/products?query={words}&first=50")}
    times = timed(works, rounds=21, runs=20, warm_up=20)
    note = ", ".join(f"{work} {milliseconds(times.median(work))}" for work in works)
    ratio = times.ratio("GraphQL", "REST")
    return Row(f"GraphQL page / the same page as REST, {store}", ratio, 2.0, note=f"{note}; {matches} matches")


def _bodies(words: str) -> dict[str, bytes]:
    """A: the top 50 of a search with 4 fields each. B: that with the 5 output ports of each, 4 fields each."""
    asked = {"A": PAGE % "", "B": PAGE % PORTS}
    return {name: json.dumps({"query": query, "variables": {"words": words}}).encode() for name, query in asked.items()}


def _row(name: str, store: str, works: dict[str, Work], matches: int) -> Row:
    times = timed(works, rounds=21, runs=20, warm_up=20)
    note = ", ".join(f"{work} {milliseconds(times.median(work))}" for work in works)
    return Row(
        f"GraphQL page {name} / (its statements + empty route), {store}",
        times.ratio("page", "statements", "empty"),
        TARGETS[name][store],
        note=f"{note}; {matches} matches",
    )


def _middling_word(database: Database) -> tuple[str, int]:
    """The commonest word that at most `MATCHES` products have anywhere, and how many have it: no head term."""
    counts: Counter[str] = Counter()
    for descriptor in products(PRODUCTS, size=SIZE):
        counts.update(set(descriptor["info"]["description"].lower().rstrip(".").split()))
    for word, _ in counts.most_common():
        matches = Search(database).page(word, principal=LOCAL, first=1).total
        if matches <= MATCHES:
            return word, matches
    raise AssertionError("every word is a head term")


def _statements(database: Database, words: str, *, ports: bool) -> list[tuple[str, Any]]:
    """Exactly the statements of that page, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        if statement != "BEGIN":
            seen.append((statement, parameters))

    event.listen(database.bind, "before_cursor_execute", note)
    page = Search(database).page(words, principal=LOCAL, first=50)
    if ports:
        Products(database).ports_of([hit.product.version_id for hit in page.items], principal=LOCAL)
    event.remove(database.bind, "before_cursor_execute", note)
    return seen


def _replayed(database: Database, statements: list[tuple[str, Any]]) -> Work:
    """The statements through the bare driver, on one open connection."""
    connection = database.bind.raw_connection()
    cursor = connection.cursor()

    def asked() -> None:
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            cursor.fetchall()

    return asked
