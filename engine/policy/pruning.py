"""How is an engine shown only what the policies that are asked can read?

Most of asking one policy is handing over the document. What none of the asked policies reads cannot change an answer
(`engine.policy.reading`), so it need not travel.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from engine.model import Answer, Bundle, Json
from engine.policy.narrowing import narrowed
from engine.policy.port import PolicyEngine, Question
from engine.policy.reading import SELECTED, Reading
from engine.policy.references import Steps


class Pruning:
    """A policy engine that shows another one as little of the document as it can (a `PolicyEngine`).

    One that holds several bundles is also handed only the part of the bundle that is asked.
    """

    def __init__(self, engine: PolicyEngine, readings: Callable[[Bundle], Mapping[str, Reading]]) -> None:
        self._engine, self._readings = engine, readings

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
        shown = self._shown(bundle, Question(policies, document))
        return self._engine.evaluate(self._part(bundle, policies), policies, shown.document)

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        """What `evaluate` answers to each question; None where it must be asked alone."""
        asked = {policy for one in questions for policy in one.policies}
        return self._engine.evaluate_each(self._part(bundle, asked), [self._shown(bundle, one) for one in questions])

    def close(self) -> None:
        self._engine.close()

    def _part(self, bundle: Bundle, policies: Collection[str]) -> Bundle:
        return narrowed(bundle, policies, self._readings(bundle)) if self.holds_several else bundle

    def _shown(self, bundle: Bundle, question: Question) -> Question:
        readings = self._readings(bundle)
        if any(one not in readings for one in question.policies):
            return question
        paths = {SELECTED, *(path for one in question.policies for path in readings[one].paths)}
        return Question(question.policies, pruned(question.document, paths))


def pruned(document: Mapping[str, Json], paths: Iterable[Steps]) -> Mapping[str, Json]:
    """The document with what stands at these paths, and of the rest only the objects on the way there.

    Where the way ends early, at a value that is no object, that value stays: policies can tell its kind.
    """
    kept: dict[str, Json] = {}
    for path in sorted(paths):
        if not path:
            return document
        _keep(document, path, kept)
    return kept


def _keep(source: Mapping[str, Json], path: Steps, target: dict[str, Json]) -> None:
    """Shorter paths come first, so that what is kept whole is never cut by a longer one."""
    for step in path[:-1]:
        found = source.get(step)
        if step not in source or target.get(step) is found:
            return
        if not isinstance(found, Mapping):
            target[step] = found
            return
        target = target.setdefault(step, {})
        source = found
    if path[-1] in source:
        target[path[-1]] = source[path[-1]]
