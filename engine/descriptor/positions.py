"""At which offset does the key or value at a path stand?

Readers note one offset for every key and value in document order, which costs next to nothing; the index from paths
to offsets is made only when a place must be shown, and only as far as that place.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from engine.model import Json, Path, Step


def walk(value: Json) -> Iterator[tuple[Path, Json, bool]]:
    """Every key and value in document order, as (path, value, is a key); a key has the path of its value."""
    pending: list[tuple[Path, Json, bool]] = [((), value, False)]
    while pending:
        path, node, is_key = pending.pop()
        yield path, node, is_key
        if is_key:
            continue
        if type(node) is dict:
            for key in reversed(node):
                pending.append(((*path, key), node[key], False))
                pending.append(((*path, key), key, True))
        elif type(node) is list:
            pending.extend(((*path, index), node[index], False) for index in range(len(node) - 1, -1, -1))


def strings(value: Json) -> Iterator[str]:
    """Every key and every string, in no particular order: faster than `walk`."""
    pending = [value]
    while pending:
        node = pending.pop()
        if type(node) is dict:
            yield from node
            pending.extend(node.values())
        elif type(node) is list:
            pending.extend(node)
        elif type(node) is str:
            yield node


def size(value: Json) -> int:
    """How many keys and values there are, the value itself included."""
    return sum(1 for _ in walk(value))


def height(value: Json) -> int:
    """How many mappings and sequences stand inside one another."""
    return max(
        (len(path) + 1 for path, node, is_key in walk(value) if not is_key and type(node) in (dict, list)), default=0
    )


def is_within(value: Json, *, nodes: int, characters: int, depth: int) -> bool:
    """Whether there are no more keys and values, characters of text and levels than that: faster than `walk`."""
    level = [value]
    for _ in range(depth + 1):
        keys = [key for node in level if type(node) is dict for key in node]
        nodes -= len(level) + len(keys)
        characters -= sum(map(len, chain(keys, (node for node in level if type(node) is str))))
        if nodes < 0 or characters < 0:
            return False
        level = [node for node in level if type(node) in (dict, list)]
        if not level:
            return True
        level = [item for node in level for item in _items(node)]
    return False


def _items(node: Json) -> Iterable[Json]:
    return node.values() if type(node) is dict else node if type(node) is list else ()


def copied(value: Json) -> Json:
    """A copy that shares no mapping or sequence."""
    # Its version 2 knows no references, so that nothing is shared inside the copy either.
    return marshal.loads(marshal.dumps(value, 2))  # noqa: S302  (what was written in this line)


class Marks(Protocol):
    """The offset of every key and value, by its number in document order."""

    def __getitem__(self, number: int, /) -> int: ...


class Index:
    """Answers offsets for paths of one source; nothing behind what was asked for is looked at."""

    def __init__(self, value: Json, marks: Marks) -> None:
        self._value, self._marks = value, marks
        self._sizes: dict[int, int] = {}
        self._insides: dict[int, _Inside] = {}

    def place(self, path: Path) -> int:
        """The offset to show for a path or its nearest existing ancestor: a scalar's own, for the rest its key's."""
        number, has_key, node = self._found(path)[1:]
        return self._marks[number - 1 if has_key and type(node) in (dict, list) else number]

    def value(self, path: Path) -> int:
        """The offset of the value, or of its nearest existing ancestor."""
        return self._marks[self._found(path)[1]]

    def key(self, path: Path) -> int:
        """The offset of the key (of the item in a list), or of the nearest existing ancestor."""
        number, has_key, _ = self._found(path)[1:]
        return self._marks[number - 1 if has_key else number]

    def existing(self, path: Path) -> Path:
        """The path, or the path of its nearest existing ancestor."""
        return path[: self._found(path)[0]]

    def _found(self, path: Path) -> tuple[int, int, bool, Json]:
        """How much of the path exists, and of the value there: its number, whether a key stands before it, itself."""
        node, number, has_key = self._value, 0, False
        for length, step in enumerate(path):
            if type(node) not in (dict, list):
                return length, number, has_key, node
            if not _holds(node, step):
                return length, number, has_key, node
            number, has_key, node = number + self._inside(node).number(step), type(node) is dict, node[step]
        return len(path), number, has_key, node

    def _inside(self, node: Json) -> _Inside:
        if id(node) not in self._insides:
            self._insides[id(node)] = _Inside(node, self._sizes)
        return self._insides[id(node)]


class _Inside:
    """How many keys and values it is from a mapping or sequence on to the values right inside it."""

    def __init__(self, node: Json, sizes: dict[int, int]) -> None:
        self._sizes = sizes
        self._step = 2 if type(node) is dict else 1
        self._numbers: dict[Step, int] = {}
        self._items: Iterator[tuple[Step, Json]] = iter(node.items() if type(node) is dict else enumerate(node))
        self._last: tuple[int, Json] | None = None

    def number(self, step: Step) -> int:
        """The number of the value at a step that exists; what stands before it is counted once."""
        while step not in self._numbers:
            number = self._step
            if self._last is not None:
                number += self._last[0] + _measured(self._last[1], self._sizes) - 1
            found, item = next(self._items)
            self._numbers[found], self._last = number, (number, item)
        return self._numbers[step]


def _holds(node: Json, step: Step) -> bool:
    return step in node if type(node) is dict else type(step) is int and 0 <= step < len(node)


def _measured(node: Json, sizes: dict[int, int]) -> int:
    """How many keys and values there are, noted too for every mapping and sequence; the depth limit keeps it short."""
    if type(node) not in (dict, list):
        return 1
    if id(node) not in sizes:
        keys = len(node) if type(node) is dict else 0
        sizes[id(node)] = 1 + keys + sum(_measured(item, sizes) for item in _items(node))
    return sizes[id(node)]
