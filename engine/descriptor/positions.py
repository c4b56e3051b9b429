"""At which offset does the key or value at a path stand?

Readers note one offset for every key and value in document order, which costs next to nothing; the index from paths
to offsets is made only when a place must be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


def copied(value: Json) -> Json:
    """A copy that shares no mapping or sequence; the depth limit keeps the recursion short."""
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    if type(value) is list:
        return [copied(item) for item in value]
    return value


class Index:
    """Answers offsets for paths of one source; a mapping or sequence is looked into when a path first leads there."""

    def __init__(self, value: Json, marks: Sequence[int]) -> None:
        self._value, self._marks = value, marks
        self._sizes: dict[int, int] = {}
        self._numbers: dict[int, dict[Step, int]] = {}
        if _measured(value, self._sizes) != len(marks):
            raise ValueError("every key and value has one mark")

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
            inside = self._inside(node).get(step)
            if inside is None:
                return length, number, has_key, node
            number, has_key, node = number + inside, type(node) is dict, node[step]
        return len(path), number, has_key, node

    def _inside(self, node: Json) -> dict[Step, int]:
        """How many keys and values from the mapping or sequence on to each value right inside it."""
        numbers = self._numbers.get(id(node))
        if numbers is None:
            numbers = self._numbers[id(node)] = {}
            items, before = (node.items(), 2) if type(node) is dict else (enumerate(node), 1)
            number = before
            for step, item in items:
                numbers[step] = number
                number += self._sizes.get(id(item), 1) + before - 1
        return numbers


def _measured(node: Json, sizes: dict[int, int]) -> int:
    """How many keys and values there are, noted too for every mapping and sequence; the depth limit keeps it short."""
    items = node.values() if type(node) is dict else node if type(node) is list else None
    if items is None:
        return 1
    found = 1 + (len(node) if type(node) is dict else 0)
    for item in items:
        found += _measured(item, sizes) if type(item) in (dict, list) else 1
    sizes[id(node)] = found
    return found
