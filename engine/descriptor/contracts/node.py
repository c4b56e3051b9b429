"""Where does a value inside a definition stand, and what do references inside it name?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.descriptor.address import is_address
from engine.descriptor.limits import Limits
from engine.descriptor.reference import RefRefused, lookup, target
from engine.descriptor.source import parse
from engine.descriptor.text import SourceRefused
from engine.model import Json, Path, Step

MOST_FOLLOWED: Final = 50_000
"""References inside the definitions of one descriptor; one and the same is followed wherever it stands."""

Reader = Callable[[str], bytes | None]
"""Answers the bytes of a file of the submission, None where it is not at hand."""


class Gap(Exception):
    """A part of a definition that cannot be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class Home:
    """The document that `#/…` starts at: its root, its file, and where it stands in the effective descriptor."""

    root: Json
    file: str
    at: Path | None


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a definition; `at` is its place in the effective descriptor, or that of its nearest ancestor."""

    value: Json
    home: Home
    at: Path

    def below(self, *steps: Step) -> Node:
        """The value some steps below, which exists."""
        value = self.value
        for step in steps:
            value = value[step]
        return Node(value, self.home, self.at if self.home.at is None else (*self.at, *steps))

    def child(self, key: str) -> Node | None:
        """The value of a key, if this is an object that has it."""
        return self.below(key) if type(self.value) is dict and key in self.value else None

    def text(self, key: str) -> str:
        """The string of a key, or ""."""
        found = self.value.get(key) if type(self.value) is dict else None
        return found if type(found) is str else ""

    def items(self) -> list[Node]:
        """The items of a list, or the values of an object, in order."""
        if type(self.value) is dict:
            return [self.below(key) for key in self.value]
        return [self.below(index) for index in range(len(self.value))] if type(self.value) is list else []

    def named(self) -> list[tuple[str, Node]]:
        """The keys and values of an object."""
        return [(key, self.below(key)) for key in self.value] if type(self.value) is dict else []


class Follower:
    """Follows references inside definitions, as far as the submission and the limits reach."""

    def __init__(self, read: Reader, limits: Limits) -> None:
        self._read, self._limits = read, limits
        self._homes: dict[str, Home | Gap | None] = {}
        self._followed = 0

    def followed(self, node: Node) -> Node:
        """What the node's `$ref`, and those behind it, name; raises Gap."""
        seen: list[int] = []
        while type(node.value) is dict and type(node.value.get("$ref")) is str:
            if id(node.value) in seen:
                raise Gap(f"the reference {node.value['$ref']!r} goes in a circle")
            seen.append(id(node.value))
            node = self._next(node, node.value["$ref"])
        return node

    def _next(self, node: Node, ref: str) -> Node:
        self._followed += 1
        if self._followed > MOST_FOLLOWED:
            raise Gap(f"more than {MOST_FOLLOWED:,} references inside definitions")
        try:
            named = target(ref, node.home.file)
        except RefRefused as refusal:
            raise Gap(refusal.msg) from None
        homes = [node.home] if named.file == node.home.file else []
        for home in (*homes, self._home(named.file)):
            try:
                value, path = lookup(home.root, named.steps) if home else (None, ())
            except KeyError:
                continue
            if home:
                return Node(value, home, node.at if home.at is None else (*home.at, *path))
        if is_address(named.file) and self._home(named.file) is None:
            raise Gap(f"$ref {ref!r} is an address; nothing is fetched")
        raise Gap(f"$ref {ref!r} names nothing in this submission")

    def _home(self, file: str) -> Home | None:
        """The document of a file, read once however often it is named; raises Gap for one that cannot be read."""
        if file not in self._homes:
            self._homes[file] = self._opened(file)
        home = self._homes[file]
        if isinstance(home, Gap):
            raise home
        return home

    def _opened(self, file: str) -> Home | Gap | None:
        content = self._read(file)
        if content is None:
            return None
        try:
            return Home(parse(file, content, self._limits).value, file, None)
        except SourceRefused as refusal:
            return Gap(f"{file} cannot be read: {refusal.msg}")
