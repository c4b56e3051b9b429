"""How many statements does each operation send, however large its page?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import remembered
from psycopg.pq import PipelineStatus
from remembered import ANNA, accept, identity, sent
from sqlalchemy import event, text

from catalog.changes import Changes
from catalog.database import Database
from catalog.decisions import Decisions
from catalog.lineage import Lineage
from catalog.products import Products
from catalog.search import Search
from catalog.search.completion import Completions
from catalog.search.facets import COUNTED
from catalog.search.where import Every, Is, Not, Operator, Says

WHERE = Every(
    (Is("domain", Operator.EQ, ("sales",)), Not(Says("nowhere")), Is("name", Operator.CONTAINS, ("product",)))
)

READS: dict[str, Callable[[Database, int], Any]] = {
    "search": lambda d, n: Search(d).page("product", first=n, principal=ANNA).items,
    "filtered search": lambda d, n: Search(d).page("product tag:x", where=WHERE, first=n, principal=ANNA).items,
    "completions": lambda d, n: Completions(d).complete("p", first=n, principal=ANNA),
    "products": lambda d, n: Products(d).page(first=n, principal=ANNA).items,
    "changes": lambda d, n: Changes(d).after(limit=n, principal=ANNA),
    "upstream": lambda d, n: Lineage(d).upstream(_ids(n), principal=ANNA),
    "downstream": lambda d, n: Lineage(d).downstream(_ids(n), principal=ANNA),
    "ports": lambda d, n: Products(d).ports_of([f"{number}" for number in range(n)], principal=ANNA),
    "decisions": lambda d, n: Decisions(d).found([f"{number}" for number in range(n)], principal=ANNA),
}


def _ids(count: int) -> list[str]:
    return [identity(f"product{number}").id for number in range(count)]


def test_a_page_is_one_statement_whatever_its_size(database: Database) -> None:
    for number in range(6):
        accept(database, name=f"product{number}")
    for name, read in READS.items():
        for size in (1, 6):
            with sent(database) as statements:
                read(database, size)
            assert (name, size, len(statements)) == (name, size, 1)


def test_why_hits_matched_what_they_share_and_what_was_meant_are_two_statements_each(database: Database) -> None:
    for number in range(6):
        accept(database, name=f"product{number}")
    search = Search(database)
    for size in (1, 6):
        found = [hit.product for hit in search.page("product", first=size, principal=ANNA).items]
        with sent(database) as statements:
            assert len(search.matches("product", found, principal=ANNA)) == size
        assert len(statements) == 2
        with sent(database) as statements:
            assert len(search.facets("product domain:sales", principal=ANNA, top=size)) == len(COUNTED)
        assert len(statements) == 2
    for words in ("product7", "prodcut1 exmaple"):
        with sent(database) as statements:
            search.corrections(words, principal=ANNA)
        assert len(statements) == 2


@pytest.mark.parametrize("ports", [1, 30])
def test_accepting_sends_the_same_few_statements_for_any_number_of_ports(database: Database, ports: int) -> None:
    accept(database, name="warm")
    names = [f"p{number}" for number in range(ports)]
    columns = {name: [{"name": f"c{number}"} for number in range(ports)] for name in names}
    descriptor = remembered.product(outputs=names, columns=columns)
    with sent(database) as statements:
        accept(database, descriptor)
    assert len(statements) <= 23, statements


def test_accepting_waits_for_postgresql_only_where_it_reads(postgresql_catalog: Database) -> None:
    accept(postgresql_catalog, name="warm")
    waited: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if cursor.connection.pgconn.pipeline_status == PipelineStatus.OFF:
            waited.append(statement.partition(" ")[0])

    event.listen(postgresql_catalog.bind, "before_cursor_execute", note)
    try:
        accept(postgresql_catalog)
    finally:
        event.remove(postgresql_catalog.bind, "before_cursor_execute", note)
    assert waited == ["SELECT"] * 4  # the version, the head, the version while it is held, its line


def test_a_connection_just_used_is_not_asked_again_but_a_lost_one_is_replaced(postgresql_catalog: Database) -> None:
    products = Products(postgresql_catalog)
    products.page(principal=ANNA)
    with sent(postgresql_catalog) as statements, counted_pings(postgresql_catalog) as pings:
        products.page(principal=ANNA)
    assert (len(statements), pings) == (1, [])
    with postgresql_catalog.reading() as one, postgresql_catalog.reading() as other:
        mine = one.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(text("SELECT pg_terminate_backend(:mine, 10000)"), {"mine": mine})
    with counted_pings(postgresql_catalog) as pings:
        assert [products.page(principal=ANNA).items for _ in range(3)] == [(), (), ()]
    assert pings


@contextmanager
def counted_pings(database: Database) -> Iterator[list[Any]]:
    """Each connection that was asked whether it still works."""
    pings: list[Any] = []
    ask = database.bind.dialect.do_ping
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database.bind.dialect, "do_ping", lambda one: (pings.append(one), ask(one))[1])
        yield pings
