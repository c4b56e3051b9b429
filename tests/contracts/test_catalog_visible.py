"""Does every read obey the one predicate, on both stores? (A stand-in hides the domain `secret`.)"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from hidden_mesh import (
    HIDDEN,
    SHOWN,
    filled,
    half_hidden,
    modules,
)
from hidden_reads import READS
from remembered import ANNA

from catalog.database import Database
from catalog.lineage import Lineage
from catalog.products import Products
from catalog.search import Search
from engine.model import Principal

__all__ = ["filled", "half_hidden"]

#: these begin a unit of work, which writes
WRITING = {"Database.work", "UnitOfWork.__init__"}


def _for_somebody() -> Iterator[str]:
    """Every public function and method of the catalog that is called for a principal."""
    for module in modules():
        for name, one in vars(module).items():
            if getattr(one, "__module__", "") != module.__name__ or name.startswith("_"):
                continue
            parts = (
                {f"{name}.{part}": value for part, value in vars(one).items()} if inspect.isclass(one) else {name: one}
            )
            for called, value in parts.items():
                private = called.rpartition(".")[2].startswith("_") and not called.endswith("__init__")
                if inspect.isfunction(value) and not private and "principal" in inspect.signature(value).parameters:
                    yield called


def test_every_read_of_the_catalog_is_in_the_table() -> None:
    builders = {"visible", "ranked", "candidates", "counted", "found", "columns_said"}  # they make statements
    builders |= {"readings", "reached", "meaning", "beyond"}
    builders |= {"holds", "strung", "trust", "grade", "shown_grade", "compliance"}
    assert set(_for_somebody()) - builders - WRITING == {name.partition(" ")[0] for name in READS}


def test_what_is_hidden_reads_as_if_it_had_never_been_stored(half_hidden: Database) -> None:
    assert [name for name, read in READS.items() if read(half_hidden)] == []


def test_the_same_reads_see_it_where_nothing_is_hidden(filled: Database) -> None:
    assert [name for name, read in READS.items() if not read(filled)] == []


def test_totals_and_lineage_of_what_is_shown_do_not_leak(half_hidden: Database) -> None:
    search = Search(half_hidden)
    assert [search.page(query, principal=ANNA).total for query in ("", "example", "hidden")] == [1, 1, 0]
    assert [(f.values, f.other_count) for f in search.facets("", principal=ANNA, fields=["domain"])] == [
        ((("sales", 1),), 0)
    ]
    graph = Lineage(half_hidden).around(SHOWN.fqn, principal=ANNA)
    assert [(node.kind, node.id) for node in graph.nodes] == [
        ("product", SHOWN.id),
        ("dangling", f"{HIDDEN.fqn}:outputports:x"),
    ]
    assert [one.name for one in Products(half_hidden).page(principal=Principal("ben")).items] == ["shown"]
