"""Does an operation ask for the schema, and for nothing else?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode
from graphql.language import BREAK, Visitor, visit

SCHEMA_FIELDS = frozenset({"__schema", "__type"})
META_FIELDS = SCHEMA_FIELDS | {"__typename"}


def only_introspects(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    """Whether every root field is `__schema`, `__type` or `__typename`, fragments spread out."""
    return META_FIELDS.issuperset(_root_fields(operation.selection_set, fragments, set()))


def asks_schema(definition: Any) -> bool:
    """Whether `__schema` or `__type` stands anywhere in this operation or fragment."""
    visitor = _AsksSchema()
    visit(definition, visitor)
    return visitor.found


def _root_fields(selections: Any, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]) -> Iterator[str]:
    for one in selections.selections:
        if isinstance(one, FieldNode):
            yield one.name.value
        elif not isinstance(one, FragmentSpreadNode):
            yield from _root_fields(one.selection_set, fragments, seen)
        elif one.name.value not in seen:
            seen.add(one.name.value)
            yield from _root_fields(fragments[one.name.value].selection_set, fragments, seen)


class _AsksSchema(Visitor):
    found = False

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        if node.name.value in SCHEMA_FIELDS:
            self.found = True
            return BREAK
        return None
