"""What have the tests seen of each policy: which of its lines, and each finding code fire and not fire?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from engine.model import Policy
from engine.policy.trying.results import Coverage, Seen
from engine.policy.trying.stand import Lines


class Sightings:
    """What was seen in all tests together."""

    def __init__(self) -> None:
        self._hit: dict[str, set[int]] = defaultdict(set)
        self._all: dict[str, set[int]] = defaultdict(set)
        self._fired: dict[str, set[str]] = defaultdict(set)
        self._silent: dict[str, set[str]] = defaultdict(set)

    def add(self, lines: Lines, seen: Iterable[Seen], policies: Mapping[str, Policy]) -> None:
        """Add what one test showed."""
        for file, (hit, every) in lines.items():
            self._hit[file] |= hit
            self._all[file] |= every
        for one in seen:
            self._fired[one.policy] |= one.fired
            self._silent[one.policy] |= policies[one.policy].findings.keys() - one.fired

    def of(self, policy: Policy, files: Iterable[str]) -> Coverage:
        """What was seen of one policy, whose modules are these files."""
        files = sorted(files)
        codes = sorted(policy.findings)
        return Coverage(
            policy=policy.id,
            lines=sum(len(self._all[file]) for file in files),
            missed=tuple((file, line) for file in files for line in sorted(self._all[file] - self._hit[file])),
            codes=len(codes),
            unfired=tuple(code for code in codes if code not in self._fired[policy.id]),
            unsilent=tuple(code for code in codes if code not in self._silent[policy.id]),
        )
