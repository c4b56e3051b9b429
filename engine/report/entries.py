"""How are the entries of a report gone through, as often as a format needs, without being held all at once?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

Entry = dict[str, Any]
"""One document of the report, as `record.document` makes it."""


class Entries(Protocol):
    """The entries of a report in their order: a list, or what reads them anew each time it is asked."""

    def __iter__(self) -> Iterator[Entry]: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Changed:
    """Entries of which each is changed at the moment it is asked for; none is kept."""

    entries: Entries
    change: Callable[[Entry], Entry]

    def __iter__(self) -> Iterator[Entry]:
        return map(self.change, self.entries)

    def __len__(self) -> int:
        return len(self.entries)
