"""Where do the events of a subscription come from?

Beside `execution` the only file that relies on the inside of graphql-core's executor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from graphql import ExecutionContext, GraphQLError
from graphql.execution.collect_fields import collect_fields
from graphql.execution.execute import get_field_def
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path

from api.graphql.documents import Refused
from api.graphql.errors import field_errors, refused


class Events(Protocol):
    """What the `subscribe_…` resolver of a field of Subscription gives. Each event is the source of its root field."""

    #: up to which change of the catalog, or event of the deployment, was looked; more may be there when it has more
    cursor: int
    #: the deployment whose events these are; None where they are changes of the catalog
    about: str | None
    #: whether nothing will ever follow
    over: bool

    def read(self) -> Sequence[Any]:
        """The next events, none where there are none now. Asked in a thread, never twice at once."""


def events(built: ExecutionContext) -> Events:
    """What the root field of this subscription subscribes to; Refused when it cannot be subscribed to like that."""
    root: Any = built.schema.subscription_type
    selected = built.operation.selection_set
    fields = collect_fields(built.schema, built.fragments, built.variable_values, root, selected)
    if not fields:
        raise Refused([refused("query-invalid", "Every field of the subscription is skipped.")])
    name, nodes = next(iter(fields.items()))
    definition: Any = get_field_def(built.schema, root, nodes[0])
    info = built.build_resolve_info(definition, nodes, root, Path(None, name, root.name))
    try:
        given = get_argument_values(definition, nodes[0], built.variable_values)
        found: Events = definition.subscribe(None, info, **given)
    except Exception as reason:
        raise Refused([_told(reason)]) from reason
    return found


def _told(reason: Exception) -> GraphQLError:
    """The reason as any field would tell it."""
    error = reason if isinstance(reason, GraphQLError) else GraphQLError(str(reason), original_error=reason)
    told = field_errors([error])[0]
    return GraphQLError(told["message"], extensions=told["extensions"])
