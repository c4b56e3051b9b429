"""Do both stores give the same answer to whatever is asked, and is it what counting by hand gives?

A made-up mesh stands in both. Filters are judged a second time here, in plain Python over what was put in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from judged_mesh import DEPRECATED, JUDGED, MESH, SCORES, STATES, Made, stored
from make import NOW
from remembered import ANNA, identity
from semver import Version

from catalog.database import Database
from catalog.search import Search
from catalog.search.completion import KINDS, Completions
from catalog.search.facets import COUNTED
from catalog.search.statement import Order
from catalog.search.where import FIELDS, ORDERED, WITH_ORDER, Every, Is, Not, Operator, Says, Some, Where, without
from catalog.text.words import folded, sequence, tokens

Both = tuple[Database, Database]


@pytest.fixture
def both(sqlite_catalog: Database, postgresql_catalog: Database) -> Both:
    for database in (sqlite_catalog, postgresql_catalog):
        stored(database)
    return sqlite_catalog, postgresql_catalog


def known(one: Made) -> dict[str, set[str]]:
    """What can be compared of a product, in its own spelling."""
    value, grade = SCORES.get(one.name, (None, ""))
    columns = [told.partition(":") for listed in one.ports.values() for told in listed.split()]
    paths = {path for path, _, _ in columns}
    return {
        "name": {one.name, one.display_name},
        "fqn": {identity(one.name, one.version).fqn},
        "version": {one.version},
        "domain": {one.domain},
        "owner": {one.owner},
        "status": {"deprecated" if one.name in DEPRECATED else "active"},
        "tag": set(one.tags),
        "has": {*one.tags, *(tag for _, _, tag in columns if tag)},
        "platform": {one.platform},
        "specification": {"datastoreapi"},
        "port": set(one.ports),
        "column": paths | {path.rpartition(".")[2] for path in paths},
        "updated": {NOW.isoformat()},
        "trust": set() if value is None else {str(value)},
        "grade": {grade} if grade else set(),
        "compliance": {str(STATES.get(one.name, "compliant"))},
    }


def texts(one: Made) -> list[str]:
    facts = known(one)
    owned = [one.name, one.display_name, one.description, one.domain, one.owner, *facts["fqn"], *facts["has"]]
    return [*owned, *facts["port"], *(told.partition(":")[0] for all in one.ports.values() for told in all.split())]


KNOWN = {one.name: known(one) for one in MESH}
VALUE = {one.name: SCORES.get(one.name, (None, ""))[0] for one in MESH}
TEXTS = {one.name: texts(one) for one in MESH}
COMPARED: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda mine, asked: mine == asked,
    Operator.STARTS_WITH: lambda mine, asked: mine.startswith(asked),
    Operator.CONTAINS: lambda mine, asked: asked in mine,
    Operator.LT: lambda mine, asked: mine < asked,
    Operator.LTE: lambda mine, asked: mine <= asked,
    Operator.GT: lambda mine, asked: mine > asked,
    Operator.GTE: lambda mine, asked: mine >= asked,
}


def key(text: str) -> str:
    return folded(text.strip())


#: how a value of a field is read before it is compared; texts without case and accents
READ: Mapping[str, Callable[[str], Any]] = {
    "fqn": str,
    "version": Version.parse,
    "trust": float,
    "updated": datetime.fromisoformat,
    "grade": str.lower,
}


def judged(name: str, where: Where) -> bool:
    if isinstance(where, Not):
        return not judged(name, where.of)
    if isinstance(where, Every):
        return all(judged(name, part) for part in where.of)
    if isinstance(where, Some):
        return any(judged(name, part) for part in where.of)
    if isinstance(where, Is):
        compared, read = COMPARED[where.operator], READ.get(where.field, key)
        return any(compared(read(mine), read(asked)) for mine in KNOWN[name][where.field] for asked in where.values)
    if where.phrase:
        asked = sequence(where.text)
        return bool(asked) and any(stands(asked, sequence(text)) for text in TEXTS[name])
    asked = [set(tokens(word)) for word in where.text.split()]
    there = {token for text in TEXTS[name] for token in tokens(text)}
    return any(asked) and all(word <= there or raw(word, there) for word in asked)


def raw(word: set[str], there: set[str]) -> bool:
    """The whole word stands there, or all of its parts do."""
    longest = max(word, key=len, default="")
    return longest in there or (len(word) > 1 and word - {longest} <= there)


def stands(piece: list[str], whole: list[str]) -> bool:
    return any(whole[at : at + len(piece)] == piece for at in range(len(whole) - len(piece) + 1))


VALUES = {field: sorted({value for facts in KNOWN.values() for value in facts[field] if value}) for field in FIELDS}
WORDS = sorted({token for all in TEXTS.values() for text in all for token in tokens(text)})
ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TEXT_OPERATORS = (Operator.EQ, Operator.STARTS_WITH, Operator.CONTAINS)


def operators(field: str) -> tuple[Operator, ...]:
    if field in WITH_ORDER:
        return (Operator.EQ, *ORDERED)
    return TEXT_OPERATORS if field != "compliance" else (Operator.EQ,)


def condition(field: str) -> st.SearchStrategy[Where]:
    value = st.sampled_from(VALUES[field])
    if field in (*WITH_ORDER, "compliance"):
        asked = st.lists(value, min_size=1, max_size=2).map(tuple)
        return st.builds(Is, st.just(field), st.sampled_from(operators(field)), asked)
    piece = st.builds(
        lambda text, start, length: text[start : start + length], value, st.integers(0, 4), st.integers(1, 9)
    )
    if field == "fqn":
        return st.builds(
            Is, st.just(field), st.sampled_from(TEXT_OPERATORS), st.lists(value, min_size=1, max_size=2).map(tuple)
        )
    asked = st.lists(value | value.map(str.upper) | piece | piece | ODD, min_size=1, max_size=3).map(tuple)
    return st.builds(Is, st.just(field), st.sampled_from(TEXT_OPERATORS), asked)


LEAF = st.sampled_from(sorted(FIELDS)).flatmap(condition) | st.builds(
    Says, st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join), st.booleans()
)
TREE = st.recursive(
    LEAF,
    lambda parts: (
        st.builds(Not, parts)
        | st.lists(parts, max_size=3).map(lambda of: Every(tuple(of)))
        | st.lists(parts, max_size=3).map(lambda of: Some(tuple(of)))
    ),
    max_leaves=6,
)
TERM = (
    st.sampled_from(WORDS)
    | st.sampled_from(sorted(JUDGED))
    | st.builds(lambda field, value: f'{field}:"{value}"', st.sampled_from(sorted(FIELDS)), ODD)
    | st.builds(
        "{}{}".format, st.sampled_from(["-", '"', "-domain:", "has:", "tag:", "(", "NOT "]), st.sampled_from(WORDS)
    )
    | st.text(max_size=12)
)
LINE = st.lists(TERM, max_size=4).map(" ".join) | st.text(max_size=60)
#: any example takes a few statements on a server that may be busy
CAMPAIGN = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def answer(database: Database, line: str, where: Where | None = None) -> Any:
    """All that a search tells, so that it can be compared."""
    search = Search(database)
    pages = [page for order in Order for page in both_pages(search, line, where, order)]
    page, hits = pages[0], [(hit.product.fqn, hit.match, hit.field) for found in pages for hit in found.items]
    facets = search.facets(line, where=where, principal=ANNA, top=3)
    reasons = search.matches(line, [hit.product for hit in page.items], where=where, principal=ANNA)
    return (page.total, page.exact, hits, facets, dict(reasons), search.corrections(line, where=where, principal=ANNA))


def both_pages(search: Search, line: str, where: Where | None, order: Order) -> list[Any]:
    """The first seven hits in this order, and the rest."""
    asked = {"where": where, "order": order, "principal": ANNA}
    page = search.page(line, **asked, first=7)
    return [page, search.page(line, **asked, first=50, after=page.end_cursor)] if page.has_next_page else [page]


@CAMPAIGN
@given(line=LINE)
@example(line="\0\ud800 trip")
@example(line='col:x c++ foo-bar "')
@example(line="trip OR (order AND *) NEAR/2 ^x {a}: 'y' \\ % _ ; DROP TABLE listing --")
@example(line="domain:sales " * 900)
def test_any_line_has_the_same_answer_on_both_stores(both: Both, line: str) -> None:
    one, other = (answer(database, line) for database in both)
    assert one == other


@CAMPAIGN
@given(where=TREE, line=st.just("") | st.sampled_from(WORDS))
def test_any_filter_has_the_same_answer_on_both_stores(both: Both, where: Where, line: str) -> None:
    one, other = (answer(database, line, where) for database in both)
    assert one == other


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_operator_keeps_what_is_kept_by_hand(both: Both, field: str) -> None:
    pieces = [piece for value in VALUES[field] for piece in asked_for(field, value)]
    for operator in operators(field):
        for values in ((), *((piece,) for piece in pieces), tuple(pieces[:3])):
            where = Is(field, operator, values)
            kept = {one.name for one in MESH if judged(one.name, where)}
            for database in both:
                page = Search(database).page("", where=where, principal=ANNA, first=50)
                assert {hit.product.name for hit in page.items} == kept, where


def asked_for(field: str, value: str) -> list[str]:
    """The value itself, and where pieces may be asked for its start and its middle in another case."""
    return (
        [value]
        if operators(field) != TEXT_OPERATORS
        else [value, value[:3].upper() if field != "fqn" else value[:30], value[1:4]]
    )


@CAMPAIGN
@given(line=st.sampled_from(["", *sorted(JUDGED)]), first=st.integers(1, 9))
def test_the_most_trusted_come_first_on_every_page_and_then_the_best(both: Both, line: str, first: int) -> None:
    for database in both:
        search = Search(database)
        best = [hit.product.name for hit in search.page(line, principal=ANNA, first=50).items]
        known = sorted((name for name in best if VALUE[name] is not None), key=lambda name: -VALUE[name])
        found, after = [], None
        while len(found) <= len(best):
            page = search.page(line, order=Order.TRUST, principal=ANNA, first=first, after=after)
            found += [hit.product.name for hit in page.items]
            if not page.has_next_page:
                break
            after = page.end_cursor
        assert found == known + [name for name in best if VALUE[name] is None]
        assert page.total == len(best)


@CAMPAIGN
@given(where=TREE)
def test_a_filter_keeps_what_is_kept_by_hand_and_facets_count_it(both: Both, where: Where) -> None:
    search = Search(both[0])
    found = {hit.product.name for hit in search.page("", where=where, principal=ANNA, first=50).items}
    assert found == {one.name for one in MESH if judged(one.name, where)}
    for facet in search.facets("", where=where, principal=ANNA, top=1000):
        rest = without(where, facet.field)
        counts = Counter(key(v) for one in MESH if judged(one.name, rest) for v in KNOWN[one.name][facet.field])
        assert {key(value): count for value, count in facet.values} == counts
        assert (facet.other_values, facet.other_count, facet.exact) == (0, 0, True)


@CAMPAIGN
@given(field=st.sampled_from(COUNTED), line=st.sampled_from(sorted(JUDGED)), top=st.integers(1, 4))
def test_the_count_beside_a_value_is_the_total_of_asking_for_it(both: Both, field: str, line: str, top: int) -> None:
    search = Search(both[1])
    (facet,) = search.facets(line, principal=ANNA, fields=[field], top=top)
    (whole,) = search.facets(line, principal=ANNA, fields=[field], top=1000)
    assert (facet.values, facet.other_values) == (whole.values[:top], len(whole.values[top:]))
    assert facet.other_count == sum(count for _, count in whole.values[top:])
    bare = (
        " ".join(term for term in line.split() if not term.lstrip("-").startswith(f"{field}:"))
        if '"' not in line
        else line
    )
    if f"{field}:" not in bare:
        for value, count in facet.values:
            asked = Is(field, Operator.EQ, (value,))
            assert search.page(bare, where=asked, principal=ANNA, first=1).total == count


@CAMPAIGN
@given(prefix=st.sampled_from(WORDS).map(lambda word: word[:2]) | ODD, first=st.integers(1, 5))
def test_completions_are_the_same_on_both_stores_and_begin_with_what_was_typed(
    both: Both, prefix: str, first: int
) -> None:
    one, other = (Completions(database).complete(prefix, first=first, principal=ANNA) for database in both)
    assert one == other
    for kind in KINDS:
        field = "name" if kind == "product" else kind
        names = [made.name for made in MESH for mine in KNOWN[made.name]["name"] if begins(mine, prefix)]
        values = {key(value) for value in VALUES[field] if begins(value, prefix)}
        expected = len(set(names)) if kind == "product" else len(values)
        assert len(one.get(kind, [])) == min(first, expected)


def begins(value: str, prefix: str) -> bool:
    return bool(value) and key(value).startswith(key(prefix))
