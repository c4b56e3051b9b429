"""How does regorus, running in child processes of ours, answer for the policies?"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import orjson

from engine.errors import PolicyEngineUnavailable
from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import answers, query, turns
from engine.policy.port import Question
from engine.policy.portions import portions
from engine.policy.worker import NotLoaded, Overtime, Refused, Worker, WorkerLost
from engine.policy.workers import Workers

_WHEEL = "gordon_to_regorus"


class EmbeddedEngine:
    """The engine that needs no server: regorus in killable workers (DESIGN §4, Engines).

    `deadline` seconds and `memory_mib` MiB are what one question may cost; a question that oversteps them, and one
    that regorus refuses, is asked again policy by policy to find whose fault it is, within one deadline more. A
    question waits for a free worker for `patience` seconds, which are those of the deadline unless told.
    """

    name = "embedded"
    holds_several = True

    def __init__(
        self, workers: int = 1, deadline: float = 5.0, memory_mib: int = 512, patience: float | None = None
    ) -> None:
        self.workers = Workers(workers, memory_mib=memory_mib)
        self._deadline = deadline
        self._patience = deadline if patience is None else patience

    @property
    def version(self) -> str:
        """The version of the installed regorus wheel; empty where there is none."""
        return installed()

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """What each of the policies says about the document. Raises PolicyEngineUnavailable."""
        asked = [policy for policy in policies if policy in bundle.policies]
        found = answers.for_unknown(policies, bundle)
        if asked:
            found |= self._together(bundle, asked, document)
        return {policy: found[policy] for policy in policies}

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        """What `evaluate` answers to each question; None where it must be asked alone.

        A portion has one deadline, and none is begun when one is over.
        """
        told: list[dict[str, Answer] | None] = [None] * len(questions)
        end = time.monotonic() + self._deadline
        for portion in portions(bundle, questions):
            for (place, _), value in zip(
                portion, self._values(bundle, [content for _, content in portion]), strict=False
            ):
                told[place] = _sound(value, bundle, questions[place].policies)
            if time.monotonic() > end:
                break
        return told

    def close(self) -> None:
        """End every worker process."""
        self.workers.close()

    def start(self) -> None:
        """Start a worker now without waiting for it; needless, but the first question is answered sooner."""
        self.workers.start()

    def _together(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        try:
            return self._ask(bundle, asked, document, self._deadline)
        except (Refused, WorkerLost) as reason:
            if len(asked) == 1:
                return {asked[0]: PolicyFailure(asked[0], str(reason))}
        return turns.one_by_one(
            asked, lambda policy, seconds: self._alone(bundle, policy, document, seconds), seconds=self._deadline
        )

    def _alone(self, bundle: Bundle, policy: str, document: Mapping[str, Json], seconds: float) -> Answer:
        try:
            return self._ask(bundle, [policy], document, seconds)[policy]
        except Overtime as reason:
            raise turns.Unfinished(str(reason)) from None
        except (Refused, WorkerLost) as reason:
            return PolicyFailure(policy, str(reason))

    def _ask(
        self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json], seconds: float
    ) -> dict[str, Answer]:
        content = orjson.dumps(answers.narrowed(document, asked))
        with self.workers.one(patience=self._patience) as worker:
            try:
                value = worker.evaluate(bundle.revision, query.REFERENCE, content, seconds=seconds)
            except NotLoaded:
                self._load(worker, bundle)
                value = worker.evaluate(bundle.revision, query.REFERENCE, content, seconds=seconds)
        return answers.checked(value, revision=bundle.revision, asked=asked)

    def _values(self, bundle: Bundle, documents: Sequence[bytes]) -> list[Json]:
        """The value of the question for the documents, as far as a worker came before it was lost."""
        values: list[Json] = []
        with suppress(WorkerLost, PolicyEngineUnavailable), self.workers.one(patience=self._deadline) as worker:
            for _ in range(2):
                try:
                    for value in worker.evaluate_each(
                        bundle.revision, query.REFERENCE, documents, seconds=self._deadline
                    ):
                        values.append(value)
                    break
                except NotLoaded:
                    self._load(worker, bundle)
        return values

    def _load(self, worker: Worker, bundle: Bundle) -> None:
        try:
            worker.load(bundle.revision, {**bundle.modules, query.PATH: query.module(bundle)}, seconds=self._deadline)
        except (Refused, WorkerLost) as reason:
            raise PolicyEngineUnavailable(f"regorus does not load bundle {bundle.revision}: {reason}") from None


def _sound(value: Json, bundle: Bundle, asked: Sequence[str]) -> dict[str, Answer] | None:
    try:
        return answers.checked(value, revision=bundle.revision, asked=asked)
    except PolicyEngineUnavailable:
        return None


@cache
def installed() -> str:
    """The wheel's version as its folder beside the package tells it: importlib.metadata costs more than a question."""
    spec = find_spec("regorus")
    if spec is None or spec.origin is None:
        return ""
    names = (name.removesuffix(".dist-info").partition("-") for name in os.listdir(Path(spec.origin).parents[1]))
    return next((version for name, _, version in names if name == _WHEEL), "")
