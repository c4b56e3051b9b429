"""How is one line of a search read?"""

from __future__ import annotations

import pytest

from catalog.search.oneline import MOST_FILTERS, MOST_HINTS, read
from catalog.search.query import analysed
from catalog.search.where import (
    ANYTHING,
    DEEPEST,
    MOST_CONDITIONS,
    MOST_VALUES,
    Every,
    Is,
    Not,
    Operator,
    Says,
    Some,
    Where,
    together,
    without,
)
from engine.errors import SearchInvalid


def eq(field: str, *values: str) -> Is:
    return Is(field, Operator.EQ, values)


READ: dict[str, tuple[str, Where]] = {
    "late orders": ("late orders", ANYTHING),
    "domain:sales": ("", eq("domain", "sales")),
    "Domain:Sales orders": ("orders", eq("domain", "Sales")),
    "orders domain:sales -status:deprecated has:pii tag:x": (
        "orders",
        Every((eq("domain", "sales"), Not(eq("status", "deprecated")), eq("has", "pii"), eq("tag", "x"))),
    ),
    "domain:sales,finance": ("", eq("domain", "sales", "finance")),
    'tag:"a, b" x': ("x", eq("tag", "a, b")),
    "name:trip*": ("", Is("name", Operator.STARTS_WITH, ("trip",))),
    "version:>=2.0.0": ("", Is("version", Operator.GTE, ("2.0.0",))),
    "version:1.0.0,1.1.0": ("", eq("version", "1.0.0", "1.1.0")),
    '"quoted phrase" more': ("quoted phrase more", Says("quoted phrase", phrase=True)),
    '-"quoted phrase" more': ("more", Not(Says("quoted phrase", phrase=True))),
    "trip -planned": ("trip", Not(Says("planned"))),
    "-foo:bar": ("", Not(Says("foo:bar"))),
    # what is no filter is words, as it stands
    "col:x": ("col:x", ANYTHING),
    "domain:": ("domain:", ANYTHING),
    "domain: sales": ("domain: sales", ANYTHING),
    "domain:,": ("domain:,", ANYTHING),
    "version:new": ("version:new", ANYTHING),
    "version:>1": ("version:>1", ANYTHING),
    "urn:dpds:org.example:dataproducts:orders:1": ("urn:dpds:org.example:dataproducts:orders:1", ANYTHING),
    "foo-bar - -- -+ c++": ("foo-bar - -- -+ c++", ANYTHING),
    'an "open quote': ('an "open quote', ANYTHING),
    '"" "?!"': ('"" "?!"', ANYTHING),
    "trust:>0.8 trust:1": ("", Every((Is("trust", Operator.GT, ("0.8",)), eq("trust", "1")))),
    "-trust:<=.5": ("", Not(Is("trust", Operator.LTE, (".5",)))),
    "trust:high trust:nan trust:>inf trust:": ("trust:high trust:nan trust:>inf trust:", ANYTHING),
    "compliance:non-compliant,Undecided": ("", eq("compliance", "non-compliant", "Undecided")),
    "compliance:>compliant compliance:fine": ("compliance:>compliant compliance:fine", ANYTHING),
    "grade:A,b": ("", eq("grade", "A", "b")),
    "updated:>=2026-11-23": ("", Is("updated", Operator.GTE, ("2026-11-23",))),
    "updatedAt:<2026-11-23T10:00:00+02:00": ("", Is("updated", Operator.LT, ("2026-11-23T10:00:00+02:00",))),
    "updated:2026-02-30 updated:2026-01-01T10:00": ("updated:2026-02-30 updated:2026-01-01T10:00", ANYTHING),
    "updated:9999-12-31 updated:0001-01-01T00:00+14:00": (
        "updated:9999-12-31 updated:0001-01-01T00:00+14:00",
        ANYTHING,
    ),
    "domian:sales": ("domian:sales", ANYTHING),
    "two  spaces": ("two  spaces", ANYTHING),
}


@pytest.mark.parametrize("line", READ)
def test_a_line_is_read_as_words_and_filters(line: str) -> None:
    told = read(line)
    assert (told.words, told.where) == READ[line]


HINTED = {
    "x -domian:sales y": ("-domian:sales", "x -domain:sales y"),
    "DOMIAN:sales": ("DOMIAN:sales", "domain:sales"),
    'tags:"master data"': ('tags:"master data"', 'tag:"master data"'),
    "state:active": ("state:active", "status:active"),
    "complience:compliant": ("complience:compliant", "compliance:compliant"),
    "spec:avro": ("spec:avro", "specification:avro"),
    "version:new": ("version:new", None),
    "-trust:high": ("-trust:high", None),
    "compliance:fine": ("compliance:fine", None),
}


@pytest.mark.parametrize("line", HINTED)
def test_a_term_that_looks_like_a_filter_is_words_with_a_hint(line: str) -> None:
    told = read(line)
    (hint,) = told.hints
    assert (hint.term, hint.line) == HINTED[line]
    assert "it was read as words" in hint.says
    assert hint.line is None or read(hint.line).hints == ()


@pytest.mark.parametrize(
    "line",
    ["domain:sales", "urn:dpds:org:x", "http://x", "co:x", "a:b", "foo-bar: x", '"domian:x"', "domian", "x:domian:y"],
)
def test_what_does_not_look_like_a_filter_has_no_hint(line: str) -> None:
    assert read(line).hints == ()


def test_hints_are_bounded() -> None:
    assert len(read("domian:x " * 50).hints) == MOST_HINTS


def test_filters_beyond_the_bound_are_words() -> None:
    text, where, typed, _ = read(" ".join(f"tag:t{number}" for number in range(MOST_FILTERS + 2)))
    assert text == f"tag:t{MOST_FILTERS} tag:t{MOST_FILTERS + 1}"
    assert isinstance(where, Every)
    assert len(where.of) == len(typed.split()) == MOST_FILTERS


def test_the_typed_filter_joins_that_of_the_line() -> None:
    asked = analysed("orders tag:x", eq("domain", "sales"))
    assert (asked.text, asked.where) == ("orders", Every((eq("tag", "x"), eq("domain", "sales"))))
    assert analysed("", together(ANYTHING, None)).where == ANYTHING


def test_a_facet_leaves_out_what_is_demanded_of_its_own_field_alone() -> None:
    mine, other = eq("tag", "x"), eq("domain", "sales")
    mixed = Some((mine, other))
    assert without(Every((mine, Not(mine), Every((mine, other)), mixed)), "tag") == Every((other, mixed))
    assert without(mine, "tag") == without(Some((mine, Not(mine))), "tag") == ANYTHING
    assert without(Says("x"), "tag") == Says("x")


def deep(levels: int) -> Where:
    where: Where = eq("tag", "x")
    for _ in range(levels - 1):
        where = Not(where)
    return where


TOO_LARGE = {
    "levels deep": deep(DEEPEST + 1),
    "conditions": Some((eq("tag", "x"),) * (MOST_CONDITIONS + 1)),
    "values": Not(eq("tag", *map(str, range(MOST_VALUES + 1)))),
}


@pytest.mark.parametrize("said", TOO_LARGE)
def test_a_filter_that_is_too_large_is_a_clear_error(said: str) -> None:
    with pytest.raises(SearchInvalid, match=said):
        analysed("", TOO_LARGE[said])


def test_a_filter_at_the_bounds_is_taken() -> None:
    for where in (deep(DEEPEST), Some((eq("tag", "x"),) * MOST_CONDITIONS), eq("tag", *map(str, range(MOST_VALUES)))):
        assert analysed("", where).where == where
