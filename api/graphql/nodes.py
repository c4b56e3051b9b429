"""Which thing does a global id name, and of which GraphQL type is a value of the catalog?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from api.graphql.context import Context
from api.graphql.ids import GlobalId, understood

_TYPES = {
    "Product": "DataProduct",
    "StoredVersion": "Version",
    "StoredPort": "Port",
    "Container": "Container",
    "Deployment": "Deployment",
}


def type_of(value: Any) -> str | None:
    """The GraphQL type of a value that has an id."""
    return _TYPES.get(type(value).__name__)


def nodes(texts: Sequence[str], context: Context, *, at: int | None = None) -> list[Any]:
    """The things that these ids name, None for what is not there (or was not `at` a revision); a GraphQL error
    `id-invalid` for no id of ours.

    Things of one type are read together, and are siblings.
    """
    names = [understood(text) for text in texts]
    found: dict[GlobalId, Any] = {}
    for kind, group in groupby(sorted(set(names)), key=lambda name: name.type):
        if kind in _READS:
            read = _READS[kind]([name.key for name in group], context, at)
            context.siblings.together(read.values(), at=at)
            found.update({GlobalId(kind, key): value for key, value in read.items()})
    return [found.get(name) for name in names]


def _products(keys: list[str], context: Context, at: int | None) -> Mapping[str, Any]:
    return context.together.products(keys, principal=context.principal, at=at)


def _versions(keys: list[str], context: Context, at: int | None) -> Mapping[str, Any]:
    return context.together.accepted(keys, principal=context.principal, at=at)


def _ports(keys: list[str], context: Context, at: int | None) -> Mapping[str, Any]:
    versions = list(dict.fromkeys(key.partition("/")[0] for key in keys))
    found = context.house.products.ports_of(versions, principal=context.principal, at=at)
    by_key = {f"{port.version_id}/{port.kind}/{port.name}": port for ports in found.values() for port in ports}
    return {key: by_key[key] for key in keys if key in by_key}


def _containers(keys: list[str], context: Context, at: int | None) -> Mapping[str, Any]:
    return context.together.known(keys, principal=context.principal, at=at)


def _deployments(keys: list[str], context: Context, at: int | None) -> Mapping[str, Any]:
    return context.together.deployments(keys, principal=context.principal, at=at)


_READS: Mapping[str, Callable[[list[str], Context, int | None], Mapping[str, Any]]] = {
    "DataProduct": _products,
    "Version": _versions,
    "Port": _ports,
    "Container": _containers,
    "Deployment": _deployments,
}
