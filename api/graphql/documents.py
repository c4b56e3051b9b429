"""Is this query text one that we answer?

Two phases: the standard rules of GraphQL first, then our own limits, which may rely on what the first have proven
(no cyclic fragments, every field known).
"""

from __future__ import annotations

import hashlib
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

#: how many sets of variables of one document are weighed once and remembered
MOST_WEIGHTS = 1_000


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
    digest: str
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
            if len(self._weights) < MOST_WEIGHTS:
                self._weights[key] = weight
        return weight

    def introspects(self, operation: OperationDefinitionNode) -> bool:
        """Whether the operation asks for nothing but the schema; then it has limits of its own."""
        return only_introspects(operation, self.fragments)


def digest_of(text: str) -> str:
    """The SHA-256 of a query text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def validated(schema: GraphQLSchema, limits: Limits, text: str) -> Document:
    """The document of this text; Refused when a rule is broken."""
    try:
        node = _parsed(text, limits.tokens)
        errors = validate(schema, node, max_errors=20)
    except RecursionError:
        raise Refused([refused("query-too-deep", "The query is nested too deeply to be read.")]) from None
    except GraphQLError as error:  # the rule for subscriptions evaluates `@skip(if: $flag)`, and has no variables
        errors = [error]
    if errors:
        raise Refused([_coded(error) for error in errors])
    fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
    if not limits.introspection and any(asks_schema(one) for one in node.definitions):
        raise Refused([refused("introspection-disabled", "This server does not tell its schema.")])
    return Document(node, digest_of(text), fragments)


def _parsed(text: str, most: int) -> DocumentNode:
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
    told = "The query nests or repeats too much to be validated." if code == "query-too-deep" else error.message
    return refused(code, told, nodes=error.nodes)
