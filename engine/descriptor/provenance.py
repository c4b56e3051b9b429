"""From which file, and by which references, did each node of the effective descriptor come?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.descriptor.source import Source
from engine.model import Path, Place, Step, pointer


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a subtree of the effective descriptor was written, and the references followed to it, outermost first."""

    source: Source
    path: Path
    via: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.source.file}#{pointer(self.path)}"

    def below(self, *steps: Step) -> Origin:
        return Origin(self.source, (*self.path, *steps), self.via)

    def place(self, *, of_key: bool = False) -> Place:
        return self.source.place(self.path, self.via, of_key=of_key)


class Provenance:
    """Knows the origin of every node: the root document, and one entry for every place a reference was replaced."""

    def __init__(self, root: Source) -> None:
        self._origins: dict[Path, Origin] = {(): Origin(root, ())}

    def __setitem__(self, path: Path, origin: Origin) -> None:
        self._origins[path] = origin

    def origin(self, path: Path) -> Origin:
        """Where the node at a path of the effective descriptor was written, if it was."""
        if len(self._origins) > 1:
            for length in range(len(path), 0, -1):
                if (found := self._origins.get(path[:length])) is not None:
                    return found.below(*path[length:])
        return self._origins[()].below(*path)

    def locate(self, path: Sequence[Step]) -> Place:
        """The place of the node, or of its nearest existing ancestor (DESIGN §3.8)."""
        return self.origin(tuple(path)).place()

    def locate_key(self, path: Sequence[Step]) -> Place:
        """The place of the key that names the node."""
        return self.origin(tuple(path)).place(of_key=True)

    def written(self, path: Path) -> str:
        """The scalar as its author wrote it."""
        origin = self.origin(path)
        return origin.source.written(origin.path)
