"""The shipped policies and their fixtures, read by the runner that `meshgate policy test` uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.model import Bundle, Json
from engine.policy.trying import fixture_run, fixtures
from engine.policy.trying.fixtures import Fixture

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ROOT / "policies"
FIXTURES = ROOT / "tests" / "policy-fixtures"


def shipped(bundle: Bundle) -> list[Fixture]:
    """Every fixture of the shipped policies; each of them can be carried out."""
    found = list(fixtures.collect([FIXTURES], bundle.policies))
    unfit = [one for one in found if not isinstance(one, Fixture)]
    assert unfit == []
    return [one for one in found if isinstance(one, Fixture)]


def seen(fixture: Fixture, bundle: Bundle) -> dict[str, Json]:
    """What the policies see of a fixture."""
    return fixture_run.document(fixture, bundle, namespace="org.example")


def document(descriptor: Mapping[str, Json], policies: Sequence[str]) -> dict[str, Json]:
    """The effective input of DESIGN §4 around anything, even what no submission could become."""
    context: dict[str, Json] = {
        "event": "submit",
        "environment": None,
        "domain": None,
        "parameters": {},
        "previous": None,
        "mesh": None,
        "now": fixtures.NOW,
        "policies": list(policies),
    }
    return {**descriptor, "_context": context}
