"""Do policies see the plan of a deployment, under every engine, and only where there is one?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import make
import pytest
import rego
from commands import ROOT
from jsonschema import Draft202012Validator

from engine.decide import decide
from engine.descriptor.fields import context, unknown
from engine.model import Bundle, Decision, Event, Facts, PolicyState
from engine.policy import bundle as bundles
from engine.policy import governance
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.port import PolicyEngine
from engine.policy.pruning import Pruning
from engine.policy.reuse import InMemoryAnswers, Reusing

POLICY = "mesh.trial.kept"
PAGE = (ROOT / "docs" / "howto" / "deploy.md").read_text("utf-8")
(RULE,) = re.findall(r"^```rego\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ANNOTATIONS = rego.ANNOTATIONS.replace("wrong: ", "data_deleted: ").replace(
    "category: test", "category: test\n#   events: [submit, deploy]\n#   needs: [plan]"
)


def plan(action: str = "delete", data: str = "delete") -> dict[str, Any]:
    """As `engine.provision.judged` shows it."""
    component = {"fqn": "urn:x:store", "kind": "infrastructure", "name": "store", "platform": "", "type": ""}
    told = {"action": action, "reason": "r", "adapter": "local-fs", "destructive": action == "delete", "data": data}
    actions = [{**told, "component": component}]
    return {"digest": f"sha256:{'0' * 64}", "environment": "prod", "actions": actions, "notes": []}


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(deadline=60)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def bundle(embedded: EmbeddedEngine, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    text = rego.policy(POLICY, RULE, annotations=ANNOTATIONS)
    folder = rego.write(tmp_path_factory.mktemp("policies"), {}, libraries={"mesh/trial/kept/kept.rego": text})
    return bundles.load([folder], workers=embedded.workers)


@pytest.fixture(scope="module", params=["embedded", "opa"])
def engine(request: pytest.FixtureRequest, embedded: EmbeddedEngine) -> Iterator[PolicyEngine]:
    if request.param == "embedded":
        yield embedded
        return
    made = OpaServer(request.getfixturevalue("opa_url"), push=True)
    yield made
    made.close()


def decided(bundle: Bundle, engine: PolicyEngine, **facts: Any) -> Decision:
    told = {"event": Event.DEPLOY, "now": make.NOW, "environment": "prod", "mesh": {"revision": 1}, **facts}
    return decide(make.descriptor(), facts=Facts(**told), bundle=bundle, governance=governance.of(), engine=engine)


@pytest.mark.parametrize(
    ("shown", "found"), [(plan(), ["store would be deleted"]), (plan(data="retain"), []), (plan("create", ""), [])]
)
def test_a_policy_judges_what_would_be_done(
    bundle: Bundle, engine: PolicyEngine, shown: Mapping[str, Any], found: list[str]
) -> None:
    made = decided(bundle, engine, plan=shown)
    assert [one.finding.msg for one in made.findings] == found
    assert made.effective_input is not None
    assert made.effective_input["_context"]["plan"] == shown


@pytest.mark.parametrize(
    ("event", "outcome", "reason"),
    [
        (Event.SUBMIT, "there is a plan only where something is deployed", False),
        (Event.DEPLOY, "needs the plan, and nothing was planned (`meshgate deploy --plan` does)", True),
    ],
)
def test_without_a_plan_a_policy_that_needs_it_is_skipped_and_says_why(
    bundle: Bundle, embedded: EmbeddedEngine, event: Event, outcome: str, reason: bool
) -> None:
    made = decided(bundle, embedded, event=event, authoritative=True)
    (run,) = made.policies
    assert (run.state, run.reason) == (PolicyState.SKIPPED, outcome)
    assert made.effective_input is not None
    assert "plan" not in made.effective_input["_context"]
    here = decided(bundle, embedded, event=event)
    assert here.provisional == (reason and here.outcome == "accepted")


def test_an_answer_about_another_plan_is_not_reused(bundle: Bundle, embedded: EmbeddedEngine) -> None:
    readings = bundles.readings(bundle, workers=embedded.workers)
    assert readings[POLICY].reads(("_context", "plan"))
    reusing = Reusing(Pruning(embedded, lambda _: readings), InMemoryAnswers(), lambda _: readings)
    for shown, findings in ((plan(), 1), (plan(data="retain"), 0), (plan(), 1)):
        assert len(decided(bundle, reusing, plan=shown).findings) == findings


def test_the_plan_is_of_the_published_shape() -> None:
    schema = Draft202012Validator({**context(), "required": ["plan"]})
    assert list(schema.iter_errors({"plan": plan()})) == []
    assert list(schema.iter_errors({"plan": {**plan(), "secret": "x"}})) != []


def test_a_fixture_may_show_the_same_plan() -> None:
    file = ROOT / "engine" / "policy" / "schemas" / "expect.json"
    expected = json.loads(file.read_text("utf-8"))["properties"]["context"]["properties"]["plan"]
    assert expected == context()["properties"]["plan"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("_context", "plan", "actions", None, "component", "fqn"), None),
        (("_context", "mesh", "consumers"), None),
        (("_context", "parameters", "a.b", "c"), None),
        (("_context", "plna"), 1),
        (("_context", "plan", "actoins"), 2),
        (("_context", "plan", "actions", None, "config"), 4),
    ],
)
def test_fields_beside_the_descriptor_are_known_too(path: tuple[str | None, ...], wrong: int | None) -> None:
    found = unknown(path)
    assert (None if found is None else found.at) == wrong


def test_a_policy_that_does_not_say_that_it_reads_the_plan_is_refused(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    from engine.errors import BundleInvalid

    text = rego.policy(POLICY, RULE, annotations=ANNOTATIONS.replace("#   needs: [plan]\n", ""))
    rego.write(tmp_path, {}, libraries={"mesh/trial/kept/kept.rego": text})
    with pytest.raises(BundleInvalid, match=r"needs: \[plan\]"):
        bundles.load([tmp_path], workers=embedded.workers)
