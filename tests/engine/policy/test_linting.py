"""Does the linter find every flaw at its place, all at once, and does loading refuse the first of them?"""

from __future__ import annotations

from pathlib import Path

import pytest
import rego

import policies
from engine.errors import BundleInvalid
from engine.model import ProblemSeverity
from engine.policy import bundle as bundles
from engine.policy import modules
from engine.policy.flaws import Flaw
from engine.policy.lint_rules import RULES
from engine.policy.linting import Linted, linted
from engine.policy.patterns import unportable

ID = "trial.first"
FILE = "trial/first/first.rego"
RULE = rego.violation("input.info.name")
TEST = "package trial.first_test\n\ntest_it_passes if true\n"
PARAMETERS = "#   parameters: {{properties: {{n: {{type: integer}}}}}}\n"


def lint(folder: Path, texts: dict[str, str]) -> Linted:
    rego.write(folder, {}, libraries={"trial/first/first_test.rego": TEST, **texts})
    return linted(modules.collect([folder]))


def told(folder: Path, flaw: Flaw) -> str:
    return f"{Path(flaw.file).relative_to(folder)}:{flaw.line}:{flaw.column} {flaw.code}"


def changed(old: str, new: str, rules: str = RULE, annotations: str = rego.ANNOTATIONS) -> str:
    text = rego.policy(ID, rules, annotations=annotations)
    assert old in text
    return text.replace(old, new)


CASES = {
    "PL101": ({FILE: rego.policy(ID, rego.violation(f"x := {'[' * 12}1{']' * 12}"))}, f"{FILE}:16:97"),
    "PL102": (
        {FILE: rego.policy(ID, RULE), "lib/x.rego": "package lib\n\nimport rego.v1\n\nx := := 1\n"},
        "lib/x.rego:5:6",
    ),
    "PL103": ({FILE: rego.policy(ID, rego.violation("x == y"))}, f"{FILE}:16:83"),
    "PL104": ({FILE: rego.policy(ID, rego.violation('input.info.name == "\u202e"'))}, f"{FILE}:16:103"),
    "PL201": ({FILE: rego.policy(ID, "x := 1")}, f"{FILE}:9:5"),
    "PL202": ({FILE: rego.policy(ID, f"{RULE}\n\nviolations contains 1")}, f"{FILE}:18:1"),
    "PL203": ({FILE: rego.policy(ID, "violation := 1")}, f"{FILE}:16:1"),
    "PL204": ({FILE: rego.policy(ID, f'{RULE}\n\nallow := "yes"')}, f"{FILE}:18:1"),
    "PL205": ({"trial/null/null.rego": rego.policy("trial.meshgate", RULE)}, "trial/null/null.rego:12:1"),
    "PL206": ({FILE: changed("package trial.first", "package trial.other")}, f"{FILE}:12:1"),
    "PL207": ({FILE: rego.policy(ID, 'warn contains "x" if input.info')}, f"{FILE}:9:5"),
    "PL208": ({FILE: rego.policy(ID, rego.violation("input._context.mesh == null"))}, f"{FILE}:16:83"),
    "PL251": ({FILE: rego.policy(ID, RULE), "trial/first/first_test.rego": "package x\n"}, f"{FILE}:12:1"),
    "PL301": ({FILE: rego.policy(ID, RULE, annotations="")}, f"{FILE}:1:1"),
    "PL302": ({FILE: changed("description: What", "description: !!str What")}, f"{FILE}:3:16"),
    "PL303": ({FILE: changed("severity: high", "severity: high\n#   sevrity: low")}, f"{FILE}:8:5"),
    "PL304": ({FILE: changed("severity: high", "severity: hgih")}, f"{FILE}:7:5"),
    "PL305": ({FILE: changed('"code": "wrong"', '"code": "wrnog"')}, f"{FILE}:16:29"),
    "PL306": (
        {FILE: rego.policy(ID, RULE, annotations=rego.ANNOTATIONS + "#   parameters: {{type: 7}}\n")},
        f"{FILE}:12:5",
    ),
    "PL307": (
        {FILE: rego.policy(ID, f'defaults := {{"n": "x"}}\n\n{RULE}', annotations=rego.ANNOTATIONS + PARAMETERS)},
        f"{FILE}:17:1",
    ),
    "PL308": (
        {FILE: rego.policy(ID, f'{RULE}\n\np := object.get(input, ["_context", "parameters", "trial.other"], {{}})')},
        f"{FILE}:18:6",
    ),
    "PL309": (
        {FILE: rego.policy(ID, f"{RULE}\n\ndefaults := {{}}\n\nparams := defaults\n\nx if params.n == 1")},
        f"{FILE}:22:6",
    ),
    "PL351": ({FILE: changed("#     wrong:", "#     gone: {title: Gone}\n#     wrong:")}, f"{FILE}:11:7"),
    "PL401": ({FILE: rego.policy(ID, f"{RULE}\n\nx := [http.send({{}})]")}, f"{FILE}:18:7"),
    "PL402": ({FILE: rego.policy(ID, f"{RULE}\n\nx := count()")}, f"{FILE}:18:6"),
    "PL403": ({FILE: rego.policy(ID, f"{RULE}\n\nx := data.lib.f(1)")}, f"{FILE}:18:6"),
    "PL404": ({FILE: rego.policy(ID, f"{RULE}\n\nx if count([]) == 0 with count as 1")}, f"{FILE}:18:21"),
    "PL405": ({FILE: rego.policy(ID, f'{RULE}\n\n# ä\nx := "ä" == data.config.y')}, f"{FILE}:19:13"),
    "PL406": ({FILE: rego.policy(ID, f"{RULE}\n\nx if x")}, f"{FILE}:18:1"),
    "PL407": (
        {FILE: rego.policy(ID, RULE), "lib/t.rego": "package trial\n\nimport rego.v1\n\nfirst := 1\n"},
        f"{FILE}:12:1",
    ),
    "PL451": ({FILE: rego.policy(ID, f'{RULE}\n\nx if regex.match("^\\\\d$", "1")')}, f"{FILE}:18:18"),
    "PL501": ({FILE: rego.policy(ID, rego.violation("input.info.ownr.id"))}, f"{FILE}:16:83"),
}
OF_ASSIGNMENTS = {"PL601", "PL651"}
ONLY_LINT = {"PL251", "PL305", "PL308", "PL309", "PL351", "PL451", "PL501"}


def test_every_rule_is_seen_to_find_something() -> None:
    assert {*CASES, *OF_ASSIGNMENTS} == set(RULES)


@pytest.mark.parametrize("code", CASES)
def test_a_flaw_is_found_at_its_place_and_loading_refuses_it_too(tmp_path: Path, code: str) -> None:
    texts, place = CASES[code]
    found = lint(tmp_path, texts)
    (flaw,) = [one for one in found.flaws if one.code == code]
    assert told(tmp_path, flaw) == f"{place} {code}"
    if code in ONLY_LINT:
        assert list(bundles.load([tmp_path]).policies) == list(found.policies)
    else:
        assert found.bundle is None
        with pytest.raises(BundleInvalid):
            bundles.load([tmp_path])


@pytest.mark.parametrize("code", [code for code in CASES if code not in {*ONLY_LINT, "PL102", "PL103"}])
def test_what_loading_says_is_the_flaw_with_file_and_line(tmp_path: Path, code: str) -> None:
    found = lint(tmp_path, CASES[code][0])
    with pytest.raises(BundleInvalid) as caught:
        bundles.load([tmp_path])
    assert caught.value.detail in {str(one) for one in found.flaws}


def test_a_policy_without_a_flaw_loads_and_nothing_is_told(tmp_path: Path) -> None:
    found = lint(tmp_path, {FILE: rego.policy(ID, RULE)})
    assert (found.policies, found.modules, found.flaws) == ({ID: str(tmp_path / FILE)}, 1, ())
    assert found.bundle == bundles.load([tmp_path])


def test_the_starter_policies_have_no_flaw_and_make_the_same_bundle_as_loading() -> None:
    found = linted(modules.collect([policies.DIRECTORY]))
    assert found.flaws == ()
    assert found.bundle == bundles.load([policies.DIRECTORY])


def test_all_flaws_are_told_at_once_in_the_order_of_their_places(tmp_path: Path) -> None:
    text = changed("severity: high", "severity: hgih", f"violations contains 1\n\n{RULE}\n\nx := http.send({{}})")
    found = lint(tmp_path, {FILE: text, "lib/x.rego": "package lib\n\nx := \n"})
    assert [told(tmp_path, one) for one in found.flaws] == [
        "lib/x.rego:4:1 PL102",
        f"{FILE}:7:5 PL304",
        f"{FILE}:16:1 PL202",
        f"{FILE}:20:6 PL401",
    ]


def test_what_may_stand_in_a_file_that_cannot_be_read_is_not_said_to_be_missing(tmp_path: Path) -> None:
    texts = {FILE: rego.policy(ID, f"{RULE}\n\nx := data.lib.y\n\nz := data.lib.f(1)")}
    assert {one.code for one in lint(tmp_path / "a", texts).flaws} == {"PL403", "PL405"}
    broken = {"lib/x.rego": "package lib\n\ny := \n"}
    assert {one.code for one in lint(tmp_path / "b", {**texts, **broken}).flaws} == {"PL102"}


def test_what_may_reach_outside_is_never_evaluated(tmp_path: Path) -> None:
    text = rego.policy(ID, f'defaults := {{"n": http.send({{}})}}\n\n{RULE}', annotations=rego.ANNOTATIONS + PARAMETERS)
    assert [one.code for one in lint(tmp_path, {FILE: text}).flaws] == ["PL401"]


def test_a_file_that_the_parser_gives_up_costs_only_itself(tmp_path: Path) -> None:
    library = {"lib/x.rego": "package lib\n\nimport rego.v1\n\nx := " + "(" * 4000 + "1" + ")" * 4000}
    found = lint(tmp_path, {FILE: rego.policy(ID, rego.violation("input.info.ownr")), **library})
    assert [told(tmp_path, one) for one in found.flaws if one.code != "PL501"] == ["lib/x.rego:5:38 PL102"]
    assert "PL501" in {one.code for one in found.flaws}


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ("input.info.ownr", "info.ownr"),
        ('input["info"]["ownr"]', "info.ownr"),
        ('object.get(input, ["info", "ownr"], 1) == 1', "info.ownr"),
        ('object.get(input.info, "ownr", 1) == 1', "info.ownr"),
        ("about.ownr", "info.ownr"),
        ("port := input.interfaceComponents.outputPorts[i]; port.nmae; i", "interfaceComponents.outputPorts[*].nmae"),
        (
            "some port in input.interfaceComponents.inputPorts; port.dependOn",
            "interfaceComponents.inputPorts[*].dependOn",
        ),
        ("every p in input.interfaceComponents.outputPorts { p.nmae }", "interfaceComponents.outputPorts[*].nmae"),
        ("p := input.info; q := p.owner; q.idd", "info.owner.idd"),
        ("ports[_].nmae", "interfaceComponents.outputPorts[*].nmae"),
        (
            "not input.interfaceComponents.outputPorts[0].promises.sloo",
            "interfaceComponents.outputPorts[*].promises.sloo",
        ),
        ("count([x | x := input.info.contactPoints[_].adress]) > 0", "info.contactPoints[*].adress"),
        ("input.nfo", "nfo"),
        ("input.info.name.first", "info.name.first"),
    ],
)
def test_an_unknown_field_is_found_however_it_is_read(tmp_path: Path, condition: str, field: str) -> None:
    named = "ports := input.interfaceComponents.outputPorts"
    rules = f"import input.info as about\n\n{rego.violation(condition)}\n\n{named}"
    found = lint(tmp_path, {FILE: rego.policy(ID, rules)})
    assert {one.msg for one in found.flaws} == {f"no descriptor has {field}"}


@pytest.mark.parametrize(
    "condition",
    [
        "input.info.owner.id",
        'input.info["x-cost-center"].number',
        "input._context.event",
        "input.interfaceComponents.outputPorts[_].promises.api.definition.anything.goes",
        "input.internalComponents.lifecycleInfo.prod[_].name",
        "some field in [1]; input.info[field]",
        "input.components.apis.orders.definition",
        "input.interfaceComponents.inputPorts[_].dependsOn[_]",
        "input.externalDocs.description",
        "x := input.info; x := 1; x",
        "some x in input.info.contactPoints; f(x.adress)",
    ],
)
def test_a_field_that_may_be_there_is_not_told(tmp_path: Path, condition: str) -> None:
    rules = f"{rego.violation(condition)}\n\nf(x) if x.ownr"
    found = [one for one in lint(tmp_path, {FILE: rego.policy(ID, rules)}).flaws if one.code == "PL501"]
    assert [one.msg for one in found] == (
        ["no descriptor has info.contactPoints[*].adress"] if "adress" in condition else []
    )


def test_a_code_that_a_function_makes_a_finding_of_is_known(tmp_path: Path) -> None:
    rules = (
        'violation contains made(input.info, "wrong") if input.info\n\n'
        'violation contains made(input.info, "worng") if input.info\n\n'
        'made(_, code) := {"code": code, "msg": "m", "path": []}'
    )
    (flaw,) = lint(tmp_path, {FILE: rego.policy(ID, rules)}).flaws
    assert (flaw.code, flaw.line, flaw.hint) == ("PL305", 18, "did you mean wrong?")


def test_policies_of_conftest_and_odm_keep_their_own_codes_and_inputs(tmp_path: Path) -> None:
    rules = 'deny contains "no" if input.spec.replicas == 1\n\nallow if input.afterState'
    annotations = rego.ANNOTATIONS.replace(
        "#   findings:\n#     wrong: {{title: Something is wrong, remediation: Put it right}}\n", ""
    )
    assert lint(tmp_path, {FILE: rego.policy(ID, rules, annotations=annotations)}).flaws == ()


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"^\d+$", r"\w", r"[\s]", r"\bx", r"(?=x)", r"(?!x)", r"(?<=x)", r"(?<n>x)", r"\1", r"(?x)a", r"x{1001}"),
        *(r"x{2,5000}", r"[a&&b]", r"[a--b]", r"[[a]b]", r"\Qx\E", r"\C", r"\u0041", r"\G", r"(?P=n)", r"(?P>n)"),
    ],
)
def test_what_engines_read_differently_is_not_portable(pattern: str) -> None:
    assert unportable(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "@example[.]org$",
            "^[a-z][a-z0-9_]*$",
            r"\.",
            r"(?i)abc",
            "(?:a|b)",
            "(?P<n>a)",
            r"[[:alpha:]]+",
            r"\p{Greek}",
        ),
        *(r"\x{41}", r"\A\z", "x{2,5}", r"[\]\\[:digit:]]", "", "]", r"[]a]", r"[^]a]", "a{", r"\/", r"\-"),
    ],
)
def test_what_both_engines_know_is_portable(pattern: str) -> None:
    assert unportable(pattern) == ""


@pytest.mark.parametrize("name", ["violaton", "voilation", "Violation", "violations", "denies", "failures", "error"])
def test_a_rule_that_is_nearly_the_right_one_is_refused_beside_the_right_one(tmp_path: Path, name: str) -> None:
    rules = f"{RULE}\n\n{name} contains {rego.finding()} if input.info"
    assert [one.code for one in lint(tmp_path, {FILE: rego.policy(ID, rules)}).flaws] == ["PL202"]


@pytest.mark.parametrize(
    "name", ["violating", "_violaton", "violating_ports", "valid", "location", "relation", "isolation"]
)
def test_a_helper_may_be_named_after_what_it_holds(tmp_path: Path, name: str) -> None:
    rules = f"{RULE}\n\n{name} contains 1 if input.info"
    assert lint(tmp_path, {FILE: rego.policy(ID, rules)}).flaws == ()


def test_errors_come_before_x51_and_every_rule_says_what_to_know() -> None:
    for code, one in RULES.items():
        assert (one.severity is ProblemSeverity.WARNING) == (int(code[3:]) > 50)
        assert one.title
        assert one.explanation.endswith(".")
    assert len({one.name for one in RULES.values()}) == len(RULES)
