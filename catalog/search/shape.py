"""What of a filter makes another statement, and what are only its values?

Two filters of the same shape share one statement, which is built once: building it costs more than running it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog import precedence
from catalog.search.query import DIALECTS, MOST_WORDS
from catalog.search.where import ORDERED, Every, Is, Not, Operator, Says, Some, Where
from catalog.summary import look_up_key
from catalog.text.words import plain, sequence, word_tokens
from engine.descriptor.identity import line_fqn, parse_fqn
from engine.descriptor.versions import is_semver
from engine.errors import SearchInvalid


class Comparison(NamedTuple):
    """One comparison: `of` is a column of the listing, `words`, `phrase`, or else the field of a trait."""

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
        if where.field == "version":
            return Joined("or", tuple(self._of_version(where.operator, value) for value in where.values))
        if where.operator in ORDERED:
            raise SearchInvalid(f"{where.field} has no order: {where.operator} cannot be asked of it.")
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
        if operator in (Operator.STARTS_WITH, Operator.CONTAINS):
            raise SearchInvalid(f"version is compared by its order: {operator} cannot be asked of it.")
        key = precedence.key(value)
        return self._compared("precedence", operator, [key] if operator is Operator.EQ else key)
