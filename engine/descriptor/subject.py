"""What does a semantic rule look at?"""

from __future__ import annotations

from dataclasses import dataclass

from engine.descriptor.completion import Named
from engine.descriptor.components import Component, components
from engine.descriptor.grammar import Shape, objects
from engine.descriptor.problems import problem
from engine.descriptor.provenance import Provenance
from engine.model import Json, Path, Problem


@dataclass(frozen=True, slots=True)
class Subject:
    """One effective document before completion, cut up once for all rules."""

    document: dict[str, Json]
    named: Named
    provenance: Provenance
    components: tuple[Component, ...]
    objects: tuple[tuple[Path, dict[str, Json], Shape], ...]

    @classmethod
    def of(cls, document: dict[str, Json], named: Named, provenance: Provenance) -> Subject:
        return cls(document, named, provenance, tuple(components(document)), tuple(objects(document)))

    @property
    def info(self) -> dict[str, Json]:
        found = self.document.get("info")
        return found if type(found) is dict else {}

    def problem(self, code: str, msg: str, path: Path, hint: str = "") -> Problem:
        """A problem with the value at a path."""
        return problem(code, msg, path, self.provenance.locate(path), hint)
