"""Is a fixture judged on the road of a submission, and is one that cannot be carried out told with its place?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import rego
from rego import fixture

from engine.policy.trying.results import Session, State

Run = Callable[..., Session]
RULE = rego.violation('not input.info.owner.id == "a@example.org"', path='["info", "owner", "id"]')
DESCRIPTOR = "info:\n  name: orders\n  version: 1.0.0\n  owner: {id: b@x.org}\n"
EXPECTED = "findings:\n  - code: wrong\n    path: /info/owner/id\n"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return rego.write(tmp_path / "policies", {"mesh.a": RULE})


def only(run: Run, policies: Path, files: dict[str, str], policy: str = "mesh.a") -> tuple[State, str, str, int]:
    folder = fixture(policies.parent / "policy-fixtures", policy, "case", files)
    (result,) = run(policies, [folder]).results
    return result.state, result.reason, Path(result.file).name, result.line


def test_the_expected_finding_makes_it_pass(run: Run, policies: Path) -> None:
    assert only(run, policies, {"descriptor.yaml": DESCRIPTOR, "expect.yaml": EXPECTED})[0] is State.PASSED


def test_a_descriptor_in_json_is_read_too(run: Run, policies: Path) -> None:
    files = {"descriptor.json": '{"info": {"owner": {"id": "b@x.org"}}}', "expect.yaml": EXPECTED}
    assert only(run, policies, files)[0] is State.PASSED


def test_references_into_the_folder_are_resolved_as_in_a_submission(run: Run, policies: Path) -> None:
    api = "name: api\nversion: 1.0.0\nspecification: custom\ndefinition: {a: 1}\n"
    port = "{name: out, version: 1.0.0, promises: {api: {$ref: api.yaml}}}"
    descriptor = f"{DESCRIPTOR}interfaceComponents:\n  outputPorts: [{port}]\n"
    rule = rego.violation("input.interfaceComponents.outputPorts[0].promises.api.definition.a == 1")
    rego.write(policies, {"mesh.a": rule})
    files = {
        "descriptor.yaml": descriptor,
        "api.yaml": api,
        "expect.yaml": "findings: [{code: wrong, path: /info}]\n",
    }
    assert only(run, policies, files) == (State.PASSED, "", "expect.yaml", 1)


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("findings: []\n", "wrong at /info/owner/id is found, but not expected"),
        (
            "findings: [{code: wrong, path: /info}]\n",
            "wrong at /info is expected, but not found; wrong at /info/owner/id is found, but not expected",
        ),
        (
            "findings: [{code: wrong, path: /info/owner/id, disposition: advisory}]\n",
            "wrong at /info/owner/id is blocking, not advisory as expected",
        ),
        (
            "findings: [{code: wrong, path: /info/owner/id, msg: no}]\n",
            "wrong at /info/owner/id says 'it is wrong', not 'no' as expected",
        ),
    ],
)
def test_what_differs_is_told(run: Run, policies: Path, expected: str, told: str) -> None:
    found = only(run, policies, {"descriptor.yaml": DESCRIPTOR, "expect.yaml": expected})
    assert found[:2] == (State.FAILED, told)


@pytest.mark.parametrize(
    ("files", "file", "line", "told"),
    [
        ({"expect.yaml": EXPECTED}, "case", 1, "the fixture has no descriptor; it needs one of"),
        ({"descriptor.yaml": DESCRIPTOR}, "expect.yaml", 1, "cannot be read: No such file"),
        (
            {"descriptor.yaml": DESCRIPTOR, "descriptor.json": "{}", "expect.yaml": EXPECTED},
            "case",
            1,
            "the fixture has several descriptors",
        ),
        (
            {"descriptor.yaml": DESCRIPTOR, "expect.yaml": "findings: []\nfindigs: []\n"},
            "expect.yaml",
            2,
            "'findigs' was unexpected",
        ),
        (
            {
                "descriptor.yaml": DESCRIPTOR,
                "expect.yaml": "findings:\n  - {code: wrong, path: ''}\n  - {code: x, path: ''}\n",
            },
            "expect.yaml",
            3,
            "mesh.a has no such finding; it has `wrong`",
        ),
        (
            {"descriptor.yaml": DESCRIPTOR, "expect.yaml": "findings: []\ncontext:\n  now: yesterday\n"},
            "expect.yaml",
            3,
            "`yesterday` is neither a day",
        ),
        (
            {"descriptor.yaml": DESCRIPTOR, "expect.yaml": "findings: []\ncontext:\n  parameters: {mesh.b: {}}\n"},
            "expect.yaml",
            3,
            "only mesh.a is asked here",
        ),
        (
            {"descriptor.yaml": DESCRIPTOR, "expect.yaml": "findings: []\ncontext:\n  parameters: {mesh.a: {x: 1}}\n"},
            "expect.yaml",
            3,
            "mesh.a has no parameter `x`",
        ),
        ({"descriptor.yaml": DESCRIPTOR, "expect.yaml": "findings: [\n"}, "expect.yaml", 2, ""),
        ({"descriptor.yaml": "{", "expect.yaml": EXPECTED}, "expect.yaml", 1, "the descriptor cannot be read: "),
    ],
)
def test_one_that_cannot_be_carried_out_is_an_error_with_its_place(
    run: Run, policies: Path, files: dict[str, str], file: str, line: int, told: str
) -> None:
    state, reason, where, at = only(run, policies, files)
    assert (state, where, at) == (State.ERROR, file, line)
    assert told in reason


def test_a_fixture_of_no_policy_is_an_error(run: Run, policies: Path) -> None:
    files = {"descriptor.yaml": DESCRIPTOR, "expect.yaml": EXPECTED}
    state, reason, _, _ = only(run, policies, files, policy="mesh.aa")
    assert (state, reason) == (State.ERROR, "the folder is named after no policy: there is no `mesh.aa`")


def test_an_empty_folder_of_a_policy_is_an_error(run: Run, policies: Path, tmp_path: Path) -> None:
    (tmp_path / "policy-fixtures" / "mesh.a").mkdir(parents=True)
    (result,) = run(policies, [tmp_path / "policy-fixtures"]).results
    assert (result.state, result.reason) == (State.ERROR, "no folder with expect.yaml stands here")


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("violation contains 7", "a finding is not an object"),
        (rego.violation("input.info.version == to_number(input.info.name)"), "could not parse"),
        (rego.violation('strings.count(input.info.name, "") == 1'), ""),
        (
            rego.violation("n := numbers.range(1, 3000); some x in n; some y in n; some z in n; x + y + z == 0"),
            "did not finish within 1 s",
        ),
    ],
    ids=["garbage", "errs", "panics", "loops"],
)
def test_a_policy_that_gives_no_answer_is_an_error_and_no_silence(
    run: Run, tmp_path: Path, rules: str, told: str
) -> None:
    folder = rego.write(tmp_path / "policies", {"mesh.a": rules})
    files = {"descriptor.yaml": DESCRIPTOR, "expect.yaml": "findings: []\n"}
    fixtures = fixture(tmp_path / "policy-fixtures", "mesh.a", "case", files)
    (result,) = run(folder, [fixtures], seconds=1.0).results
    assert result.state is State.ERROR
    assert result.reason.startswith("the policy was not evaluated")
    assert told in result.reason


def test_a_policy_that_does_not_hear_the_event_has_not_passed(run: Run, tmp_path: Path) -> None:
    annotations = rego.ANNOTATIONS + "#   events: [deploy]\n"
    text = rego.policy("mesh.a", RULE, annotations=annotations)
    folder = rego.write(tmp_path / "policies", {}, libraries={"mesh/a/a.rego": text})
    files = {"descriptor.yaml": DESCRIPTOR, "expect.yaml": "findings: []\n"}
    fixtures = fixture(tmp_path / "policy-fixtures", "mesh.a", "case", files)
    (result,) = run(folder, [fixtures]).results
    assert result.state is State.ERROR
    assert result.reason == "the policy is not asked at submit, so it found nothing because nothing ran"


def test_what_the_fixture_knows_reaches_the_policy(run: Run, tmp_path: Path) -> None:
    context = "input._context"
    rules = rego.violation(
        f'{context}.event == "deploy"; {context}.environment == "prod"; {context}.now == "2026-03-04T00:00:00Z"; '
        f'{context}.previous.info.name == "x"; {context}.mesh.upstream == []'
    )
    annotations = rego.ANNOTATIONS + "#   needs: [mesh, previous]\n"
    texts = {"mesh/a/a.rego": rego.policy("mesh.a", rules, annotations=annotations)}
    folder = rego.write(tmp_path / "policies", {}, libraries=texts)
    told = (
        "context: {event: deploy, environment: prod, now: 2026-03-04, previous: {info: {name: x}}, "
        "mesh: {upstream: []}}\nfindings: [{code: wrong, path: /info}]\n"
    )
    files = {"descriptor.yaml": DESCRIPTOR, "expect.yaml": told}
    fixtures = fixture(tmp_path / "policy-fixtures", "mesh.a", "case", files)
    (result,) = run(folder, [fixtures]).results
    assert (result.state, result.reason) == (State.PASSED, "")
