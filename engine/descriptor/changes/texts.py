"""Do two values differ in more than texts for people?"""

from __future__ import annotations

from typing import Final

from engine.model import Json

_TEXTS: Final = frozenset(
    (
        *("description", "displayName", "title", "summary", "externalDocs", "contact", "contactPoints", "license"),
        *("example", "examples", "doc", "$comment", "notice", "termsOfService", "comment", "componentGroup"),
    )
)
_DERIVED: Final = frozenset(("id", "fullyQualifiedName", "entityType"))


def bare(value: Json, *, without: frozenset[str] = frozenset()) -> Json:
    """The value without texts for people, extensions and what is derived from names; the depth limit keeps it short.

    Fields of the data itself are never texts: below `properties`, `columns` and the like a name may be `title`.
    """
    if type(value) is list:
        return [bare(item) for item in value]
    if type(value) is not dict:
        return value
    return {
        key: {name: bare(item) for name, item in inner.items()}
        if key in _NAMES and type(inner) is dict
        else bare(inner)
        for key, inner in value.items()
        if not (key in _TEXTS or key in _DERIVED or key in without or key.startswith("x-"))
    }


_NAMES: Final = frozenset(("properties", "$defs", "definitions", "schemas", "messages", "columns", "fields"))
