"""Which folders become a bundle, and which mistakes of their authors are refused?"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rego

import policies
from engine.errors import BundleInvalid
from engine.model import Enforcement, Event, FindingCode, Policy, Severity
from engine.policy import bundle as bundles
from engine.policy import query

ID = "trial.first"
FILE = "trial/first/first.rego"
RULE = rego.violation("input.bad")

FULL = """\
# METADATA
# title: {title}
# description: >-
#   A reason
#   in two lines.
# scope: package
# authors:
#   - {{name: Jo Doe, email: jo@example.com}}
#   - team-x
# related_resources:
#   - ref: https://example.com/standard
#     description: The standard
#   - https://example.com/other
# custom:
#   severity: low
#   category: style
#   enforcement: mandatory
#   events: [submit, deploy]
#   needs: [mesh]
#   effective_on: 2027-01-01
#   parameters:
#     type: object
#     properties:
#       words: {{type: array, items: {{type: string}}, local: true}}
#   findings:
#     wrong: {{title: Wrong, remediation: Put it right}}
#     odd: {{title: Odd}}

"""


def load(folder: Path) -> dict[str, Policy]:
    return dict(bundles.load([folder]).policies)


def written(folder: Path, text: str, path: str = FILE) -> Path:
    return rego.write(folder, {}, libraries={path: text})


def refused(folder: Path, text: str) -> str:
    """What is said about a policy with this text, without the name of the folder."""
    with pytest.raises(BundleInvalid) as caught:
        bundles.load([written(folder, text)])
    return caught.value.detail.replace(f"{folder}/", "")


def test_a_policy_is_what_its_annotations_and_defaults_say(tmp_path: Path) -> None:
    text = rego.policy(ID, f'defaults := {{"words": [lower("A")]}}\n\n{RULE}', annotations=FULL)
    loaded = load(written(tmp_path, text))[ID]
    schema = {"type": "object", "properties": {"words": {"type": "array", "items": {"type": "string"}, "local": True}}}
    assert loaded == Policy(
        id=ID,
        title=ID,
        description="A reason in two lines.",
        owner="Jo Doe, team-x",
        severity=Severity.LOW,
        category="style",
        enforcement=Enforcement.MANDATORY,
        events=frozenset({Event.SUBMIT, Event.DEPLOY}),
        needs=frozenset({"mesh"}),
        effective_on=datetime(2027, 1, 1, tzinfo=UTC),
        parameters_schema=schema,
        defaults={"words": ["a"]},
        findings={"wrong": FindingCode("Wrong", "Put it right"), "odd": FindingCode("Odd")},
        related=("https://example.com/standard", "https://example.com/other"),
        path="trial/first/first.rego",
        file=str(tmp_path / FILE),
        digest=loaded.digest,
    )


def test_any_number_of_policies_may_have_defaults(tmp_path: Path) -> None:
    rules = {f"trial.first{n}": f'defaults := {{"n": {n}}}\n\n{RULE}' for n in range(60)}
    parameters = rego.ANNOTATIONS + "#   parameters: {{properties: {{n: {{type: integer}}}}}}\n"
    texts = {
        f"{id.replace('.', '/')}/x.rego": rego.policy(id, rule, annotations=parameters) for id, rule in rules.items()
    }
    loaded = load(rego.write(tmp_path, {}, libraries=texts))
    assert [loaded[id].defaults for id in rules] == [{"n": n} for n in range(60)]


def test_a_policy_hears_every_event_and_has_no_defaults_unless_told(tmp_path: Path) -> None:
    loaded = load(rego.write(tmp_path, {ID: RULE}))[ID]
    assert (loaded.events, loaded.defaults, loaded.effective_on) == (frozenset(Event), {}, None)


def test_tests_and_hidden_folders_stay_out_and_libraries_come_along(tmp_path: Path) -> None:
    library = "package lib.names\n\nimport rego.v1\n\nok(x) if x\n"
    others = {
        "trial/first/first_test.rego": "package trial.first_test\n",
        ".regal/rules/x.rego": "package custom.regal.rules.x\n",
        "lib/names.rego": library,
        "README.md": "words",
    }
    found = bundles.load([rego.write(tmp_path, {ID: RULE}, libraries=others)])
    assert sorted(found.policies) == [ID]
    assert sorted(found.modules) == ["lib/names.rego", query.PATH, FILE]
    assert found.modules["lib/names.rego"] == library


def test_the_revision_is_that_of_paths_and_texts_and_of_nothing_else(tmp_path: Path) -> None:
    first = bundles.load([rego.write(tmp_path / "a", {ID: RULE})])
    same = bundles.load([rego.write(tmp_path / "b", {ID: RULE}, libraries={"x_test.rego": "package x_test\n"})])
    other = bundles.load([rego.write(tmp_path / "c", {ID: RULE + "\n"})])
    assert first.revision == same.revision
    assert first.policies[ID].digest == same.policies[ID].digest
    assert other.revision != first.revision
    assert first.revision.startswith("sha256:")


def test_several_folders_make_one_bundle(tmp_path: Path) -> None:
    first = rego.write(tmp_path / "a", {ID: RULE})
    second = rego.write(tmp_path / "b", {"trial.second": RULE})
    assert sorted(bundles.load([first, second]).policies) == [ID, "trial.second"]
    with pytest.raises(BundleInvalid, match="would be one module"):
        bundles.load([first, rego.write(tmp_path / "c", {ID: RULE})])


def test_a_folder_inside_the_tree_may_be_named_alone(tmp_path: Path) -> None:
    rego.write(tmp_path, {ID: RULE})
    assert list(load(tmp_path / "trial")) == [ID]


def test_the_starter_policies_are_a_bundle() -> None:
    found = bundles.load([policies.DIRECTORY])
    assert len(found.policies) >= 10
    assert all(policy.findings and policy.owner for policy in found.policies.values())


@pytest.mark.parametrize("content", [{}, {"README.md": "words"}, {"lib/x.rego": "package lib.x\n\nx := 1\n"}])
def test_nothing_to_evaluate_is_an_error(tmp_path: Path, content: dict[str, str]) -> None:
    rego.write(tmp_path, {}, libraries=content)
    with pytest.raises(BundleInvalid, match=r"no Rego module|no policy|is not a folder"):
        bundles.load([tmp_path])


def test_no_folder_at_all_is_an_error(tmp_path: Path) -> None:
    for folders in ([], [tmp_path / "absent"]):
        with pytest.raises(BundleInvalid):
            bundles.load(folders)


def _line(text: str, containing: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if containing in line)


WRITTEN = rego.ANNOTATIONS


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity: high", "severity: dreadful", "custom.severity is 'dreadful'; known are critical, high"),
        ("enforcement: blocking", "enforcement: hard", "custom.enforcement is 'hard'; known are shadow, advisory"),
        ("severity: high", "severity: [high]", "custom.severity must be a text"),
        ("category: test", "categroy: test", "custom.categroy is not known here"),
        ("scope: package", "scope: subpackages", "scope must be package"),
        ("title: {title}", "titel: {title}", "titel is not known here"),
        ("wrong:", "Wrong-Code:", "custom.findings.Wrong-Code must be a code in snake_case"),
        (
            "{{title: Something is wrong, remediation: Put it right}}",
            "{{remediation: x}}",
            "wrong.title must be a text",
        ),
        ("description: What", "description: !!str What", "the metadata is not readable YAML: the tag"),
    ],
)
def test_a_mistake_in_the_annotations_is_named_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    line = _line(WRITTEN, old)
    told = refused(tmp_path, rego.policy(ID, RULE, annotations=WRITTEN.replace(old, new)))
    assert said in told
    assert told.startswith(f"{FILE}:{line}: ")


def test_metadata_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    told = refused(tmp_path, rego.policy(ID, RULE, annotations=WRITTEN.replace("title: {title}", "title: 'open")))
    assert "the metadata is not readable YAML" in told


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("events: [submit, birth]", "custom.events names 'birth'; known are submit, deploy, rescan, access"),
        ("events: submit", "custom.events must be a list of texts"),
        ("needs: [internet]", "custom.needs names internet"),
        ("effective_on: soon", "custom.effective_on must be a date"),
        ("parameters: {{type: objekt}}", "custom.parameters is no JSON Schema"),
        ("parameters: {{$ref: 'https://example.com/schema'}}", "custom.parameters is no JSON Schema"),
        ("parameters: {{required: [a]}}", "defaults do not fit custom.parameters"),
        ("parameters: {{properties: {{n: {{type: string}}}}}}", "defaults do not fit custom.parameters at /n"),
    ],
)
def test_a_mistake_in_what_may_be_told_is_named(tmp_path: Path, added: str, said: str) -> None:
    annotations = WRITTEN.replace("custom:\n", f"custom:\n#   {added}\n")
    assert said in refused(tmp_path, rego.policy(ID, f'defaults := {{"n": 1}}\n\n{RULE}', annotations=annotations))


@pytest.mark.parametrize("lost", ["title", "description", "organizations", "severity", "category", "enforcement"])
def test_what_every_policy_tells_cannot_be_left_out(tmp_path: Path, lost: str) -> None:
    lines = [line for line in WRITTEN.splitlines(keepends=True) if not line.strip("# ").startswith(f"{lost}:")]
    told = refused(tmp_path, rego.policy(ID, RULE, annotations="".join(lines)))
    assert lost in told
    assert told.startswith(f"{FILE}:2: ") or told.startswith(f"{FILE}:6: ")


def test_a_policy_without_annotations_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, f"package {ID}\n\nimport rego.v1\n\n{RULE}\n") == (
        f"{FILE}:1: no `# METADATA` stands above package {ID}"
    )


def test_only_the_block_above_the_package_counts(tmp_path: Path) -> None:
    text = rego.policy(ID, f"# METADATA\n# scope: rule\n# title: [\n{RULE}")
    assert list(load(written(tmp_path, text))) == [ID]


def test_annotations_twice_are_refused(tmp_path: Path) -> None:
    again = rego.policy(ID, "x := 1")
    rego.write(tmp_path, {ID: RULE}, libraries={"trial/first/more.rego": again})
    with pytest.raises(BundleInvalid, match="several `# METADATA` describe package"):
        bundles.load([tmp_path])


@pytest.mark.parametrize("between", ["", "\n", "# Now for real.\n"])
def test_annotations_twice_above_one_package_are_refused_as_opa_does(tmp_path: Path, between: str) -> None:
    softer = rego.ANNOTATIONS.replace("blocking", "shadow") + between + rego.ANNOTATIONS
    with pytest.raises(BundleInvalid, match=r"first\.rego:1: several `# METADATA` stand above the package"):
        load(written(tmp_path, rego.policy(ID, RULE, annotations=softer)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\ufeff" + rego.policy(ID, RULE), f"{FILE}:1: it begins with a byte order mark"),
        (rego.policy(ID, RULE) + "# \0\n", f"{FILE}:17: the character U+0000 may not stand in a module"),
    ],
)
def test_what_only_one_engine_reads_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text).startswith(said)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("violation := [1]", "violation must be a set: `violation contains finding if {…}`"),
        ("violation[x] := 1 if some x in input.y", "violation must be a set"),
        ("deny[x] if some x in input.y", "deny must be a set"),
        ("violations contains 1", "nothing would ask the rule violations"),
        ("failures contains 1", "nothing would ask the rule failures"),
        (RULE + "\n\ndefaults := [1]", "the rule defaults must be an object"),
        (RULE + "\n\ndefaults := {1} if input.x", "the rule defaults must be an object"),
        ("violation contains x if { not inptu.x; x := 1 }", "use of undefined variable `inptu` is unsafe"),
        ("violation contains x if {", "expecting expression"),
        ("warn contains x if some x in input.y", "a policy that only warns cannot be blocking"),
    ],
)
def test_a_mistake_in_the_rules_is_named(tmp_path: Path, rules: str, said: str) -> None:
    told = refused(tmp_path, rego.policy(ID, rules))
    assert said in told
    assert FILE in told


def test_a_policy_whose_rule_has_another_name_is_no_library(tmp_path: Path) -> None:
    rego.write(tmp_path, {}, libraries={"trial/good/good.rego": rego.policy("trial.good", RULE)})
    told = refused(tmp_path, rego.policy(ID, RULE.replace("violation", "objection")))
    assert told.startswith(f"{FILE}:")
    assert "custom.enforcement makes trial.first a policy, but nothing would ask it: it has no rule `violation`" in told


def test_a_package_lies_in_the_folder_of_its_name(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid) as caught:
        bundles.load([written(tmp_path, rego.policy(ID, RULE), "trial/other/first.rego")])
    assert caught.value.detail.endswith(f"package {ID} must lie in a folder trial/first")


@pytest.mark.parametrize("package", ['a["b-c"]', "meshgate.query", "a.default"])
def test_a_package_that_no_path_can_name_is_refused(tmp_path: Path, package: str) -> None:
    assert "package" in refused(tmp_path, f"package {package}\n\nimport rego.v1\n\n{RULE}\n")


def test_files_that_are_no_text_or_too_large_are_refused(tmp_path: Path) -> None:
    rego.write(tmp_path, {ID: RULE})
    (tmp_path / "bytes.rego").write_bytes(b"package x\n\xff")
    with pytest.raises(BundleInvalid, match="byte 11 is not UTF-8"):
        bundles.load([tmp_path])
    (tmp_path / "bytes.rego").write_text("#" * ((1 << 20) + 1))
    with pytest.raises(BundleInvalid, match="larger than 1 MiB"):
        bundles.load([tmp_path])
    (tmp_path / "bytes.rego").unlink()
    (tmp_path / "a file.rego").write_text("package x\n")
    with pytest.raises(BundleInvalid, match="the path may hold only"):
        bundles.load([tmp_path])


def test_a_pipe_among_the_modules_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    rego.write(tmp_path, {ID: RULE})
    os.mkfifo(tmp_path / "pipe.rego")
    with pytest.raises(BundleInvalid, match=r"pipe\.rego is no plain file"):
        bundles.load([tmp_path])


def test_a_link_to_a_folder_is_refused_so_that_no_policy_behind_it_is_lost(tmp_path: Path) -> None:
    elsewhere = rego.write(tmp_path / "elsewhere", {"trial.second": RULE})
    folder = rego.write(tmp_path / "policies", {ID: RULE})
    (folder / "trial" / "second").symlink_to(elsewhere / "trial" / "second")
    with pytest.raises(BundleInvalid, match="second is a link to a folder, which is not followed"):
        bundles.load([folder])


def test_a_policy_that_is_a_link_to_a_file_is_loaded_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "mounted.rego").write_text(rego.policy(ID, RULE))
    place = tmp_path / "policies" / FILE
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "mounted.rego")
    assert list(load(tmp_path / "policies")) == [ID]


def test_a_policy_in_a_file_that_is_named_like_a_test_is_refused_and_not_lost(tmp_path: Path) -> None:
    rego.write(tmp_path, {ID: RULE})
    lost = written(tmp_path, rego.policy("trial.smoke_test", RULE), "trial/smoke_test/smoke_test.rego")
    with pytest.raises(BundleInvalid, match=r"smoke_test\.rego is a policy, and files named `…_test\.rego`"):
        load(lost)


def test_rules_of_a_policy_that_lie_in_another_folder_are_refused(tmp_path: Path) -> None:
    more = "package trial.first\n\nimport rego.v1\n\nviolation contains 1 if input.more\n"
    rego.write(tmp_path, {ID: RULE}, libraries={"elsewhere/more.rego": more})
    with pytest.raises(BundleInvalid, match=r"more\.rego:1: package trial\.first must lie in a folder trial/first"):
        load(tmp_path)


def test_a_rule_that_reaches_into_the_package_of_a_policy_is_refused_as_opa_does(tmp_path: Path) -> None:
    rules = "package trial\n\nimport rego.v1\n\nfirst.violation := set()\n"
    rego.write(tmp_path, {ID: RULE}, libraries={"trial/trial.rego": rules})
    with pytest.raises(BundleInvalid, match=r"trial\.rego:5: the rule first\.violation lies in another package, trial"):
        load(tmp_path)


def test_no_package_may_be_taken_by_an_opa_for_rules_about_itself(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match=r"a package may not be named 'system\.authz'"):
        load(written(tmp_path, rego.policy("system.authz", RULE), "system/authz/authz.rego"))
