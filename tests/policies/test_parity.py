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

MUTATIONS = 1_000
"""Documents besides the fixtures themselves: enough to meet every path several times, and still only seconds."""


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load([POLICIES])


@pytest.fixture(scope="module")
def engines(opa_url: str) -> Iterator[tuple[PolicyEngine, PolicyEngine]]:
    embedded, server = EmbeddedEngine(), OpaServer(opa_url, push=True)
    yield embedded, server
    embedded.close()
    server.close()


def mutated(bundle: Bundle) -> Iterator[tuple[str, dict[str, Json]]]:
    """Each fixture as it is, then a fixed choice among all mutations of all fixtures."""
    known = {str(case): seen(case, bundle) for case in shipped(bundle)}
    yield from known.items()
    descriptors = {
        name: {key: value for key, value in given.items() if key != "_context"} for name, given in known.items()
    }
    for mutant in mutations.chosen(descriptors, MUTATIONS, seed=20261123):
        context = known[mutant.name.partition(" ")[0]]["_context"]
        yield mutant.name, {**mutant.document, "_context": dict(context)}


def test_both_engines_find_the_same_in_fixtures_and_mutations(
    bundle: Bundle, engines: tuple[PolicyEngine, PolicyEngine]
) -> None:
    policies = sorted(bundle.policies)
    found = 0
    for told, given in mutated(bundle):
        given["_context"]["policies"] = policies
        embedded, server = (engine.evaluate(bundle, policies, given) for engine in engines)
        assert embedded == server, told
        assert [one for one in embedded.values() if isinstance(one, PolicyFailure)] == [], told
        found += sum(len(answer) for answer in embedded.values() if isinstance(answer, tuple))
    assert found > MUTATIONS, "mutations that break nothing would prove nothing"


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
