"""Which files do the definitions of a descriptor's ports lead to, besides those that its own references reach?

They are parts of the submission, too: without them nobody could say later which columns a version promised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from engine.descriptor.components import Component, components
from engine.descriptor.contracts.port_schemas import SchemaReader
from engine.descriptor.limits import Limits
from engine.descriptor.source import parse
from engine.descriptor.submission import Files, ReferenceRefused
from engine.descriptor.text import SourceRefused
from engine.model import Json, Part, Path


def leads_elsewhere(port: Component) -> bool:
    """Whether the definition of a port's API refers to a file other than its own."""
    promises = port.value.get("promises")
    api = promises.get("api") if type(promises) is dict else None
    definition = api.get("definition") if type(api) is dict else None
    if type(definition) is str:
        return "$ref" in definition
    pending: list[Json] = [definition]
    while pending:
        node = pending.pop()
        if type(node) is dict:
            ref = node.get("$ref")
            if type(ref) is str and not ref.startswith("#"):
                return True
            pending.extend(node.values())
        elif type(node) is list:
            pending.extend(node)
    return False


def any_leads_elsewhere(effective: Mapping[str, Json]) -> bool:
    """The same for all ports of an effective descriptor."""
    return any(leads_elsewhere(one) for one in components(dict(effective)) if one.is_port)


def parts_elsewhere(
    effective: dict[str, Json], parts: Iterable[Part], file_of: Callable[[Path], str], files: Files, limits: Limits
) -> tuple[Part, ...]:
    """The files that are reached from inside definitions and are none of these parts, in the order they are read.

    What cannot be read, and what exceeds `limits.definitions`, is left out: the schema reader then tells a gap.
    """
    ports = [one for one in components(effective) if one.is_port and leads_elsewhere(one)]
    shelf = _Shelf(parts, files, limits)
    reader = SchemaReader(shelf.read, file_of, limits)
    for port in ports:
        reader.schema(port)
    return tuple(shelf.taken)


def contents(parts: Iterable[Part], limits: Limits) -> dict[str, Json]:
    """What each of these files says, whatever its layout; the digest of its bytes where it cannot be read."""
    return {part.path: _content(part, limits) for part in parts}


def _content(part: Part, limits: Limits) -> Json:
    try:
        return parse(part.path, part.content, limits).value
    except SourceRefused:
        return hashlib.sha256(part.content).hexdigest()


class _Shelf:
    """Reads each file once, and remembers which it gave out."""

    def __init__(self, parts: Iterable[Part], files: Files, limits: Limits) -> None:
        self.taken: list[Part] = []
        self._contents: dict[str, bytes | None] = {part.path: part.content for part in parts}
        self._files, self._room = files, limits.definitions

    def read(self, path: str) -> bytes | None:
        if path not in self._contents:
            self._contents[path] = self._take(path)
        return self._contents[path]

    def _take(self, path: str) -> bytes | None:
        try:
            content = self._files.read(path)
        except (OSError, ReferenceRefused):
            return None
        if len(content) > self._room:
            return None
        self._room -= len(content)
        self.taken.append(Part(path, content))
        return content
