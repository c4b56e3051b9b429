"""Do regorus and a real OPA say the same of every shipped policy, on good, broken and mutilated descriptors?"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

import policies
from engine.descriptor import Directory, Submission, ingest
from engine.descriptor.positions import walk
from engine.model import Bundle, Json, PolicyFailure
from engine.model import Path as Steps
from engine.policy import bundle as bundles
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "mesh"
ABSENT = object()
MUTATIONS: list[Any] = [ABSENT, None, True, -1.5, "", "ŭñïcødé 😀 #{}", [], ["x", None, 3], {}, {"name": {"x": [None]}}]


class Both:
    """The two engines, asked the same."""

    def __init__(self, bundle: Bundle, embedded: EmbeddedEngine, opa: OpaServer) -> None:
        self._bundle, self._embedded, self._opa = bundle, embedded, opa

    def differences(self, document: dict[str, Json]) -> dict[str, tuple[object, object]]:
        """The policies that the engines answer differently, with both answers; failures count as equal."""
        asked = sorted(self._bundle.policies)
        context = {"event": "submit", "environment": None, "domain": "sales", "policies": asked, "parameters": {}}
        shown = {**document, "_context": {**context, "previous": None, "mesh": None, "now": "2026-11-23T00:00:00Z"}}
        here = self._embedded.evaluate(self._bundle, asked, shown)
        there = self._opa.evaluate(self._bundle, asked, shown)
        return {one: (here[one], there[one]) for one in asked if not self._alike(here[one], there[one])}

    @staticmethod
    def _alike(here: object, there: object) -> bool:
        return here == there or (isinstance(here, PolicyFailure) and isinstance(there, PolicyFailure))


@pytest.fixture(scope="module")
def both(opa_url: str) -> Iterator[Both]:
    found = bundles.load([policies.DIRECTORY])
    with ExitStack() as stack:
        embedded = stack.enter_context(closing(EmbeddedEngine()))
        yield Both(found, embedded, stack.enter_context(closing(OpaServer(opa_url, push=True))))


def effective(file: Path) -> dict[str, Json]:
    document = ingest(Submission(file.name, Directory(file.parent))).effective
    assert document is not None
    return document


def readable() -> list[Path]:
    files = [*EXAMPLES.glob("*/*.yaml"), *EXAMPLES.glob("*/*.json"), *EXAMPLES.glob("*/*/data-product-descriptor.yaml")]
    return sorted(file for file in files if "unreadable" not in file.name)


def mutilated(document: dict[str, Json]) -> Iterator[tuple[Steps, Json, dict[str, Json]]]:
    """The document with one value taken away or replaced, for every value and every mutation."""
    for path, _, is_key in walk(document):
        if is_key or not path:
            continue
        for mutation in MUTATIONS:
            yield path, mutation, _with(document, path, mutation)


def _with(document: dict[str, Json], path: Steps, value: Json) -> dict[str, Json]:
    changed = copy.deepcopy(document)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    if value is ABSENT:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return changed


@pytest.mark.parametrize("file", readable(), ids=lambda file: file.relative_to(EXAMPLES).as_posix())
def test_both_engines_agree_on_an_example(both: Both, file: Path) -> None:
    assert both.differences(effective(file)) == {}


def _disagreements(both: Both, file: Path, every: int) -> list[object]:
    tried = list(mutilated(effective(file)))[::every]
    assert len(tried) > 50
    told = [(path, mutation, both.differences(document)) for path, mutation, document in tried]
    return [one for one in told if one[2]]


def test_both_engines_agree_on_mutilated_descriptors(both: Both) -> None:
    assert _disagreements(both, EXAMPLES / "sales" / "orders.yaml", every=41) == []


@pytest.mark.long
@pytest.mark.parametrize("file", readable(), ids=lambda file: file.relative_to(EXAMPLES).as_posix())
def test_both_engines_agree_on_every_mutilation_of_every_example(both: Both, file: Path) -> None:
    assert _disagreements(both, file, every=1) == []
