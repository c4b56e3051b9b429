"""Does PostgreSQL plan a statement anew that was planned on the same connection a moment ago?"""

from __future__ import annotations

from remembered import ANNA, accept, asked, identity

from catalog.database import Database
from catalog.lineage.question import Direction, Question
from catalog.lineage.walk import Walks

ENOUGH = 6
"""After so many executions psycopg has a statement prepared (one more than its `prepare_threshold`)."""


def test_reading_a_snapshot_forgets_nothing_that_was_prepared(postgresql_catalog: Database) -> None:
    for _ in range(ENOUGH):
        with postgresql_catalog.snapshot() as connection:
            connection.exec_driver_sql("SELECT fqn FROM listing WHERE fqn = 'x'")
    with postgresql_catalog.snapshot() as connection:
        kept = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
    assert kept == ["SELECT fqn FROM listing WHERE fqn = 'x'"]


def test_a_walk_asks_in_the_same_words_however_much_it_meets(postgresql_catalog: Database) -> None:
    walks, fqns = Walks(postgresql_catalog), [identity(f"link{number}").fqn for number in range(5)]
    for number, source in enumerate(["", *fqns[:-1]]):
        reads = [("from", f"{source}:outputports:placed")] if source else []
        accept(postgresql_catalog, name=f"link{number}", reads=reads)
    words = []
    for depth in (1, 3):
        with asked(postgresql_catalog) as statements:
            met = walks.walk(Question((fqns[0],), Direction.BOTH, depth), principal=ANNA)
        assert len(met.nodes) == depth + 1
        words.append([statement for statement, _ in statements])
    assert words[0] == words[1]
