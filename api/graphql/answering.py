"""How does one request become one answer? Parse, validate, measure, run within the time, serialize."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

import orjson
from graphql import ExecutionContext, GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType

from api.graphql.context import Context
from api.graphql.documents import Document, Refused
from api.graphql.errors import Formatted, field_errors, refused, request_errors
from api.graphql.execution import OutOfTime, executor
from api.graphql.kept import Documents, Kept
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.streams import Events, events
from catalog import deadline
from engine.errors import QueryTimeout

MOST_INTROSPECTIONS = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON text to send, and whether the operation was run at all (else the request was refused).

    `code` says why an operation gave nothing; empty for one that was answered, perhaps with errors of fields.
    """

    content: bytes
    ran: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """The events of one subscription: `next` reads some and answers each (in a thread), none where there are none now.

    `source` says where they come from, and how to wait for more.
    """

    source: Events
    next: Callable[[], list[Answer]]


class _Asked(NamedTuple):
    """One operation of one document, with its variables."""

    request: Request
    document: Document
    operation: OperationDefinitionNode

    @property
    def introspects(self) -> bool:
        return self.document.introspects(self.operation)


class Answering:
    """Answers requests against one schema; safe to use from many threads."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, *, documents: Documents | None = None, fast: bool = True
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._fast = fast
        self.documents = Kept(schema, limits) if documents is None else documents
        self._introspections: OrderedDict[tuple[Any, ...], Answer] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, request: Request, context: Any) -> Answer:
        """The answer to a request, with `context` for the resolvers; never raises for what the caller sent."""
        found = self.opened(request, context, subscriptions=False)
        assert isinstance(found, Answer)
        return found

    def opened(self, request: Request, context: Any, *, subscriptions: bool = True) -> Answer | Stream:
        """As `answer`; for a subscription what gives its events, where these are taken."""
        try:
            document = self.documents.asked(request)
            asked = _Asked(request, document, document.operation(request.operation_name))
            self._supported(asked.operation, subscriptions)
            if asked.introspects:
                return self._introspection(asked)
            if asked.operation.operation is OperationType.SUBSCRIPTION:
                return self._stream(asked, context)
            return self._run(asked, context)
        except Refused as refusal:
            return refusal_answer(refusal)
        except RecursionError:  # few fragments less than graphql-core refuses, one in another
            return refusal_answer(Refused([refused("query-too-deep", "The query is nested too deeply to be weighed.")]))

    def _supported(self, operation: OperationDefinitionNode, subscriptions: bool) -> None:
        kind = operation.operation
        if kind is OperationType.SUBSCRIPTION and self._schema.subscription_type is not None and not subscriptions:
            told = "Subscribe over a WebSocket to this address (graphql-transport-ws)."
            raise Refused([refused("operation-unsupported", told)])
        if self._schema.get_root_type(kind) is None:
            raise Refused([refused("operation-unsupported", f"There is no {kind.value} here; ask a query.")])

    def _introspection(self, asked: _Asked) -> Answer:
        variables = orjson.dumps(asked.request.variables, option=orjson.OPT_SORT_KEYS)
        key = (asked.document.digest, asked.request.operation_name, variables)
        with self._lock:
            known = self._introspections.get(key)
        if known is None:
            known = self._run(asked, None)
            with self._lock:
                self._introspections[key] = known
                if len(self._introspections) > MOST_INTROSPECTIONS:
                    self._introspections.popitem(last=False)
        return known

    def _run(self, asked: _Asked, context: Any) -> Answer:
        built = self._built(asked, context)
        return _executed(built, self._measured(asked, built.variable_values), self._limits)

    def _stream(self, asked: _Asked, context: Context) -> Stream:
        built = self._built(asked, context)
        extensions = self._measured(asked, built.variable_values)
        with self._in_time():
            source = events(built)
        return Stream(source, lambda: self._told(asked, context, source, extensions))

    def _told(self, asked: _Asked, context: Context, source: Events, extensions: Any) -> list[Answer]:
        with self._in_time():
            found = source.read()
        return [_executed(self._built(asked, context.anew(), one), extensions, self._limits) for one in found]

    def _in_time(self) -> AbstractContextManager[None]:
        return deadline.until(monotonic() + self._limits.seconds)

    def _built(self, asked: _Asked, context: Any, event: Any = None) -> ExecutionContext:
        told: dict[str, Any] = {"fast": self._fast, "seconds": self._limits.seconds, "event": event}
        built = executor(self._schema, asked.document.node, asked.request, context, **told)
        if isinstance(built, list):
            raise Refused(built, "variables-invalid")
        return built

    def _measured(self, asked: _Asked, variables: Any) -> Formatted | None:
        """The cost of the operation, None for one that only introspects; Refused when a limit is broken."""
        limits, weight = self._limits, asked.document.weight(self._schema, asked.operation, variables)
        if asked.introspects:
            _within("introspection-too-deep", "levels deep", weight.depth, limits.introspection_depth)
        _within("too-many-aliases", "aliases", weight.aliases, limits.aliases)
        if asked.introspects:
            return None
        _within("query-too-deep", "levels deep", weight.depth, limits.depth)
        _within("page-too-large", "items on one page", weight.page, limits.page)
        _within("query-too-expensive", "objects at most", weight.fixed, limits.cost)
        return {"cost": {"requested": weight.fixed, "limit": limits.cost}}


def _within(code: str, what: str, asked: int, limit: int) -> None:
    if asked > limit:
        told = f"The operation asks for {asked} {what}; {limit} are allowed."
        raise Refused([refused(code, told, requested=min(asked, 2**53 - 1), limit=limit)])


def _executed(built: ExecutionContext, extensions: Any, limits: Limits) -> Answer:
    data: Any = None
    try:
        with deadline.until(getattr(built, "deadline", monotonic() + limits.seconds)):
            data = built.execute_operation(built.operation, built.root_value)
    except GraphQLError as error:  # null where the root may not be null
        built.collected_errors.add(error, None)
    except OutOfTime:
        return _late(limits, extensions)
    except RecursionError:
        return refusal_answer(Refused([refused("query-too-deep", "The query is nested too deeply to be run.")]))
    result = built.build_response(data, built.collected_errors.errors)
    if any(isinstance(error.original_error, QueryTimeout) for error in result.errors or ()):
        return _late(limits, extensions)
    answer: Formatted = {"errors": field_errors(result.errors)} if result.errors else {}
    answer["data"] = result.data
    return _answer(answer, extensions)


def _late(limits: Limits, extensions: Any) -> Answer:
    told = f"The operation took longer than {limits.seconds:g} s and was given up; ask for less at once."
    errors = request_errors([refused("query-timeout", told)], "")
    return _answer({"data": None, "errors": errors}, extensions, "query-timeout")


def refusal_answer(refusal: Refused) -> Answer:
    """The answer to a request that was not run: errors and no `data`."""
    errors = request_errors(refusal.errors, refusal.code)
    return Answer(orjson.dumps({"errors": errors}), False, str(errors[0]["extensions"]["code"]))


def _answer(answer: Formatted, extensions: Any, code: str = "") -> Answer:
    if extensions:
        answer["extensions"] = extensions
    return Answer(orjson.dumps(answer), True, code)
