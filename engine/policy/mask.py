"""What does the governance team's mask policy hide of a decision record before it leaves?

It is Rego as OPA reads it for its own decision logs: package `system.log`, rule `mask`, asked about the whole record.
It is always evaluated by the embedded engine, in a worker that can be killed, also where an OPA server decides: what is
hidden from others is not sent to one to ask. Whatever goes wrong is MaskInvalid, and then nothing leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from engine.errors import BundleInvalid, GovernanceError, MaskInvalid
from engine.model import Json
from engine.policy import lint, mask_rules, modules, parsing, reach
from engine.policy.flaws import refuse_first
from engine.policy.syntax import Module
from engine.policy.worker import NotLoaded, Refused, Worker, WorkerLost
from engine.policy.workers import Workers

FOLDER = "mask"
PACKAGE, RULE = "system.log", "mask"
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask policy that was read; `revision` is the digest of its modules."""

    revision: str
    modules: Mapping[str, str]
    workers: Workers

    def masked(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """The record as others may see it. Raises MaskInvalid."""
        try:
            with self.workers.one(patience=SECONDS) as worker:
                rules = self._asked(worker, orjson.dumps(record))
        except (Refused, WorkerLost, GovernanceError) as reason:
            raise MaskInvalid(f"The mask policy could not be evaluated: {reason}.") from reason
        return mask_rules.applied(record, mask_rules.understood(rules))

    def _asked(self, worker: Worker, content: bytes) -> Json:
        question = f"data.{PACKAGE}.{RULE}"
        try:
            return worker.evaluate(self.revision, question, content, seconds=SECONDS)
        except NotLoaded:
            worker.load(self.revision, self.modules, seconds=SECONDS)
            return worker.evaluate(self.revision, question, content, seconds=SECONDS)


def load(governance: Path, workers: Workers) -> Mask | None:
    """The mask policy in `mask/` of the governance folder; None where there is no such folder.

    Tests (`*_test.rego`) are left out. Raises MaskInvalid for a folder without one, and for Rego that policies may not
    use either (capabilities.json); PolicyEngineUnavailable where no worker can run.
    """
    folder = governance / FOLDER
    if not folder.exists():
        return None
    try:
        found = modules.collect([folder])
        refuse_first(filter(None, (lint.at_sight(str(one.file), one.text) for one in found.values())))
        read, unread = parsing.parsed(workers, list(found.values()))
        refuse_first(unread)
        _check([one.module for one in read], folder)
    except BundleInvalid as reason:
        raise MaskInvalid(f"The mask policy cannot be read: {reason}.") from reason
    texts = {path: source.text for path, source in found.items()}
    return Mask(f"mask {modules.revision(texts)}", texts, workers)


def _check(parsed: Sequence[Module], folder: Path) -> None:
    allowed = lint.Calls(parsed)
    refuse_first(flaw for module in parsed for flaw in allowed.flaws(module))
    _, reaching = reach.follow(parsed)
    refuse_first(reaching)
    if not any(one.package == PACKAGE and RULE in {rule.name for rule in one.definitions} for one in parsed):
        raise BundleInvalid(f"{folder} holds no rule `{RULE}` of package {PACKAGE}")
