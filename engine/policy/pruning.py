"""How is an engine shown only what the policies that are asked can read?

Most of asking one policy is handing over the document. What none of the asked policies reads cannot change an answer
(`engine.policy.reading`), so it need not travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.model import Answer, Bundle, Json
from engine.policy.port import PolicyEngine
from engine.policy.reading import SELECTED, Reading
from engine.policy.references import Steps


class Pruning:
    """A policy engine that shows another one as little of the document as it can (a `PolicyEngine`)."""

    def __init__(self, engine: PolicyEngine, readings: Callable[[Bundle], Mapping[str, Reading]]) -> None:
        self._engine, self._readings = engine, readings

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """What each of the policies says about the document. Raises PolicyEngineUnavailable."""
        readings = self._readings(bundle)
        if any(one not in readings for one in policies):
            return self._engine.evaluate(bundle, policies, document)
        paths = {SELECTED, *(path for one in policies for path in readings[one].paths)}
        return self._engine.evaluate(bundle, policies, pruned(document, paths))

    def close(self) -> None:
        self._engine.close()


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
