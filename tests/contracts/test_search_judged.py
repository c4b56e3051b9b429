"""Do people find what they look for? (Judged queries over a made-up mesh, the same on both stores.)"""

from __future__ import annotations

import pytest
from judged_mesh import JUDGED, MESH, TYPOS, stored
from remembered import ANNA, identity

from catalog.database import Database
from catalog.search import Search

#: over the first ten hits of every judged query, and over the first proposal for every typing error
PRECISION, RECALL, CORRECTED = 0.95, 1.0, 0.95


@pytest.fixture
def mesh(database: Database) -> Database:
    stored(database)
    return database


def names(database: Database, line: str) -> list[str]:
    return [hit.product.name for hit in Search(database).page(line, principal=ANNA, first=10).items]


def test_judged_queries_find_what_was_expected(mesh: Database, capsys: pytest.CaptureFixture[str]) -> None:
    found = {line: names(mesh, line) for line in JUDGED}
    precision = mean(share(found[line], expected) for line, expected in JUDGED.items())
    recall = mean(share(expected, found[line]) for line, expected in JUDGED.items())
    with capsys.disabled():
        print(f"\n{mesh.dialect}: {len(JUDGED)} judged queries, recall {recall:.3f}, precision {precision:.3f}")
    wrong = {line: found[line] for line, expected in JUDGED.items() if set(found[line]) != set(expected)}
    assert (len(JUDGED) >= 40, recall >= RECALL, precision >= PRECISION) == (True, True, True), wrong


def test_what_is_named_stands_first(mesh: Database) -> None:
    for one in MESH:
        assert names(mesh, one.name)[0] == one.name
        assert names(mesh, one.name.lower())[0] == one.name
        assert names(mesh, identity(one.name, one.version).fqn)[0] == one.name


def test_typing_errors_are_corrected(mesh: Database, capsys: pytest.CaptureFixture[str]) -> None:
    search = Search(mesh)
    proposed = {typed: search.corrections(typed, principal=ANNA) for typed in TYPOS}
    assert {typed: search.page(typed, principal=ANNA).total for typed in TYPOS} == dict.fromkeys(TYPOS, 0)
    first = mean(float(proposed[typed][:1] == (meant,)) for typed, meant in TYPOS.items())
    any_of = mean(float(meant in proposed[typed]) for typed, meant in TYPOS.items())
    with capsys.disabled():
        print(f"\n{mesh.dialect}: {len(TYPOS)} typing errors, {first:.3f} corrected at once, {any_of:.3f} among three")
    missed = {typed: proposed[typed] for typed, meant in TYPOS.items() if proposed[typed][:1] != (meant,)}
    assert (first >= CORRECTED, any_of) == (True, 1.0), missed
    for corrections in proposed.values():
        assert all(search.page(one, principal=ANNA).total for one in corrections)


def share(those: list[str], of: list[str]) -> float:
    """The part of those that is among these; all of nothing is 1."""
    return sum(one in of for one in those) / len(those) if those else 1.0


def mean(shares: object) -> float:
    listed = list(shares)  # type: ignore[call-overload]
    return float(sum(listed) / len(listed))
