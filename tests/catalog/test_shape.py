"""Which filters share one statement?"""

from __future__ import annotations

import pytest

from catalog.search.query import analysed
from catalog.search.shape import ANY, NOTHING, Shape, Shaping
from catalog.search.where import ANYTHING, Is, Operator, Says, Some


def shaped(line: str, dialect: str = "sqlite") -> tuple[Shape, dict[str, object]]:
    shaping = Shaping(dialect)
    return shaping.shape(analysed(line).where), shaping.values


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("domain:sales", "orders domain:sales,finance"),
        ("-tag:raw", "-tag:gold"),
        ("name:a* version:>1.0.0", "x name:b* version:>2.1.0"),
        ('"quoted phrase"', '"another one"'),
        ("trust:>0.8 compliance:compliant", "trust:>1 compliance:undecided"),
        ("grade:A updated:>2026-11-23", "grade:b updated:>2020-01-01T10:00Z"),
        ("fqn:urn:dpds:org.example:dataproducts:orders:1", "fqn:urn:org.example:dataproducts:returns:2.0.0"),
    ],
)
def test_filters_that_differ_in_values_alone_have_one_shape(one: str, other: str) -> None:
    (shape, values), (same, others) = shaped(one), shaped(other)
    assert shape == same
    assert values.keys() == others.keys()
    assert values != others


def test_every_value_is_a_parameter_of_its_own() -> None:
    shape, values = shaped("tag:a,b has:c name:d* -version:>=1.0.0")
    assert len(values) == 5  # a name is looked for in two columns
    assert values["where_0"] == ["a", "b"]
    assert all(name in repr(shape) for name in values)
    assert not any(value in repr(shape) for value in ("'a'", "'c'", "'d'"))


def test_what_asks_for_nothing_and_what_nothing_can_hold() -> None:
    shaping = Shaping("sqlite")
    assert shaping.shape(ANYTHING) == ANY
    assert shaping.shape(Says("?!")) == shaping.shape(Some(())) == NOTHING
    assert shaping.shape(Is("version", Operator.EQ, ())) == NOTHING
    assert shaping.values == {}
