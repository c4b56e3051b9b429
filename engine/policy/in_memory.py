"""How do plain functions answer for policies, where no Rego is wanted?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import orjson

from engine.errors import PolicyEngineUnavailable
from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import answers
from engine.policy.port import Question

Function = Callable[[Mapping[str, Json]], Json]
"""Takes the document and gives the findings of one policy as JSON values, as a Rego policy would."""


class InMemoryEngine:
    """The engine for trying things out and for tests of what uses an engine: one function for each policy id."""

    name = "in_memory"
    version = "1"
    holds_several = True

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = dict(functions)
        self._closed = False

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """What each of the policies says about the document. Raises PolicyEngineUnavailable."""
        if self._closed:
            raise PolicyEngineUnavailable("the in-memory engine is closed")
        found = answers.for_unknown(policies, bundle)
        shown = orjson.dumps(document)
        return {policy: found.get(policy) or self._answer(policy, shown) for policy in policies}

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        """What `evaluate` answers to each question."""
        if self._closed:
            return [None] * len(questions)
        return [self.evaluate(bundle, one.policies, one.document) for one in questions]

    def close(self) -> None:
        """Answer no more."""
        self._closed = True

    def _answer(self, policy: str, shown: bytes) -> Answer:
        function = self._functions.get(policy)
        if function is None:
            return PolicyFailure(policy, "no function stands for this policy")
        try:
            return answers.findings(policy, function(orjson.loads(shown)))
        except Exception as error:
            return PolicyFailure(policy, f"{type(error).__name__}: {error}")
