"""How does a fault look to a GraphQL client?

Every error carries a stable kebab-case `extensions.code`. What the caller can mend says so; what only we can mend is
logged and told as `internal-error` without its inside.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from engine.errors import GovernanceError

Formatted = dict[str, Any]

log = logging.getLogger(__name__)


def refused(code: str, message: str, *, nodes: Any = None, **facts: Any) -> GraphQLError:
    """An error that the caller can mend: `code` is stable, `facts` join it in `extensions`."""
    return GraphQLError(message, nodes=nodes, extensions={"code": code, **facts})


def request_errors(errors: Iterable[GraphQLError], code: str) -> list[Formatted]:
    """Errors found before anything ran; those without a code of their own get `code`."""
    return [_with_code(error, code) for error in errors]


def field_errors(errors: Iterable[GraphQLError]) -> list[Formatted]:
    """Errors raised while the operation ran, beside which there may be data."""
    return [_field_error(error) for error in errors]


def _with_code(error: GraphQLError, code: str) -> Formatted:
    formatted: Formatted = dict(error.formatted)
    formatted["extensions"] = {"code": code, **(error.extensions or {})}
    return formatted


def _field_error(error: GraphQLError) -> Formatted:
    cause = error.original_error
    if isinstance(cause, GovernanceError):
        formatted: Formatted = dict(error.formatted)
        formatted["message"] = cause.detail
        formatted["extensions"] = {"code": cause.code, **({"hint": cause.hint} if cause.hint else {})}
        return formatted
    if error.extensions and "code" in error.extensions:
        return dict(error.formatted)
    log.error("a GraphQL field failed: %s", error.message, exc_info=cause or error)
    told = "The server failed here; its log says why."
    return {**error.formatted, "message": told, "extensions": {"code": "internal-error"}}
