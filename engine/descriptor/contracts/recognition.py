"""By which specification is a definition to be read, and can it be read so?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine.descriptor.contracts import asyncapi, avro, datastore, json_schema, openapi
from engine.descriptor.contracts.node import Node
from engine.descriptor.contracts.sheet import Sheet
from engine.descriptor.limits import Limits
from engine.descriptor.source import parse
from engine.descriptor.text import SourceRefused
from engine.model import Json


@dataclass(frozen=True, slots=True)
class Specification:
    """One way to describe data: who reads it, and how its definitions are known."""

    name: str
    columns: Callable[[Sheet, Node], None]
    #: fields of which a definition holds one; empty where `looks_like` decides
    fields: tuple[str, ...] = ()
    looks_like: Callable[[Json], bool] | None = None

    def fits(self, definition: Json) -> bool:
        """Whether a definition is one of this specification."""
        if self.looks_like is not None:
            return self.looks_like(definition)
        return type(definition) is dict and any(field in definition for field in self.fields)


def _is_avro(definition: Json) -> bool:
    return avro.is_avro(definition) or type(definition) is list or (type(definition) is dict and "type" in definition)


_KNOWN: Final = (
    Specification("datastoreapi", datastore.columns, ("datastoreapi", "schema")),
    Specification("openapi", openapi.columns, ("openapi", "swagger", "paths")),
    Specification("asyncapi", asyncapi.columns, ("asyncapi", "channels")),
    Specification("avro", avro.columns, looks_like=_is_avro),
    Specification("json-schema", json_schema.columns, looks_like=json_schema.is_schema),
)
_SPELLINGS: Final = {
    **{one.name.replace("-", ""): one for one in _KNOWN},
    "swagger": _KNOWN[1],
    "avsc": _KNOWN[3],
    "apacheavro": _KNOWN[3],
    "datastore": _KNOWN[0],
}
_UNMISTAKABLE: Final = {"datastoreapi": _KNOWN[0], "openapi": _KNOWN[1], "swagger": _KNOWN[1], "asyncapi": _KNOWN[2]}
KNOWN_NAMES: Final = tuple(one.name for one in _KNOWN)


@lru_cache(maxsize=256)
def claimed(specification: str) -> Specification | None:
    """The known specification of a name, however it is spelt (`OpenAPI`, `json-schema`, `jsonSchema`)."""
    return _SPELLINGS.get(re.sub("[^a-z]", "", specification.lower()))


def recognised(specification: str, definition: Json) -> Specification | None:
    """By what a definition is to be read: what it says itself, else what it claims to be; None for neither."""
    if type(definition) is dict:
        for field, told in _UNMISTAKABLE.items():
            if field in definition:
                return told
        if avro.is_avro(definition):
            return _KNOWN[3]
    found = claimed(specification)
    return found if found is not None and found.fits(definition) else None


def parsed(specification: str, definition: Json, limits: Limits) -> Json:
    """A definition that was written, or kept, as text but claims to be JSON or YAML of a known specification."""
    if type(definition) is not str or claimed(specification) is None:
        return definition
    try:
        return parse("", definition.encode(), limits).value
    except SourceRefused:
        return definition
