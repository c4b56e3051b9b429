"""When may a policy's answer to one input stand for its answer to another?

When its code, the engine and everything that it can read of the input are the same (DESIGN §4, Reuse). Findings are
kept as the policy gave them; how hard they hit, and whether a waiver covers them, is judged anew each time. An error
is never kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from engine.model import Answer, Bundle, Finding, Json, PolicyFailure
from engine.policy.port import PolicyEngine, Question
from engine.policy.reading import Reading
from engine.policy.references import Steps
from engine.policy.turns import Alone

Findings = tuple[Finding, ...]


class Answers(Protocol):
    """Which findings were kept under these keys? A store may forget, never change."""

    def found(self, keys: Sequence[str]) -> Mapping[str, Findings]:
        """The kept findings by key; keys that it does not know are left out."""
        ...

    def keep(self, answers: Mapping[str, Findings]) -> None:
        """Keep these findings under their keys."""
        ...


class InMemoryAnswers:
    """Answers that last as long as this object; the `most` that were kept last."""

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self._kept: dict[str, Findings] = {}

    def found(self, keys: Sequence[str]) -> Mapping[str, Findings]:
        return {key: self._kept[key] for key in keys if key in self._kept}

    def keep(self, answers: Mapping[str, Findings]) -> None:
        self._kept.update(answers)
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]


class Reusing:
    """A policy engine that asks another one only what no kept answer tells (a `PolicyEngine`).

    `readings` tells what the policies of a bundle can read; a policy that it does not know is asked every time.
    `asked` counts the answers that the engine was asked for, `reused` those that it was spared.
    """

    def __init__(
        self, engine: PolicyEngine, answers: Answers, readings: Callable[[Bundle], Mapping[str, Reading]]
    ) -> None:
        self._engine, self._answers, self._readings = engine, answers, readings
        self.asked = self.reused = 0

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    @property
    def holds_several(self) -> bool:
        return self._engine.holds_several

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """What each of the policies says about the document. Raises PolicyEngineUnavailable."""
        (plan,) = self._plans(bundle, [Question(policies, document)])
        fresh = self._engine.evaluate(bundle, plan.asked, document) if plan.asked else {}
        return self._whole(plan, fresh)

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        """What `evaluate` answers to each question; None where it must be asked alone. One look-up for all."""
        plans = self._plans(bundle, questions)
        asking = [plan for plan in plans if plan.asked]
        told = self._engine.evaluate_each(bundle, [Question(one.asked, one.question.document) for one in asking])
        fresh = {id(plan): answers for plan, answers in zip(asking, told, strict=True)}
        found = [(plan, fresh.get(id(plan), {})) for plan in plans]
        return [None if answers is None else self._whole(plan, answers) for plan, answers in found]

    def close(self) -> None:
        self._engine.close()

    def _plans(self, bundle: Bundle, questions: Sequence[Question]) -> list[_Plan]:
        readings = self._readings(bundle)
        keys = [self._keys(one.policies, readings, one.document) for one in questions]
        kept = self._answers.found([key for some in keys for key in some.values()])
        return [_plan(one, some, kept, readings) for one, some in zip(questions, keys, strict=True)]

    def _whole(self, plan: _Plan, fresh: Mapping[str, Answer]) -> dict[str, Answer]:
        """The kept and the fresh answers together; the fresh ones are kept from now on."""
        self.reused += len(plan.kept)
        self.asked += len(plan.asked)
        # Whoever sees the selection, and was asked apart from it in the end, saw another one than its key says.
        alone = {one for one in plan.seeing if isinstance(fresh.get(one), Alone)}
        self._keep(plan.keys, {one: fresh[one] for one in plan.missing if one not in alone})
        answers = {**plan.kept, **{one: fresh[one] for one in plan.missing}}
        return {one: answers[one] for one in plan.question.policies}

    def _keys(
        self, policies: Sequence[str], readings: Mapping[str, Reading], document: Mapping[str, Json]
    ) -> dict[str, str]:
        version = self._engine.version
        if not version:  # an engine that has not told its version yet may be any
            return {}
        parts = Parts(document)
        engine = f"{self._engine.name} {version}"
        return {one: key(readings[one], engine, parts) for one in policies if one in readings}

    def _keep(self, keys: Mapping[str, str], fresh: Mapping[str, Answer]) -> None:
        told = {
            keys[one]: found for one, found in fresh.items() if one in keys and not isinstance(found, PolicyFailure)
        }
        if told:
            self._answers.keep(told)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one question is answered: what was kept, what is missing, and whom the engine is asked for that."""

    question: Question
    keys: Mapping[str, str]
    kept: Mapping[str, Findings]
    missing: Sequence[str]
    seeing: frozenset[str]

    @property
    def asked(self) -> Sequence[str]:
        """Who sees the selection must see the whole of it, as if nothing had been kept."""
        return self.question.policies if self.seeing else self.missing


def _plan(
    question: Question, keys: Mapping[str, str], kept: Mapping[str, Findings], readings: Mapping[str, Reading]
) -> _Plan:
    told = {one: kept[key] for one, key in keys.items() if key in kept}
    missing = [one for one in question.policies if one not in told]
    seeing = frozenset(one for one in missing if one not in readings or readings[one].sees_selection)
    return _Plan(question, keys, told, missing, seeing)


class Parts:
    """The digests of parts of one input, each computed once."""

    def __init__(self, document: Mapping[str, Json]) -> None:
        self._document = document
        self._digests: dict[Steps, bytes] = {}

    def digest(self, path: Steps) -> bytes:
        """The digest of what stands at a path, or of where and at what kind of value the way to it ends."""
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(_part(self._document, path)).digest()
        return self._digests[path]


def key(reading: Reading, engine: str, parts: Parts) -> str:
    """The key of one policy's answer by one engine (name and version)."""
    digest = hashlib.sha256(orjson.dumps([reading.code, engine, reading.paths]))
    for path in reading.paths:
        digest.update(parts.digest(path))
    return digest.hexdigest()


def _part(document: Mapping[str, Json], path: Steps) -> bytes:
    """What stands there as JSON; keys in their own order, which can only tell equal things apart, never confuse."""
    node: Json = document
    for depth, step in enumerate(path):
        if not isinstance(node, Mapping):
            return f"!{depth} {type(node).__name__}".encode()
        if step not in node:
            return f"?{depth}".encode()
        node = node[step]
    return b"=" + orjson.dumps(node)
