"""What does the contract of a port say of a column that a source has?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.model import Json


class DeclaredColumn(Protocol):
    """One column as a version declares it; `path` leads to nested ones (`engine.model.Column`)."""

    @property
    def version_id(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Declared:
    """The tags of columns by their names, letters of either case; `names` are those that the dataset in force has.

    What stands within a column counts for the whole of it: it is shown or masked as one.
    """

    names: frozenset[str]
    tags: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, columns: Iterable[DeclaredColumn], *, version_id: str, dataset: str) -> Declared:
        """What the dataset of the version in force declares, with all tags that other versions give the same names."""
        names: set[str] = set()
        tags: dict[str, dict[str, None]] = {}
        for one in columns:
            in_force = one.version_id == version_id
            if in_force and one.dataset != dataset:
                continue
            for name in _names(one.path):
                tags.setdefault(name, {}).update(dict.fromkeys(one.tags))
                if in_force:
                    names.add(name)
        return cls(frozenset(names), {name: tuple(found) for name, found in tags.items()})

    def shown_to_the_policy(self, name: str) -> dict[str, Json]:
        """A column of the source as the sampling policy sees it."""
        return {"name": name, "declared": self.declares(name), "tags": list(self.tags_of(name))}

    def declares(self, name: str) -> bool:
        return name.casefold() in self.names

    def tags_of(self, name: str) -> tuple[str, ...]:
        return self.tags.get(name.casefold(), ())


def _names(path: str) -> set[str]:
    """The name of the column by itself, and of the one that it stands within."""
    first = path.partition(".")[0].removesuffix("[]")
    return {path.casefold(), first.casefold()}
