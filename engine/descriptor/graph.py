"""Do the components of a product refer to one another without gaps and circles?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from engine.descriptor.components import Component, items, text
from engine.descriptor.identity import COLLECTIONS, parse_fqn
from engine.descriptor.subject import Subject
from engine.model import Path, Problem

_FIELDS = ("dependsOn", "consumesFrom", "providesTo")


class _Directory:
    """Finds components of one product by any name they may be called by."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Component]:
        return {(COLLECTIONS[one.kind], one.name): one for one in self._subject.components}

    @cached_property
    def _by_fqn(self) -> dict[str, Component]:
        return {text(one.value, "fullyQualifiedName"): one for one in self._subject.components}

    def find(self, fqn: str) -> tuple[Component | None, bool]:
        """The component, and whether the name leads outside the product (where nothing can be known here)."""
        if (exact := self._by_fqn.get(fqn)) is not None:
            return exact, False
        parsed, product = parse_fqn(fqn), self._subject.named.identity
        if parsed is None:
            return None, False
        if product is not None and self._is_other(parsed.namespace, parsed.name):
            return None, True
        return self._by_name.get((parsed.collection or "", parsed.component or "")), False

    def hint(self, name: str) -> str:
        """What to write where only the name of a component stands instead of its fully qualified name."""
        named = self._subject.named.identity
        alike = [one for one in self._subject.components if one.name == name]
        if named is None or len(alike) != 1:
            return ""
        fqn = text(alike[0].value, "fullyQualifiedName") or f"{named.fqn}:{COLLECTIONS[alike[0].kind]}:{name}"
        return f"write {fqn}"

    def _is_other(self, namespace: str, name: str) -> bool:
        named = self._subject.named
        known = named.identity is not None and named.written is not None
        return name != text(self._subject.info, "name") or (
            known and named.identity is not None and namespace != named.identity.namespace
        )


def _references(one: Component) -> Iterator[tuple[str, Path, str]]:
    """Each reference of an internal component: its field, its path and what it names."""
    if one.is_port:
        return
    for field in _FIELDS:
        for at, target in enumerate(items(one.value.get(field))):
            if type(target) is str:
                yield field, (*one.path, field, at), target


def dangling_references(subject: Subject) -> Iterator[Problem]:
    directory = _Directory(subject)
    for one in subject.components:
        for field, path, target in _references(one):
            found, is_outside = directory.find(target)
            if found is None and not is_outside:
                msg = f"{field} names {target!r}, which is no component of this product"
                yield subject.problem("DP454", msg, path, directory.hint(target))


def dependency_cycles(subject: Subject) -> Iterator[Problem]:
    """The first circle of `dependsOn` between components."""
    directory = _Directory(subject)
    edges: dict[Path, dict[Path, Path]] = {}
    for one in subject.components:
        for field, path, target in _references(one):
            found, _ = directory.find(target)
            if field == "dependsOn" and found is not None:
                edges.setdefault(one.path, {})[found.path] = path
    if edges and (circle := _circle(edges)) is not None:
        names = {one.path: one.name for one in subject.components}
        loop = " -> ".join(names[path] for path in circle)
        yield subject.problem(
            "DP408", f"components depend on one another in a circle: {loop}", edges[circle[0]][circle[1]]
        )


def _circle(edges: dict[Path, dict[Path, Path]]) -> list[Path] | None:
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        found: list[Path] = error.args[1]
        return found[::-1]  # graphlib lists predecessors first
    return None
