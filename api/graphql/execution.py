"""How is an operation run, and why is that fast?

The only file that relies on the inside of graphql-core's executor. A field whose value comes from its source alone
(graphene's default resolver, or one marked `of_source`; no arguments) is planned once per selection set and then read
in one loop: leaves, objects, and lists of either. Whatever is out of the ordinary (a value that does not serialize,
null where null is not allowed, a property that raises) is run again by the parent class, for that field alone, so
errors and nulls are exactly graphql-core's. The clock is looked at before every object.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from graphene.types.resolver import dict_or_attr_resolver
from graphql import (
    DocumentNode,
    ExecutionContext,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.error import located_error
from graphql.execution.execute import get_field_def
from graphql.pyutils import Path, Undefined

from api.graphql.request import Request

Fields = dict[str, list[FieldNode]]
Resolver = TypeVar("Resolver", bound=Callable[..., Any])


class OutOfTime(BaseException):
    """The operation took longer than it may; no Exception, so that no field can swallow it."""


class Plan(NamedTuple):
    """How one field of a selection set is read; `read` is None where the parent class runs it."""

    name: str
    nodes: list[FieldNode]
    declared: Any = None
    #: the value is this attribute of the source, or what `compute` makes of the source
    attribute: str = ""
    compute: Callable[[Any, None], Any] | None = None
    #: the declared type without its own "non-null", and the type of its items when it is a list
    type: Any = None
    item: Any = None
    read: Callable[..., Any] | None = None
    #: whether a string needs no serializing
    plain: bool = False
    #: how the values of an enum met so far serialize
    words: dict[str, Any] | None = None


class FastContext(ExecutionContext):
    """Runs one operation, plain fields in one loop, until `deadline` (of the monotonic clock)."""

    deadline = float("inf")

    def execute_fields(self, parent_type: Any, source_value: Any, path: Path | None, fields: Fields) -> dict[str, Any]:
        """The answered fields of one object; OutOfTime when the deadline has passed."""
        return self._answer(parent_type, source_value, path, self._plans(parent_type, fields))

    def _answer(self, parent_type: Any, source_value: Any, path: Path | None, plans: list[Plan]) -> dict[str, Any]:
        if monotonic() > self.deadline:
            raise OutOfTime
        answer: dict[str, Any] = {}
        of_dict = isinstance(source_value, dict)
        for plan in plans:
            value: Any = Undefined
            if plan.read is not None:
                try:
                    if plan.compute is not None:
                        value = plan.compute(source_value, None)
                    elif of_dict:
                        value = source_value.get(plan.attribute)
                    else:
                        value = getattr(source_value, plan.attribute, None)
                except Exception:
                    value = Undefined
                if plan.plain and type(value) is str:
                    answer[plan.name] = value
                    continue
                if value is None:
                    value = Undefined if plan.type is not plan.declared else None
                elif value is not Undefined:
                    value = plan.read(self, plan, value, path, parent_type)
            if value is Undefined:
                place = Path(path, plan.name, parent_type.name)
                value = self.execute_field(parent_type, source_value, plan.nodes, place)
            if value is not Undefined:
                answer[plan.name] = value
        return answer

    def _plans(self, parent_type: GraphQLObjectType, fields: Fields) -> list[Plan]:
        # `fields` are kept alive by the executor's own cache of selection sets, so their id names them
        known: dict[int, tuple[Fields, list[Plan]]] = self.__dict__.setdefault("_known_plans", {})
        entry = known.get(id(fields))
        if entry is None or entry[0] is not fields:
            plans = [_plan(self, parent_type, name, nodes) for name, nodes in fields.items()]
            entry = known[id(fields)] = (fields, plans)
        return entry[1]

    def _below(self, wanted: GraphQLObjectType, nodes: list[FieldNode]) -> list[Plan]:
        """The plans of what is selected below a field of this type."""
        known: dict[int, tuple[list[FieldNode], list[Plan]]] = self.__dict__.setdefault("_known_below", {})
        entry = known.get(id(nodes))
        if entry is None or entry[0] is not nodes:
            entry = known[id(nodes)] = (nodes, self._plans(wanted, self.collect_subfields(wanted, nodes)))
        return entry[1]

    def _object(self, plan: Plan, value: Any, path: Path | None, parent: GraphQLObjectType) -> Any:
        place = Path(path, plan.name, parent.name)
        return self._guarded(plan.declared, plan.nodes, place, partial(self._selected, plan.type, plan.nodes, value))

    def _objects(self, plan: Plan, value: Any, path: Path | None, parent: GraphQLObjectType) -> Any:
        if type(value) not in (list, tuple) or any(item is None for item in value):
            return Undefined
        place = Path(path, plan.name, parent.name)
        return self._guarded(plan.declared, plan.nodes, place, partial(self._items, plan, value))

    def _items(self, plan: Plan, values: Any, place: Path) -> list[Any]:
        wanted, nodes = get_nullable_type(plan.item), plan.nodes
        if plan.item is not wanted:  # items may not be null: what fails in one fails the list
            return [self._selected(wanted, nodes, value, Path(place, i, None)) for i, value in enumerate(values)]
        return [
            self._guarded(plan.item, nodes, Path(place, i, None), partial(self._selected, wanted, nodes, value))
            for i, value in enumerate(values)
        ]

    def _selected(self, wanted: GraphQLObjectType, nodes: list[FieldNode], value: Any, place: Path) -> Any:
        if isinstance(value, Exception):
            raise value
        try:
            return self._answer(wanted, value, place, self._below(wanted, nodes))
        except Exception as raw:
            raise located_error(raw, nodes, place.as_list()) from None

    def _guarded(self, declared: Any, nodes: list[FieldNode], place: Path, run: Callable[[Path], Any]) -> Any:
        try:
            return run(place)
        except Exception as raw:
            self.handle_field_error(located_error(raw, nodes, place.as_list()), declared, place)
            return None


def of_source(resolver: Resolver) -> Resolver:
    """Mark a resolver that looks at nothing but its source: it is then called without info, and cheaply."""
    resolver.of_source = True  # type: ignore[attr-defined]
    return resolver


def _plan(context: FastContext, parent_type: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> Plan:
    definition = get_field_def(context.schema, parent_type, nodes[0])
    if definition is None or definition.args or context.middleware_manager:
        return Plan(name, nodes)
    attribute, compute = _source(definition.resolve)
    if attribute is None and compute is None:
        return Plan(name, nodes)
    declared: Any = definition.type
    wanted: Any = get_nullable_type(declared)
    item = wanted.of_type if is_list_type(wanted) else None
    read = _reader(wanted, item)
    return Plan(name, nodes, declared, attribute or "", compute, wanted, item, read, read is _text, {})


def _source(resolve: Any) -> tuple[str | None, Any]:
    """The attribute or the function that gives the value of a field from its source; neither if more is needed."""
    if getattr(resolve, "of_source", False):
        return None, resolve
    if isinstance(resolve, partial) and resolve.func is dict_or_attr_resolver and resolve.args[1] is None:
        return resolve.args[0], None
    return None, None


def _reader(wanted: Any, item: Any) -> Callable[..., Any] | None:
    if is_leaf_type(wanted):
        return _text if wanted.name in ("String", "ID") else _word if is_enum_type(wanted) else _leaf
    if is_object_type(wanted):
        return FastContext._object if wanted.is_type_of is None else None
    inner = get_nullable_type(item) if item is not None else None
    if inner is not None and is_object_type(inner):
        return FastContext._objects if inner.is_type_of is None else None
    if inner is not None and is_leaf_type(inner) and inner.name in ("String", "ID"):
        return _texts
    return None


def _text(_: FastContext, plan: Plan, value: Any, *__: Any) -> Any:
    return value if type(value) is str else _leaf(_, plan, value)


def _word(_: FastContext, plan: Plan, value: Any, *__: Any) -> Any:
    if type(value) is not str or plan.words is None:
        return _leaf(_, plan, value)
    word = plan.words.get(value)
    if word is None:
        word = _leaf(_, plan, value)
        if word is not Undefined:
            plan.words[value] = word
    return word


def _texts(_: FastContext, __: Plan, value: Any, *___: Any) -> Any:
    plain = type(value) in (list, tuple) and all(type(item) is str for item in value)
    return list(value) if plain else Undefined


def _leaf(_: FastContext, plan: Plan, value: Any, *__: Any) -> Any:
    try:
        serialized = plan.type.serialize(value)
    except Exception:
        return Undefined
    return Undefined if serialized is None else serialized


def executor(
    schema: GraphQLSchema,
    document: DocumentNode,
    request: Request,
    context: Any,
    *,
    fast: bool,
    seconds: float,
    event: Any = None,
) -> ExecutionContext | list[GraphQLError]:
    """What runs the operation of this request for at most `seconds`, or the errors of its variables.

    `event` is what a subscription tells of. `fast=False` gives graphql-core's own executor, to compare answers with.
    """
    kind = FastContext if fast else ExecutionContext
    built = kind.build(
        schema,
        document,
        root_value=event,
        context_value=context,
        raw_variable_values=request.variables,
        operation_name=request.operation_name,
        is_awaitable=_never,
    )
    if isinstance(built, FastContext):
        built.deadline = monotonic() + seconds
    return built


def _never(_: Any) -> bool:
    """Whether a value has to be awaited: every resolver here is synchronous."""
    return False
