"""Do the embedded engine and a real OPA server find the same, whatever a document looks like?"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from policy_cases import POLICIES, cases, document

from engine.model import Bundle, Json, Path, PolicyFailure
from engine.policy.bundle import load
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.port import PolicyEngine

MISSING = object()
REPLACEMENTS: tuple[Any, ...] = (
    *(MISSING, None, True, False, 0, -7, 2**53, 1.5, "", " ", "text", "deprecated", "1.0.0"),
    *("Größe 🦊 \u00a0\u2028 Αθήνα ß", "\u0000", "a" * 5_000, "pii", "urn:dpds:org.example:dataproducts:x:1"),
    *([], [None], ["pii", 7], [[]], {}, {"a": None}, {"": {}}, {"name": "x", "version": "1.0.0"}),
)
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


def paths(value: Json, at: Path = ()) -> Iterator[Path]:
    """Every place of a document below its root."""
    steps: Sequence[tuple[Any, Json]] = ()
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    for step, child in steps:
        yield (*at, step)
        yield from paths(child, (*at, step))


def changed(descriptor: Json, path: Path, value: Any) -> Json:
    """A copy with one place replaced, or taken out for MISSING."""
    copied = copy.deepcopy(descriptor)
    holder = copied
    for step in path[:-1]:
        holder = holder[step]
    if value is MISSING:
        del holder[path[-1]]
    else:
        holder[path[-1]] = copy.deepcopy(value)
    return copied


def mutations() -> Iterator[tuple[str, dict[str, Json]]]:
    """Each fixture as it is, then a fixed choice among all replacements of all places of all fixtures."""
    known = list(cases())
    for case in known:
        yield str(case), document(case.descriptor, [], case.context)
    every = [(case, path, value) for case in known for path in paths(case.descriptor) for value in REPLACEMENTS]
    for case, path, value in random.Random(20261123).sample(every, MUTATIONS):
        shown = "missing" if value is MISSING else repr(value)[:40]
        yield f"{case} {path} = {shown}", document(changed(case.descriptor, path, value), [], case.context)


def test_both_engines_find_the_same_in_fixtures_and_mutations(
    bundle: Bundle, engines: tuple[PolicyEngine, PolicyEngine]
) -> None:
    policies = sorted(bundle.policies)
    found = 0
    for told, given in mutations():
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
