"""By which values can a product be filtered, counted and completed?

Every value is kept as its author wrote it, and compared without case and accents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from catalog.summary import Summary, look_up_key
from catalog.text.words import column_names
from engine.model import Column, Identity, Port

#: the fields, with what each tells; `has` is wider than `tag`
FIELDS = {
    "domain": "The domain that owns the product.",
    "owner": "Who answers for the product.",
    "status": "The standing of the version that is shown.",
    "tag": "A tag of the product or of one of its ports.",
    "has": "A tag of the product, of a port or of a column.",
    "platform": "The platform of one of its ports.",
    "specification": "The specification of the API of one of its ports.",
    "port": "The name of one of its ports.",
    "column": "A column of one of its ports, by its path or the last step of it.",
}
#: those that hits are counted by, a column of `listing_facet` each
COUNTED = ("domain", "owner", "status", "tag", "has", "platform", "specification")


class Trait(NamedTuple):
    """One value of one field; `key` is what is compared."""

    field: str
    key: str
    value: str


def of(
    identity: Identity, summary: Summary, status: str, ports: Sequence[Port], columns: Sequence[Column]
) -> tuple[Trait, ...]:
    """The traits of one version; of values that differ in case only, the first is kept."""
    found: dict[tuple[str, str], Trait] = {}
    for field, value in _values(identity, summary, status, ports, columns):
        key = look_up_key(value)
        if key:
            found.setdefault((field, key), Trait(field, key, value.strip()))
    return tuple(found.values())


def _values(
    identity: Identity, summary: Summary, status: str, ports: Sequence[Port], columns: Sequence[Column]
) -> Iterator[tuple[str, str]]:
    yield from (("domain", identity.domain), ("owner", summary.owner), ("status", status))
    tags = [*summary.tags, *(tag for port in ports for tag in port.tags)]
    yield from (("tag", tag) for tag in tags)
    yield from (("has", tag) for tag in [*tags, *(tag for one in columns for tag in one.tags)])
    for port in ports:
        yield from (("platform", port.platform), ("specification", port.api_specification), ("port", port.name))
    yield from (("column", name) for one in columns for name in column_names(one.path))
