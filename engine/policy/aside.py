"""What does one rule say that belongs to no bundle and judges no descriptor, such as what is masked?

It lies in a folder of its own beside the policies, is held to the same lint, list of built-ins and limits, and is
always evaluated by the embedded engine, in a worker that can be killed, also where an OPA server decides: what is to be
hidden from others is not sent to one to ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from engine.errors import BundleInvalid
from engine.model import Json
from engine.policy import lint, modules, parsing, reach
from engine.policy.flaws import refuse_first
from engine.policy.syntax import Module
from engine.policy.worker import NotLoaded, Worker
from engine.policy.workers import Workers

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Aside:
    """Modules that answer one question; `revision` is their digest."""

    question: str
    revision: str
    modules: Mapping[str, str]
    workers: Workers

    def asked(self, document: Mapping[str, Json]) -> Json:
        """The answer, None where it is undefined. Raises Refused, WorkerLost, PolicyEngineUnavailable."""
        with self.workers.one(patience=SECONDS) as worker:
            return self._asked(worker, orjson.dumps(document))

    def widened(self, question: str) -> Aside:
        """The same modules, asked another question."""
        return replace(self, question=question)

    def _asked(self, worker: Worker, content: bytes) -> Json:
        try:
            return worker.evaluate(self.revision, self.question, content, seconds=SECONDS)
        except NotLoaded:
            worker.load(self.revision, self.modules, seconds=SECONDS)
            return worker.evaluate(self.revision, self.question, content, seconds=SECONDS)


def read(folder: Path, workers: Workers, *, package: str, rule: str) -> Aside:
    """The modules of this folder, which have to hold this rule; tests (`*_test.rego`) are left out.

    Raises BundleInvalid for Rego that policies may not use either (capabilities.json), and where the rule is missing;
    PolicyEngineUnavailable where no worker can run.
    """
    found = modules.collect([folder])
    refuse_first(filter(None, (lint.at_sight(str(one.file), one.text) for one in found.values())))
    read, unread = parsing.parsed(workers, list(found.values()))
    refuse_first(unread)
    _check([one.module for one in read], folder, package, rule)
    texts = {path: source.text for path, source in found.items()}
    return Aside(f"data.{package}.{rule}", f"{rule} {modules.revision(texts)}", texts, workers)


def _check(parsed: Sequence[Module], folder: Path, package: str, rule: str) -> None:
    allowed = lint.Calls(parsed)
    refuse_first(flaw for module in parsed for flaw in allowed.flaws(module))
    _, reaching = reach.follow(parsed)
    refuse_first(reaching)
    if not any(one.package == package and rule in {each.name for each in one.definitions} for one in parsed):
        raise BundleInvalid(f"{folder} holds no rule `{rule}` of package {package}")
