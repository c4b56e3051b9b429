"""Which product, line, port or component does a fully qualified name mean, in any of its dialects?

Sources: DPDS 1.0.0 (prose), the V1 parser and the V2 registry of Open Data Mesh (reference dpds-and-odm.md 1.4, 1.5).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.descriptor.versions import is_semver, major

COLLECTIONS: Final = {
    "inputport": "inputports",
    "outputport": "outputports",
    "discoveryport": "discoveryports",
    "observabilityport": "observabilityports",
    "controlport": "controlports",
    "application": "applications",
    "infrastructure": "infrastructure",
}
"""The segment that names the collection of each entityType in a fully qualified name."""

LONGEST_NAME: Final = 500
"""Characters of a name, a namespace or the fqn of a line: what every database can index."""

_SEGMENTS: Final = {segment: segment for segment in COLLECTIONS.values()} | {"infrastructures": "infrastructure"}
_MAJOR: Final = re.compile("0|[1-9][0-9]{0,17}")
_UNUSABLE: Final = re.compile(r"[:\x00-\x1f\x7f]")


class Dialect(StrEnum):
    """How a fully qualified name is written."""

    #: the specification's own (and the V2 registry's): `urn:dpds:{ns}:dataproducts:{name}:{major}`
    DPDS = "dpds"
    #: the V1 parser's: no `dpds`, no major; ports follow the full version and end in their own
    ODM_V1 = "odm-v1"
    #: what fixtures mix: `urn:dpds:…` without a major, or with major and full version
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class ParsedFqn:
    """What a fully qualified name means; `collection` and `component` are None for a product."""

    namespace: str
    name: str
    major: int | None
    collection: str | None
    component: str | None
    dialect: Dialect


def is_usable(name: object) -> bool:
    """Whether a name or namespace can stand in a fully qualified name."""
    return isinstance(name, str) and not name.isspace() and name != "" and _UNUSABLE.search(name) is None


def parse_fqn(fqn: object) -> ParsedFqn | None:
    """What the name means, or None where it is in none of the dialects."""
    if not isinstance(fqn, str) or len(fqn) > 2048:
        return None
    parts = fqn.split(":")
    if parts[0] != "urn":
        return None
    in_dpds = len(parts) > 4 and parts[1] == "dpds" and parts[3] == "dataproducts"
    rest = parts[2:] if in_dpds else parts[1:]
    if len(rest) < 3 or rest[1] != "dataproducts" or not (is_usable(rest[0]) and is_usable(rest[2])):
        return None
    return _parsed(rest[0], rest[2], rest[3:], in_dpds)


def _parsed(namespace: str, name: str, rest: list[str], in_dpds: bool) -> ParsedFqn | None:
    number = int(rest.pop(0)) if rest and _MAJOR.fullmatch(rest[0]) else None
    full_version = rest.pop(0) if rest and is_semver(rest[0]) else None
    dialect = Dialect.MIXED
    if in_dpds and number is not None and full_version is None:
        dialect = Dialect.DPDS
    elif not in_dpds and number is None:
        dialect = Dialect.ODM_V1
    if number is None and full_version is not None:
        number = major(full_version)
    if not rest:
        return ParsedFqn(namespace, name, number, None, None, dialect)
    collection = _SEGMENTS.get(rest[0].lower())
    well_formed = len(rest) == 2 or (len(rest) == 3 and is_semver(rest[2]))
    if collection is None or not well_formed or not is_usable(rest[1]):
        return None
    return ParsedFqn(namespace, name, number, collection, rest[1], dialect)


def line_fqn(namespace: str, name: str, major: int) -> str:
    """The canonical name of a line (DESIGN §1)."""
    return f"urn:dpds:{namespace}:dataproducts:{name}:{major}"


def component_fqn(line: str, entity_type: str, name: str) -> str:
    """The canonical name of a port or component of a line."""
    return f"{line}:{COLLECTIONS[entity_type]}:{name}"


def line_id(fqn: str) -> str:
    """The UUID of version 5 in the DNS namespace, which reproduces the ids printed in the specification."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, fqn))


def odm_id(fqn: str) -> str:
    """The id that Open Data Mesh computes: MD5 without a namespace, in the shape of a UUID of version 3."""
    digest = hashlib.md5(fqn.encode(), usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest, version=3))
