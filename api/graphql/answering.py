"""How does one request become one answer? Parse, validate, measure, run within the time, serialize."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import ExecutionContext, GraphQLError, GraphQLSchema, OperationDefinitionNode

from api.graphql.documents import Document, Documents, Refused
from api.graphql.errors import Formatted, field_errors, refused, request_errors
from api.graphql.execution import OutOfTime, executor
from api.graphql.limits import Limits
from api.graphql.request import Request

MOST_INTROSPECTIONS = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON text to send, and whether the operation was run at all (else the request was refused)."""

    content: bytes
    ran: bool


class Answering:
    """Answers requests against one schema; safe to use from many threads."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, fast: bool = True) -> None:
        self._schema = schema
        self._limits = limits
        self._fast = fast
        self.documents = Documents(schema, limits)
        self._introspections: OrderedDict[tuple[Any, ...], Answer] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, request: Request, context: Any) -> Answer:
        """The answer to a request, with `context` for the resolvers; never raises for what the caller sent."""
        try:
            document = self.documents.document(request.query)
            operation = document.operation(request.operation_name)
            self._supported(operation)
            if document.introspects(operation):
                return self._introspection(request, document, operation)
            return self._run(request, document, operation, context)
        except Refused as refusal:
            return refusal_answer(refusal)

    def _supported(self, operation: OperationDefinitionNode) -> None:
        kind = operation.operation
        if self._schema.get_root_type(kind) is None:
            raise Refused([refused("operation-unsupported", f"There is no {kind.value} here; ask a query.")])

    def _introspection(self, request: Request, document: Document, operation: OperationDefinitionNode) -> Answer:
        key = (request.query, request.operation_name, orjson.dumps(request.variables, option=orjson.OPT_SORT_KEYS))
        with self._lock:
            known = self._introspections.get(key)
        if known is None:
            known = self._run(request, document, operation, None)
            with self._lock:
                self._introspections[key] = known
                if len(self._introspections) > MOST_INTROSPECTIONS:
                    self._introspections.popitem(last=False)
        return known

    def _run(self, request: Request, document: Document, operation: OperationDefinitionNode, context: Any) -> Answer:
        built = executor(self._schema, document.node, request, context, fast=self._fast, seconds=self._limits.seconds)
        if isinstance(built, list):
            raise Refused(built, "variables-invalid")
        cost = self._measured(document, operation, built.variable_values)
        extensions = None if cost is None else {"cost": {"requested": cost, "limit": self._limits.cost}}
        return _executed(built, operation, extensions, self._limits)

    def _measured(self, document: Document, operation: OperationDefinitionNode, variables: Any) -> int | None:
        """The cost of the operation, None for one that only introspects; Refused when a limit is broken."""
        limits, weight = self._limits, document.weight(self._schema, operation, variables)
        introspects = document.introspects(operation)
        if introspects:
            _within("introspection-too-deep", "levels deep", weight.depth, limits.introspection_depth)
        _within("too-many-aliases", "aliases", weight.aliases, limits.aliases)
        if introspects:
            return None
        _within("query-too-deep", "levels deep", weight.depth, limits.depth)
        _within("page-too-large", "items on one page", weight.page, limits.page)
        _within("query-too-expensive", "objects at most", weight.fixed, limits.cost)
        return weight.fixed


def _within(code: str, what: str, asked: int, limit: int) -> None:
    if asked > limit:
        told = f"The operation asks for {asked} {what}; {limit} are allowed."
        raise Refused([refused(code, told, requested=min(asked, 2**53 - 1), limit=limit)])


def _executed(built: ExecutionContext, operation: OperationDefinitionNode, extensions: Any, limits: Limits) -> Answer:
    data: Any = None
    try:
        data = built.execute_operation(operation, None)
    except GraphQLError as error:  # null where the root may not be null
        built.collected_errors.add(error, None)
    except OutOfTime:
        told = f"The operation took longer than {limits.seconds:g} s and was given up; ask for less at once."
        return _answer({"data": None, "errors": request_errors([refused("query-timeout", told)], "")})
    except RecursionError:
        return refusal_answer(Refused([refused("query-too-deep", "The query is nested too deeply to be run.")]))
    result = built.build_response(data, built.collected_errors.errors)
    answer: Formatted = {"errors": field_errors(result.errors)} if result.errors else {}
    answer["data"] = result.data
    if extensions:
        answer["extensions"] = extensions
    return _answer(answer)


def refusal_answer(refusal: Refused) -> Answer:
    """The answer to a request that was not run: errors and no `data`."""
    return Answer(orjson.dumps({"errors": request_errors(refusal.errors, refusal.code)}), ran=False)


def _answer(answer: Formatted) -> Answer:
    return Answer(orjson.dumps(answer), ran=True)
