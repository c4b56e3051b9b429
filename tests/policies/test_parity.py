"""Do the embedded engine and a real OPA server find the same, whatever a document looks like?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from policy_cases import POLICIES, document, seen, shipped

from engine.model import Bundle, Json, PolicyFailure
from engine.policy import mutations
from engine.policy.bundle import load
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.port import PolicyEngine

MUTATIONS, CAMPAIGN = 1_000, 20_000
"""Documents besides the fixtures themselves: half a minute's worth for every run, and many more for the long one."""

TOLD = ("environment", "mesh", "previous", "plan")
"""What of `_context` is mutated too: facts of the mesh, which no author writes, but which may be old or odd."""


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load([POLICIES])


@pytest.fixture(scope="module")
def engines(opa_url: str) -> Iterator[tuple[PolicyEngine, PolicyEngine]]:
    embedded, server = EmbeddedEngine(), OpaServer(opa_url, push=True)
    yield embedded, server
    embedded.close()
    server.close()


def mutated(bundle: Bundle, count: int, seed: int) -> Iterator[tuple[str, dict[str, Json]]]:
    """Each fixture as it is, then a fixed choice among all mutations of all fixtures."""
    known = {str(case): seen(case, bundle) for case in shipped(bundle)}
    yield from known.items()
    for mutant in mutations.chosen({name: told(given) for name, given in known.items()}, count, seed=seed):
        context = known[mutant.name.partition(" ")[0]]["_context"]
        facts = mutant.document.pop("_context", None)
        yield mutant.name, {**mutant.document, "_context": {**context, **(facts if isinstance(facts, dict) else {})}}


def told(given: dict[str, Json]) -> dict[str, Json]:
    """The input, and of `_context` only the facts that may be mutated."""
    return {**given, "_context": {fact: given["_context"][fact] for fact in TOLD if fact in given["_context"]}}


@pytest.mark.parametrize(
    ("count", "seed"), [(MUTATIONS, 20261123), pytest.param(CAMPAIGN, 20261126, marks=pytest.mark.long)]
)
def test_both_engines_find_the_same_in_fixtures_and_mutations(
    count: int, seed: int, bundle: Bundle, engines: tuple[PolicyEngine, PolicyEngine]
) -> None:
    policies = sorted(bundle.policies)
    found = 0
    for name, given in mutated(bundle, count, seed):
        given["_context"]["policies"] = policies
        embedded, server = (engine.evaluate(bundle, policies, given) for engine in engines)
        assert embedded == server, name
        assert [one for one in embedded.values() if isinstance(one, PolicyFailure)] == [], name
        found += sum(len(answer) for answer in embedded.values() if isinstance(answer, tuple))
    assert found > count, "mutations that break nothing would prove nothing"


@pytest.mark.parametrize(
    "whole",
    [
        {},
        {"info": None},
        {"info": 7, "interfaceComponents": [], "tags": {"a": "pii"}},
        {"tags": ["PİI"], "interfaceComponents": {"outputPorts": [{"promises": {"platform": "İ:AWS"}}]}},
    ],
)
def test_both_engines_find_the_same_in_hardly_a_document(
    whole: dict[str, Json], bundle: Bundle, engines: tuple[PolicyEngine, PolicyEngine]
) -> None:
    policies = sorted(bundle.policies)
    embedded, server = (engine.evaluate(bundle, policies, document(whole, policies)) for engine in engines)
    assert embedded == server
    assert [one for one in embedded.values() if isinstance(one, PolicyFailure)] == []
    assert embedded["mesh.ownership.owner_declared"] != ()
