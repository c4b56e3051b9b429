"""Is this query text one that we answer, and what do we already know of it?

Two phases: the standard rules of GraphQL first, then our own limits, which may rely on what the first have proven
(no cyclic fragments, every field known). Parsed and validated documents are kept; one that breaks a rule never is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)

from api.graphql.errors import refused
from api.graphql.introspection import asks_schema, only_introspects
from api.graphql.limits import Limits
from api.graphql.weight import Scales, Weight

MOST_DOCUMENTS = 1_000
MOST_CHARACTERS = 500_000


class Refused(Exception):
    """The document is not answered; `errors` say why, `code` is for those that carry none."""

    def __init__(self, errors: list[GraphQLError], code: str = "query-invalid") -> None:
        self.errors = errors
        self.code = code
        super().__init__(code)


@dataclass(slots=True)
class Document:
    """One parsed and validated query text, with what was measured of its operations."""

    node: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    _weights: dict[tuple[Any, ...], Weight] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; Refused (`operation-unknown`) when the name picks none."""
        found = [one for one in self.node.definitions if isinstance(one, OperationDefinitionNode)]
        if name is not None:
            found = [one for one in found if one.name is not None and one.name.value == name]
        if len(found) != 1:
            told = f"No operation is named {name!r}." if name is not None else "Name one operation in operationName."
            raise Refused([refused("operation-unknown", told)])
        return found[0]

    def weight(self, schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> Weight:
        """What the operation weighs with these (coerced) variables; only whole numbers among them matter."""
        sizes = tuple((name, value) for name, value in variables.items() if isinstance(value, int))
        key = (operation.name.value if operation.name else None, *sizes)
        weight = self._weights.get(key)
        if weight is None:
            weight = Scales(schema, self.fragments, variables).operation(operation)
            if len(self._weights) < MOST_DOCUMENTS:
                self._weights[key] = weight
        return weight

    def introspects(self, operation: OperationDefinitionNode) -> bool:
        """Whether the operation asks for nothing but the schema; then it has limits of its own."""
        return only_introspects(operation, self.fragments)


class Documents:
    """The documents met lately, least recently used forgotten first, bounded in number and in text."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def document(self, text: str) -> Document:
        """The validated document of this text; Refused when a rule is broken."""
        with self._lock:
            known = self._kept.get(text)
            if known is not None:
                self._kept.move_to_end(text)
                return known
        document = self._validated(text)
        self._keep(text, document)
        return document

    def __len__(self) -> int:
        return len(self._kept)

    def _keep(self, text: str, document: Document) -> None:
        with self._lock:
            if text in self._kept or len(text) > MOST_CHARACTERS // 10:
                return
            self._kept[text] = document
            self._characters += len(text)
            while len(self._kept) > MOST_DOCUMENTS or self._characters > MOST_CHARACTERS:
                gone, _ = self._kept.popitem(last=False)
                self._characters -= len(gone)

    def _validated(self, text: str) -> Document:
        try:
            node = self._parsed(text)
            errors = validate(self._schema, node, max_errors=20)
        except RecursionError:
            raise Refused([refused("query-too-deep", "The query is nested too deeply to be read.")]) from None
        if errors:
            raise Refused([_coded(error) for error in errors])
        fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
        if not self._limits.introspection and any(asks_schema(one) for one in node.definitions):
            raise Refused([refused("introspection-disabled", "This server does not tell its schema.")])
        return Document(node, fragments)

    def _parsed(self, text: str) -> DocumentNode:
        most = self._limits.tokens
        try:
            return parse(text, max_tokens=most)
        except GraphQLSyntaxError as error:
            if f"more than {most} tokens" in error.message:
                raise Refused([refused("query-too-large", f"More than {most} tokens.", limit=most)]) from None
            if "nested too deeply" in error.message:
                raise Refused([refused("query-too-deep", "The query is nested too deeply to be read.")]) from None
            raise Refused([error], "query-syntax") from None


#: what graphql-core's own guards say, which stop a validation before it costs too much
GUARDS = {
    "Validation aborted.": "query-too-deep",
    "Maximum introspection depth exceeded": "introspection-too-deep",
}


def _coded(error: GraphQLError) -> GraphQLError:
    code = next((code for said, code in GUARDS.items() if error.message.startswith(said)), "query-invalid")
    return refused(code, error.message, nodes=error.nodes)
