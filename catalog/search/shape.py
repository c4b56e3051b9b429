"""What of a filter makes another statement, and what are only its values?

Two filters of the same shape share one statement, which is built once: building it costs more than running it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from catalog import precedence
from catalog.search import measured
from catalog.search.query import DIALECTS, MOST_WORDS
from catalog.search.where import ORDERED, WITH_ORDER, Every, Is, Not, Operator, Says, Some, Where
from catalog.summary import look_up_key
from catalog.text.words import plain, sequence, word_tokens
from engine.descriptor.identity import line_fqn, parse_fqn
from engine.descriptor.versions import is_semver
from engine.errors import SearchInvalid


class Comparison(NamedTuple):
    """One comparison: `of` is a column of the listing, `words`, `phrase`, a field of `JUDGED`, or else of a trait."""

    of: str
    operator: Operator
    parameter: str


class Joined(NamedTuple):
    """Shapes joined by `and`, `or`, or one turned around by `not`."""

    by: str
    parts: tuple[Shape, ...]


Shape = Comparison | Joined
NOTHING, ANY = Joined("or", ()), Joined("and", ())


@dataclass(slots=True)
class Shaping:
    """Takes filters apart for a store; `values` are the parameters of all that it shaped, named after `prefix`."""

    dialect: str
    prefix: str = "where"
    values: dict[str, Any] = field(default_factory=dict)

    def shape(self, where: Where) -> Shape:
        """The shape of a filter; raises `SearchInvalid` for a value that cannot be compared."""
        if isinstance(where, Not):
            return Joined("not", (self.shape(where.of),))
        if isinstance(where, Every | Some):
            return Joined("and" if isinstance(where, Every) else "or", tuple(map(self.shape, where.of)))
        return self._says(where) if isinstance(where, Says) else self._is(where)

    def _compared(self, of: str, operator: Operator, value: Any) -> Comparison:
        name = f"{self.prefix}_{len(self.values)}"
        self.values[name] = value
        return Comparison(of, operator, name)

    def _says(self, where: Says) -> Shape:
        text = plain(where.text)
        words = list(word_tokens(text))[:MOST_WORDS]
        if not words:
            return NOTHING
        said = self._compared("words", Operator.CONTAINS, DIALECTS[self.dialect].condition(words))
        if not where.phrase:
            return said
        piece = f" {' '.join(sequence(text)[: 2 * MOST_WORDS])} "
        return Joined("and", (said, self._compared("phrase", Operator.CONTAINS, piece)))

    def _is(self, where: Is) -> Shape:
        _comparable(where.field, where.operator)
        if where.field in self._MEASURED:
            measure = self._MEASURED[where.field]
            return Joined("or", tuple(measure(self, where.operator, value) for value in where.values))
        if where.field == "fqn":
            return Joined("or", tuple(self._of_fqn(where.operator, plain(value)) for value in where.values))
        keys = [look_up_key(plain(value)) for value in where.values]
        columns = ("name_key", "display_key") if where.field == "name" else (where.field,)
        return Joined("or", tuple(part for of in columns for part in self._of_keys(of, where.operator, keys)))

    def _of_keys(self, of: str, operator: Operator, keys: list[str]) -> Iterator[Comparison]:
        """Equal to one of them is one comparison, for everything else each is one."""
        if operator is Operator.EQ:
            yield self._compared(of, operator, keys)
        else:
            yield from (self._compared(of, operator, key) for key in keys)

    def _of_fqn(self, operator: Operator, value: str) -> Comparison:
        """An fqn is compared as it is written: its case means something. One without a major means every major."""
        parsed = parse_fqn(value) if operator is Operator.EQ else None
        if parsed is None:
            return self._compared("fqn", operator, [value] if operator is Operator.EQ else value)
        if parsed.major is None:
            product = f"urn:dpds:{parsed.namespace}:dataproducts:{parsed.name}"
            return self._compared("product_fqn", operator, [product])
        return self._compared("fqn", operator, [line_fqn(parsed.namespace, parsed.name, parsed.major)])

    def _of_version(self, operator: Operator, value: str) -> Comparison:
        if not is_semver(value):
            raise SearchInvalid(f"{value!r} is no version by SemVer, such as 1.4.0.")
        return self._of_order("precedence", operator, precedence.key(value))

    def _of_order(self, of: str, operator: Operator, value: Any) -> Comparison:
        return self._compared(of, operator, [value] if operator is Operator.EQ else value)

    def _of_trust(self, operator: Operator, value: str) -> Comparison:
        number = measured.number(value)
        if number is None:
            raise SearchInvalid(f"{value!r} is no number such as 0.8.")
        return self._of_order("trust", operator, number)

    def _of_updated(self, operator: Operator, value: str) -> Shape:
        """A day is meant as a whole: after it begins when it is over."""
        span = measured.span(value)
        if span is None:
            raise SearchInvalid(f"{value!r} is no day such as 2026-11-23, and no moment with its time zone.")
        if operator is Operator.EQ:
            parts = ((Operator.GTE, span.begin), (Operator.LT, span.end))
            return Joined("and", tuple(self._compared("accepted_at", *part) for part in parts))
        first, bound = _OF_SPAN[operator]
        return self._compared("accepted_at", bound, span.begin if first else span.end)

    def _of_compliance(self, operator: Operator, value: str) -> Comparison:
        state = measured.state(value)
        if state is None:
            raise SearchInvalid(f"{value!r} is not how a product may stand: compliant, non_compliant or undecided.")
        return self._compared("compliance", operator, [state])

    def _of_grade(self, operator: Operator, value: str) -> Comparison:
        return self._of_order("grade", operator, measured.grade(value))

    _MEASURED: ClassVar[Mapping[str, Callable[[Shaping, Operator, str], Shape]]] = {
        "version": _of_version,
        "updated": _of_updated,
        "trust": _of_trust,
        "grade": _of_grade,
        "compliance": _of_compliance,
    }


#: how a moment compares with a span: with its begin or its end, and how with that
_OF_SPAN = {
    Operator.LT: (True, Operator.LT),
    Operator.GTE: (True, Operator.GTE),
    Operator.GT: (False, Operator.GTE),
    Operator.LTE: (False, Operator.LT),
}


def _comparable(field: str, operator: Operator) -> None:
    """Raises `SearchInvalid` for an operator that a field cannot be asked with."""
    if operator in ORDERED and field not in WITH_ORDER:
        raise SearchInvalid(f"{field} has no order: {operator} cannot be asked of it.")
    if operator in (Operator.STARTS_WITH, Operator.CONTAINS) and field in (*WITH_ORDER, "compliance"):
        raise SearchInvalid(f"{field} is no text: {operator} cannot be asked of it.")
