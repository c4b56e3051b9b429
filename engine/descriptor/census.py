"""Does a descriptor hold more entities, or more entries in its lists, than rules can look at in a moment?

The limits on bytes and nodes alone let 190,000 empty ports through, each of which costs every later rule some work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from engine.descriptor.grammar import COMPONENT, PORT, ROOT, STANDARD_SHAPES, TASK, Shape, objects
from engine.descriptor.limits import Limits
from engine.descriptor.source import Source
from engine.model import Json, Path, Step

_ENTITIES = frozenset((COMPONENT, PORT, TASK, *STANDARD_SHAPES))
_LISTS = ("tags", "contactPoints", "dependsOn", "x-dependsOn", "consumesFrom", "providesTo")


def may_be_crowded(source: Source, limits: Limits) -> bool:
    """Whether one file may hold so many at all: counting its commas and brackets takes next to no time."""
    if source.marks is not None:
        return len(source.marks) > limits.entities
    return sum(map(source.text.count, ",[{")) > limits.entities


def crowded(document: Json, limits: Limits) -> tuple[Path, str] | None:
    """The place of the first one beyond a limit and what there are too many of, or None."""
    entities = "ports, components, tasks and standard definitions"
    return _beyond(_entities(document), limits.entities, entities) or _beyond(
        _entries(document), limits.entries, "tags, contact points and dependencies"
    )


def _beyond(groups: Iterable[tuple[Path, Sequence[Step]]], most: int, what: str) -> tuple[Path, str] | None:
    room = most
    for path, steps in groups:
        if len(steps) > room:
            return (*path, steps[room]), f"more than {most:,} {what}"
        room -= len(steps)
    return None


def _entities(document: Json) -> Iterator[tuple[Path, Sequence[Step]]]:
    """The steps to the entities of each object and list, told before anything below them is looked at."""
    pending: deque[tuple[Path, Json, Shape]] = deque([((), document, ROOT)])
    while pending:
        path, node, shape = pending.popleft()
        steps: Sequence[Step] = ()
        if type(node) is list and shape.items is not None:
            steps = range(len(node))
        elif type(node) is dict and not shape.opaque:
            steps = list(node) if shape.items is not None else [key for key in shape.fields if key in node]
        if shape.items is not None:
            if shape.items in _ENTITIES:
                yield path, steps
            if shape.items.fields or shape.items.items is not None:
                pending.extend(((*path, step), node[step], shape.items) for step in steps)
            continue
        yield path, [key for key in steps if shape.fields[str(key)] in _ENTITIES]
        pending.extend(((*path, key), node[key], shape.fields[str(key)]) for key in steps)


def _entries(document: Json) -> Iterator[tuple[Path, Sequence[Step]]]:
    for path, node, _ in objects(document):
        for field in _LISTS:
            if type(node.get(field)) is list:
                yield (*path, field), range(len(node[field]))
