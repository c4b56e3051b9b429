"""Is a drafted policy whole: read alike by both engines, tested, formatted, and no code where words were said?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import ROOT, Terminal

from api.flows.draft import drafted
from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits
from engine.model import Bundle, Json, PolicyFailure
from engine.policy import bundle as bundles
from engine.policy import lint, modules
from engine.policy.drafting.draft import Draft, Told
from engine.policy.drafting.said import Said, Template
from engine.policy.embedded import EmbeddedEngine
from engine.policy.linting import linted
from engine.policy.opa import OpaServer

PORTS = "interfaceComponents.outputPorts[*]"
HOSTILE = (
    'a" } violation contains {"code": "x"} if { true',
    "\\",
    '\\"',
    "`",
    "${x}",
    "%s %d",
    "# METADATA",
    "ü 🦊 ß",
    "'",
)
SENTENCES = {
    "required": Said(Template.REQUIRED, "info.owner.name"),
    "required_each": Said(Template.REQUIRED, f"{PORTS}.promises.slo"),
    "required_extension": Said(Template.REQUIRED, "info.x-cost-center"),
    "required_deep": Said(Template.REQUIRED, "internalComponents.lifecycleInfo[*][*].service.description"),
    "match": Said(Template.MATCH, "info.owner.id", pattern="@example[.]org$"),
    "match_tags": Said(Template.MATCH, f"{PORTS}.tags[*]", pattern='^[a-z"\\\\`]+$'),
    "match_required": Said(Template.MATCH, "info.x-cost-center", pattern="^[0-9]{5}$", required=True),
    "one_of": Said(Template.ONE_OF, "info.domain", value=HOSTILE),
    "one_of_required": Said(Template.ONE_OF, f"{PORTS}.promises.platform", value=("aws", "gcp"), required=True),
    "present_when": Said(Template.PRESENT_WHEN, f"{PORTS}.obligations.termsAndConditions", when=f"{PORTS}.tags=pii"),
    "present_when_root": Said(Template.PRESENT_WHEN, f"{PORTS}.description", when='info.x-class=se"cret\\'),
    "at_least_list": Said(Template.AT_LEAST, "info.contactPoints", minimum=2),
    "at_least_number": Said(
        Template.AT_LEAST, f"{PORTS}.promises.slo.definition.availability", minimum=99.5, required=True
    ),
    "not_flow_to": Said(Template.NOT_FLOW_TO, f"{PORTS}.tags", value=("pii",), to=('h"r', "marketing")),
    "not_flow_to_platform": Said(Template.NOT_FLOW_TO, f"{PORTS}.tags", value=("pii",), platform=("AWS", "us")),
    "not_flow_to_platform_product": Said(Template.NOT_FLOW_TO, "info.x-class", value=("secret",), platform=("gcp",)),
    "not_flow_to_product": Said(Template.NOT_FLOW_TO, "info.x-class", value=("secret",), to=("marketing",)),
}
ODD: tuple[Json, ...] = (None, True, 7, -1.5, "", " ", "text", "pii", [], [None], ["pii", 7], [[]], {}, {"a": None})


def of(name: str, said: Said) -> Draft:
    return drafted(Told(f"mesh.trial.{name}", owner='The "team"', title="A: title # no comment"), said)


@pytest.fixture(scope="module")
def drafts() -> dict[str, Draft]:
    return {name: of(name, said) for name, said in SENTENCES.items()}


@pytest.fixture(scope="module")
def folder(drafts: dict[str, Draft], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All drafts, written as `policy new` writes them."""
    folder = tmp_path_factory.mktemp("governance")
    for draft in drafts.values():
        for path, text in draft.files().items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return bundles.load([folder / "policies"])


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    yield engine
    engine.close()


def test_every_template_has_a_sentence_here() -> None:
    assert {said.template for said in SENTENCES.values()} == set(Template)


def test_no_draft_has_a_flaw(folder: Path, drafts: dict[str, Draft]) -> None:
    found = linted(modules.collect([folder / "policies"]))
    assert found.flaws == ()
    assert len(found.policies) == len(drafts)


@pytest.mark.parametrize("name", SENTENCES)
def test_the_good_document_passes_and_each_code_is_seen_to_fire(drafts: dict[str, Draft], name: str) -> None:
    good, *bad = drafts[name].cases
    assert good.findings == ()
    assert {code for case in bad for code, _ in case.findings} == _codes(drafts[name])
    assert all(len(case.findings) == 1 for case in bad)


def _codes(draft: Draft) -> set[str]:
    found = linted({"x.rego": modules.Source("x.rego", draft.policy[1], Path("/x.rego"), archived=True)}).bundle
    assert found is not None
    return set(found.policies[draft.id].findings)


def read(path: Path) -> Json:
    return yaml_source.read(path.read_text("utf-8"), Limits())[0]


def test_the_fixture_files_say_what_the_cases_say(folder: Path, drafts: dict[str, Draft]) -> None:
    for draft in drafts.values():
        for case in draft.cases:
            at = folder / "policy-fixtures" / draft.id / case.name
            assert read(at / "descriptor.yaml") == case.descriptor
            expect = read(at / "expect.yaml")
            assert expect.get("context", {}) == case.context
            assert [(one["code"], one["path"]) for one in expect["findings"]] == list(case.findings)


def test_what_was_said_stands_in_the_annotations_as_it_was_said(bundle: Bundle) -> None:
    policy = bundle.policies["mesh.trial.one_of"]
    assert (policy.title, policy.owner) == ("A: title # no comment", 'The "team"')
    assert policy.defaults == {"allowed": list(HOSTILE)}
    assert bundle.policies["mesh.trial.not_flow_to"].needs == {"mesh"}


def opa(binary: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [binary, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_regal_finds_nothing_in_any_draft(folder: Path, regal_binary: str) -> None:
    config = ROOT / ".regal" / "config.yaml"
    done = opa(regal_binary, "lint", "--config-file", config, folder / "policies")
    assert done.returncode == 0, done.stdout


def test_stock_opa_takes_tests_and_formats_every_draft(folder: Path, opa_binary: str) -> None:
    policies = folder / "policies"
    done = opa(opa_binary, "check", "--strict", "--capabilities", lint.CAPABILITIES, policies)
    assert (done.returncode, done.stderr) == (0, "")
    done = opa(opa_binary, "fmt", "--diff", "--fail", policies)
    assert (done.returncode, done.stdout) == (0, "")
    results = json.loads(opa(opa_binary, "test", "--format=json", policies).stdout)
    assert [one["name"] for one in results if one.get("fail") or one.get("error")] == []
    assert len(results) >= 4 * len(SENTENCES)


@pytest.mark.parametrize("sentence", ["required", "match", "required_deep"])
def test_the_tests_of_a_draft_notice_every_mistake_in_it(folder: Path, tmp_path: Path, sentence: str) -> None:
    ended = Terminal(tmp_path).run(
        "policy", "mutate", f"mesh.trial.{sentence}", "--policies", str(folder / "policies"), "--threshold", "100"
    )
    assert (ended.code, "no test notices" in ended.out) == (0, False), ended.out


def test_both_engines_find_the_same_in_every_case_and_in_odd_documents(
    bundle: Bundle, drafts: dict[str, Draft], embedded: EmbeddedEngine, opa_url: str
) -> None:
    server, fired = OpaServer(opa_url, push=True), 0
    for draft in drafts.values():
        for given in _documents(draft):
            ours, theirs = (engine.evaluate(bundle, [draft.id], given)[draft.id] for engine in (embedded, server))
            assert ours == theirs, (draft.id, given)
            assert not isinstance(ours, PolicyFailure), (draft.id, ours)
            fired += bool(ours)
    server.close()
    assert fired > len(SENTENCES)


def _documents(draft: Draft) -> Iterator[dict[str, Json]]:
    for case in draft.cases:
        context = {"_context": {**case.context, "policies": [draft.id]}}
        yield {**case.descriptor, **context}
        for odd in ODD:
            yield {**case.descriptor, "info": odd, **context}
            yield {**case.descriptor, "interfaceComponents": {"outputPorts": odd}, **context}
            yield {
                **case.descriptor,
                "interfaceComponents": {"outputPorts": [odd, {"tags": odd, "promises": odd}]},
                **context,
            }
            yield {**case.descriptor, "_context": {"mesh": odd, "policies": [draft.id]}}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["title", "description", "owner", "category"])
def test_hostile_words_are_words(text: str, where: str) -> None:
    told = {"owner": "team", where: text}
    made = drafted(Told("mesh.trial.hostile", **told), SENTENCES["required"])
    found = linted({"x.rego": modules.Source("x.rego", made.policy[1], Path("/x.rego"), archived=True)})
    assert found.bundle is not None
    policy = found.bundle.policies["mesh.trial.hostile"]
    assert getattr(policy, where) == text.strip()
    assert set(policy.findings) == {"missing"}
