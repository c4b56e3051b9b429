"""How did each test end, and how did all of them together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from engine.model import Json


class Kind(StrEnum):
    """What a test is written as: a rule `test_…` in Rego, or a folder with a descriptor and what is expected of it."""

    REGO = "rego"
    FIXTURE = "fixture"


class State(StrEnum):
    """How a test ended: `error` says nothing about the policy, the test could not be carried out."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one evaluation of a policy showed of its finding codes."""

    policy: str
    fired: frozenset[str]


@dataclass(frozen=True, slots=True)
class Result:
    """One test: the policies that it is about, where it stands, how it ended and why.

    `because` are the expressions that made a Rego test fail, as far as they could be found; `case` are the keys of
    the case that they are about, the first one that failed.
    """

    kind: Kind
    policies: tuple[str, ...]
    name: str
    file: str
    line: int
    state: State
    reason: str = ""
    printed: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    case: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the tests of one policy have seen of it.

    `lines` of its modules can be evaluated, `missed` (file, line) never were. `unfired` and `unsilent` are the finding
    codes that were never seen to fire, and never seen not to.
    """

    policy: str
    lines: int
    missed: tuple[tuple[str, int], ...] = ()
    codes: int = 0
    unfired: tuple[str, ...] = ()
    unsilent: tuple[str, ...] = ()

    @property
    def line_share(self) -> float:
        """Percent of the lines that were evaluated; 100 where there are none."""
        return 100.0 * (self.lines - len(self.missed)) / self.lines if self.lines else 100.0

    @property
    def code_share(self) -> float:
        """Percent of the codes that were seen both to fire and not to; 100 where the policy names none."""
        half_seen = set(self.unfired) | set(self.unsilent)
        return 100.0 * (self.codes - len(half_seen)) / self.codes if self.codes else 100.0


@dataclass(frozen=True, slots=True)
class Session:
    """All tests that were run; `untested` are policies that were asked about and have no test."""

    results: Sequence[Result]
    untested: tuple[str, ...] = ()
    coverage: Mapping[str, Coverage] = field(default_factory=dict)

    def count(self, state: State) -> int:
        return sum(one.state is state for one in self.results)
