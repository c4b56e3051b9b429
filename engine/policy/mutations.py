"""In which ways can a document be other than its author meant it?

Policies and engines meet documents that nobody foresaw. Each mutation here changes one place: taken away, emptied, of
another type, huge, or in letters of other scripts.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from engine.descriptor.positions import walk
from engine.model import Json, Path, pointer

ABSENT: Final[Any] = object()
"""Stands for a place that is taken out."""

REPLACEMENTS: Final[tuple[Any, ...]] = (
    *(ABSENT, None, True, False, 0, -7, 2**53, 1.5, -1.5, "", " ", "text", "deprecated", "1.0.0"),
    *("Größe 🦊 \u00a0\u2028 Αθήνα ß", "ŭñïcødé #{}", "\u0000", "a" * 5_000, "pii"),
    "urn:dpds:org.example:dataproducts:x:1",
    *([], [None], ["pii", 7], ["x", None, 3], [[]]),
    *({}, {"a": None}, {"": {}}, {"name": "x", "version": "1.0.0"}, {"name": {"x": [None]}}),
)


class Mutant(NamedTuple):
    """A document with one place changed, and how."""

    name: str
    document: dict[str, Json]


def every(name: str, document: Mapping[str, Json], replacements: Sequence[Any] = REPLACEMENTS) -> Iterator[Mutant]:
    """The document with each replacement at each of its places below the root."""
    for path in places(document):
        for value in replacements:
            yield mutant(name, document, path, value)


def chosen(documents: Mapping[str, Mapping[str, Json]], count: int, *, seed: int) -> Iterator[Mutant]:
    """A choice of `count` among all replacements at all places of all documents; equal for an equal seed.

    All of them where there are no more.
    """
    ways = [(name, path, value) for name, one in documents.items() for path in places(one) for value in REPLACEMENTS]
    for name, path, value in random.Random(seed).sample(ways, min(count, len(ways))):  # noqa: S311 (no secret)
        yield mutant(name, documents[name], path, value)


def places(document: Mapping[str, Json]) -> Iterator[Path]:
    """Every place of the document below its root."""
    return (path for path, _, is_key in walk(document) if path and not is_key)


def mutant(name: str, document: Mapping[str, Json], path: Path, value: Any) -> Mutant:
    """A copy with one place replaced, or taken out for ABSENT."""
    copied: Any = copy.deepcopy(dict(document))
    holder = copied
    for step in path[:-1]:
        holder = holder[step]
    if value is ABSENT:
        del holder[path[-1]]
    else:
        holder[path[-1]] = copy.deepcopy(value)
    shown = "absent" if value is ABSENT else repr(value)[:40]
    return Mutant(f"{name} {pointer(path)} = {shown}", copied)
