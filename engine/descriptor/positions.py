"""At which offset does the key or value at a path stand?

Readers note one offset for every key and value in document order, which costs next to nothing; the index from paths
to offsets is made only when a place must be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.model import Json, Path


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


def copied(value: Json) -> Json:
    """A copy that shares no mapping or sequence; the depth limit keeps the recursion short."""
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    if type(value) is list:
        return [copied(item) for item in value]
    return value


class Index:
    """Answers offsets for paths of one source; built at the first question."""

    def __init__(self, value: Json, marks: Sequence[int]) -> None:
        self._keys: dict[Path, int] = {}
        self._values: dict[Path, int] = {}
        self._shown: dict[Path, int] = {}
        for (path, node, is_key), mark in zip(walk(value), marks, strict=True):
            if is_key:
                self._keys[path] = mark
                continue
            self._values[path] = mark
            self._shown[path] = self._keys.get(path, mark) if type(node) in (dict, list) else mark

    def place(self, path: Path) -> int:
        """The offset to show for a path or its nearest existing ancestor: a scalar's own, for the rest its key's."""
        return self._shown[self.existing(path)]

    def value(self, path: Path) -> int:
        """The offset of the value, or of its nearest existing ancestor."""
        return self._values[self.existing(path)]

    def key(self, path: Path) -> int:
        """The offset of the key (of the item in a list), or of the nearest existing ancestor."""
        found = self.existing(path)
        return self._keys.get(found, self._values[found])

    def existing(self, path: Path) -> Path:
        """The path, or the path of its nearest existing ancestor."""
        while path not in self._values:
            path = path[:-1]
        return path
