"""What does one question give when these modules, and nothing else, are loaded?

The embedded engine's workers evaluate it: a question that loops, swells or panics costs its worker, not this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from engine.errors import BundleInvalid
from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import answers, lint, modules, parsing, query
from engine.policy.modules import Source
from engine.policy.parsing import Parsed
from engine.policy.port import Question
from engine.policy.worker import NotLoaded, Refused, Worker, WorkerLost, in_one_line
from engine.policy.workers import Workers

PATIENCE = 120.0
"""Seconds that a question waits for a free worker: all that are in front of it have deadlines of their own."""
LOADING = 20.0
"""Seconds that reading the modules may take; what a question may cost says nothing about them."""
Lines = Mapping[str, tuple[frozenset[int], frozenset[int]]]
"""By file: the lines that were evaluated, and those that could have been."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one question gave: `failure` says why there is no answer; undefined is an answer without a value."""

    value: Json = None
    defined: bool = False
    printed: tuple[str, ...] = ()
    lines: Lines = field(default_factory=dict)
    failure: str = ""


class Stand:
    """Modules by file name, held by the workers as long as they are asked about; `seconds` for each question."""

    def __init__(self, workers: Workers, texts: Mapping[str, str], *, seconds: float, covering: bool = False) -> None:
        self._workers = workers
        self._texts = texts
        self._seconds = seconds
        self._covering = covering
        # No one else may hold it under this name: an engine that was given an input keeps it.
        self._revision = f"trial:{modules.revision(texts)}"

    def load(self) -> None:
        """Let one worker read the modules now. Raises BundleInvalid with what regorus says of them."""
        try:
            with self._workers.one(patience=PATIENCE) as worker:
                self._hold(worker)
        except (Refused, WorkerLost) as reason:
            raise BundleInvalid(f"the modules cannot be read together: {reason}") from None

    def ask(self, question: str, document: bytes = b"") -> Trial:
        """What the question gives for the document, or without any input. Raises PolicyEngineUnavailable."""
        try:
            with self._workers.one(patience=PATIENCE) as worker:
                return _trial(self._answer(worker, question, document))
        except (Refused, WorkerLost) as reason:
            return Trial(failure=str(reason))

    def _answer(self, worker: Worker, question: str, document: bytes) -> Json:
        for _ in range(2):
            try:
                return worker.trial(self._revision, question, document, covering=self._covering, seconds=self._seconds)
            except NotLoaded:
                self._hold(worker)
        raise WorkerLost("it does not keep what it has loaded")

    def _hold(self, worker: Worker) -> None:
        worker.load(self._revision, self._texts, seconds=max(LOADING, self._seconds))


class StandEngine:
    """A stand as the engine that a decision asks; `trial` is what it saw last, `failure` why a policy did not answer.

    A decision on a document with schema errors does not say why a policy erred; its author wants to know.
    """

    name = "embedded"
    version = ""
    holds_several = False

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self.trial = Trial()
        self.failure = ""

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """What each of the policies says about the document."""
        self.trial = self._stand.ask(query.REFERENCE, orjson.dumps(answers.narrowed(document, policies)))
        if self.trial.failure:
            found: dict[str, Answer] = {policy: PolicyFailure(policy, self.trial.failure) for policy in policies}
        else:
            found = answers.checked(self.trial.value, revision=bundle.revision, asked=policies)
        self.failure = "; ".join(one.reason for one in found.values() if isinstance(one, PolicyFailure))
        return found

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        """Nothing: a stand shows one trial at a time."""
        return [None] * len(questions)

    def close(self) -> None:
        """Nothing of its own is left: the workers belong to whoever made the stand."""


def _trial(told: Json) -> Trial:
    printed = tuple(told["printed"])
    lines = {file: (frozenset(hit), frozenset(hit) | frozenset(missed)) for file, (hit, missed) in _files(told)}
    if "error" in told:
        return Trial(printed=printed, lines=lines, failure=in_one_line(told["error"]))
    rows = told["result"].get("result", [])
    value = rows[0]["expressions"][0]["value"] if rows else None
    return Trial(value=value, defined=bool(rows), printed=printed, lines=lines)


def _files(told: Json) -> list[tuple[str, tuple[list[int], list[int]]]]:
    return list(told.get("files", {}).items())


def parse(workers: Workers, sources: Iterable[Source]) -> list[Parsed]:
    """The syntax trees of these modules, in their order. Raises BundleInvalid naming every file that is no Rego."""
    every = list(sources)
    nested = [flaw for one in every if (flaw := lint.at_sight(str(one.file), one.text))]
    read, unread = ([], nested) if nested else parsing.parsed(workers, every)
    if unread:
        raise BundleInvalid("\n".join(map(str, unread)))
    return read
