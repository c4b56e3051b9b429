"""How deep, how wide and how expensive is an operation?

One walk, memoised per fragment, so that doubled fragment spreads stay linear. Cost counts the objects that may be
answered: every field with a selection is one, times the page size (`first`) of the connection it stands in (in a graph
times a tenth of the nodes that it allows, `most`), or `LIST_GUESS` in a list without one; `candidates` that a field
asks count as objects too. The cost of a fragment is a line `fixed + per_item * size`, so one weight serves every place
that spreads it. Run it after the standard rules; on a cyclic fragment it answers `ENDLESS` all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.execution.execute import get_field_def

LIST_GUESS = 10
ENDLESS = 1 << 30
DEAR = {"SampleResult": 100}
"""What a field of these types costs besides: a sample is a process and a read of somebody else's system."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one selection weighs: levels, the largest page, aliases, and cost as a line over the page size."""

    depth: int = 0
    page: int = 0
    aliases: int = 0
    fixed: int = 0
    per_item: int = 0


@dataclass(slots=True)
class Scales:
    """Weighs operations of one document under one set of variable values."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    _known: dict[str, Weight] = field(default_factory=dict)

    def operation(self, operation: OperationDefinitionNode) -> Weight:
        """The weight of the whole operation; its cost is `fixed`."""
        whole = self._selection(operation.selection_set, self.schema.get_root_type(operation.operation))
        return replace(whole, fixed=whole.fixed + whole.per_item * LIST_GUESS, per_item=0)

    def _selection(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> Weight:
        return _sum(self._one(selection, parent) for selection in selection_set.selections)

    def _one(self, selection: Any, parent: GraphQLNamedType | None) -> Weight:
        if isinstance(selection, FieldNode):
            return self._field(selection, parent)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value)
        condition = selection.type_condition
        return self._selection(selection.selection_set, self._type(condition) if condition else parent)

    def _fragment(self, name: str) -> Weight:
        if name not in self._known:
            self._known[name] = Weight(depth=ENDLESS)  # met again before it is weighed: it spreads itself
            fragment = self.fragments[name]
            self._known[name] = self._selection(fragment.selection_set, self._type(fragment.type_condition))
        return self._known[name]

    def _field(self, node: FieldNode, parent: Any) -> Weight:
        alias = 1 if node.alias else 0
        if node.selection_set is None:
            return Weight(depth=1, aliases=alias)
        definition = get_field_def(self.schema, parent, node) if hasattr(parent, "name") else None
        below = self._selection(node.selection_set, get_named_type(definition.type) if definition else None)
        page = self._number(node, definition, "first")
        size = page if page is not None else _tenth(self._number(node, definition, "most"))
        fixed, per_item = _line(definition, size, below)
        fixed += self._number(node, definition, "candidates") or 0
        fixed += DEAR.get(get_named_type(definition.type).name, 0) if definition else 0
        return Weight(below.depth + 1, max(below.page, page or 0), below.aliases + alias, fixed, per_item)

    def _number(self, node: FieldNode, definition: GraphQLField | None, name: str) -> int | None:
        """What an argument that counts things is given; None where the field has no such argument."""
        if definition is None or name not in definition.args:
            return None
        told = next((self._value(one.value) for one in node.arguments if one.name.value == name), None)
        given: Any = definition.args[name].default_value if told is None else told
        return max(given, 0) if isinstance(given, int) else LIST_GUESS

    def _value(self, value: Any) -> Any:
        if isinstance(value, IntValueNode):
            return int(value.value)
        return self.variables.get(value.name.value) if isinstance(value, VariableNode) else None

    def _type(self, condition: Any) -> GraphQLNamedType | None:
        return self.schema.get_type(condition.name.value)


def _tenth(most: int | None) -> int | None:
    """Nodes of a graph are read and answered in one go: ten of them weigh as one object of a page."""
    return None if most is None else -(-most // 10)


def _line(definition: Any, size: int | None, below: Weight) -> tuple[int, int]:
    """Cost of one field: a connection hands its size down, a list without `first` takes that of whoever holds it."""
    if definition is None or not is_list_type(get_nullable_type(definition.type)):
        return 1 + below.fixed + below.per_item * (LIST_GUESS if size is None else size), 0
    each = 1 + below.fixed + below.per_item * LIST_GUESS
    return (0, each) if size is None else (each * size, 0)


def _sum(weights: Iterable[Weight]) -> Weight:
    depth = page = aliases = fixed = per_item = 0
    for one in weights:
        depth, page = max(depth, one.depth), max(page, one.page)
        aliases, fixed, per_item = aliases + one.aliases, fixed + one.fixed, per_item + one.per_item
    return Weight(depth, page, aliases, fixed, per_item)
