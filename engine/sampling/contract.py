"""What does a connector owe to whoever samples through it? (docs/howto/sample.md shows how one is written.)

A connector is called with a place and gives a source. Both deal in plain values, so that a connector imports nothing
of meshgate. It runs in a process of its own (`reader`), which is killed when the time is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from engine.model import Json

GROUP = "meshgate.connectors"
"""The entry point under which connectors are found."""


class Source(Protocol):
    """What stands at one place, and how does it begin?

    What cannot be told is raised: FileNotFoundError where nothing is there, PermissionError where reading is refused,
    ConnectionError where nobody answers, TimeoutError and MemoryError where a bound is reached, ImportError where a
    library is missing, ValueError for a configuration that cannot be meant. Anything else reads as a failure.
    """

    def columns(self) -> Sequence[Mapping[str, str]]:
        """The columns as `{"name", "type"}`, by names that no two of them share."""
        ...

    def rows(self, names: Sequence[str], rows: int, cell: int) -> Iterable[Sequence[Any]]:
        """The first rows, at most `rows`, with just these columns in this order.

        Only columns that are asked for are read. A text may be cut after `cell` characters, but not before.
        """
        ...


Connector = Callable[[Mapping[str, Any]], Source]
"""Called with `{"configuration", "dataset", "port", "seconds", "memory_mib"}`: what the operator set down with the
names filled in and the secrets resolved, which dataset of which port is wanted, and what it may take."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The bounds of one sample; `bytes` are those of the rows as JSON, `cell` the characters of one value."""

    rows: int = 100
    bytes: int = 256 << 10
    cell: int = 4_096
    seconds: float = 10.0
    memory_mib: int = 256


class Failure(StrEnum):
    """Why a source gives nothing."""

    ABSENT = "absent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NOT_INSTALLED = "not-installed"
    MISCONFIGURED = "misconfigured"
    SECONDS = "seconds"
    MEMORY = "memory"
    FAILED = "failed"


class SourceFailed(Exception):
    """The source gave nothing. `told` is for operators alone: it may quote their configuration, never data."""

    def __init__(self, failure: Failure, told: str = "") -> None:
        super().__init__(told or failure.value)
        self.failure, self.told = failure, told


@dataclass(frozen=True, slots=True)
class Place:
    """Where one sample is read: by which connector, with what it is told there."""

    connector: str
    configuration: Mapping[str, Json]
    dataset: str
    port: str
