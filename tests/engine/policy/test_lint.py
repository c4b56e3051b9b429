"""Do policies call only what every engine answers alike, and nothing that reaches outside?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import rego

import policies
from engine.errors import BundleInvalid
from engine.policy import bundle as bundles
from engine.policy import lint
from engine.policy.worker import Refused
from engine.policy.workers import Workers

ID = "trial.first"
LIBRARY = {"lib/h.rego": "package lib.h\n\nimport rego.v1\n\nf(x) := x\n\nnumber := 1\n"}


def refused(folder: Path, rules: str) -> str:
    with pytest.raises(BundleInvalid) as caught:
        bundles.load([rego.write(folder, {ID: rules}, libraries=LIBRARY)])
    return caught.value.detail.replace(f"{folder}/", "")


@pytest.mark.parametrize(
    "name",
    [
        *("http.send", "opa.runtime", "net.lookup_ip_addr", "rego.metadata.rule", "rego.metadata.chain", "trace"),
        *("time.now_ns", "rand.intn", "uuid.rfc4122", "crypto.sha256", "io.jwt.decode", "yaml.unmarshal", "conuter"),
    ],
)
def test_what_reaches_outside_or_is_not_portable_is_refused(tmp_path: Path, name: str) -> None:
    rules = rego.violation(f"x := {name}(input.a)\n\tx == 1")
    line = 1 + rego.policy(ID, rules).splitlines().index(next(one for one in rules.splitlines() if name in one))
    said = f"{name} is not a function that policies may call (capabilities.json lists them)"
    assert refused(tmp_path, rules) == f"trial/first/first.rego:{line}: {said}"


@pytest.mark.parametrize(
    "expression",
    [
        "[y | y := http.send({})]",
        "{y: 1 | some y in [time.now_ns()]}",
        "{z | some y in input.a; every z in [1] { http.send(z) }}",
        "object.get(input, http.send({}), 1)",
        "input[opa.runtime().env.HOME]",
        "lower(upper(opa.runtime()))",
    ],
)
def test_a_forbidden_call_is_found_wherever_it_hides(tmp_path: Path, expression: str) -> None:
    assert "is not a function that policies may call" in refused(tmp_path, rego.violation(f"x := {expression}; x"))


@pytest.mark.parametrize(
    "helper", ["x := http.send({})", "f(a) := http.send(a)", "default x := false\n\nx if trace(1)"]
)
def test_a_forbidden_call_is_found_in_rules_that_nobody_asks(tmp_path: Path, helper: str) -> None:
    assert "may call" in refused(tmp_path, f"{rego.violation('input.bad')}\n\n{helper}")


@pytest.mark.parametrize(
    "condition",
    [
        "data.lib.h.f(input.a) with data.lib.h.f as http.send",
        "count(input.a) > 1 with count as http.send",
        "g(input.a) with g as http.send",
        "h.f(1) with h.f as http.send",
    ],
)
def test_a_function_is_never_replaced(tmp_path: Path, condition: str) -> None:
    rules = f"import data.lib.h\n\n{rego.violation(condition)}\n\ng(x) := x"
    assert "`with` may replace only input and data" in refused(tmp_path, rules)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('startswith("a")', "startswith is called with 1 arguments"),
        ('startswith("a", "b", x, 1)', "startswith is called with 4 arguments"),
        ("data.lib.h.f(1, 2, 3)", "data.lib.h.f is called with 3 arguments"),
        ("data.lib.h.g(1)", "no module defines the function data.lib.h.g"),
        ("data.lib.h.number(1)", "no module defines the function data.lib.h.number"),
        ("own(1, 2, 3)", "own is called with 3 arguments"),
    ],
)
def test_a_call_that_would_only_fail_when_evaluated_is_refused_at_load(
    tmp_path: Path, condition: str, said: str
) -> None:
    assert said in refused(tmp_path, f"{rego.violation(condition)}\n\nown(x) := x")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("count(data) > 3", "data is no rule of these modules"),
        ("data[input.a].b", "data is no rule of these modules"),
        ("data.lib[input.a]", "data.lib is no rule of these modules"),
        ("data.lib.h", "data.lib.h is no rule of these modules"),
        ("h[input.a]", "data.lib.h is no rule of these modules"),
        ("some x in [y | y := data.config.x]; x", "data.config.x is no rule of these modules"),
        ("data.lib.h.nmuber == 1", "data.lib.h.nmuber is no rule of these modules"),
        ("input.a with data as {}", "data is no rule of these modules"),
        ("data.trial.first", "data.trial.first is no rule of these modules"),
        ('data["meshgate"].query.revision', "data.meshgate.query.revision is of meshgate itself"),
        ("data.meshgate[input.a]", "data.meshgate is of meshgate itself"),
    ],
)
def test_a_reference_to_data_leads_to_a_rule_that_is_there(tmp_path: Path, condition: str, said: str) -> None:
    rules = f"import data.lib.h\n\nhelp := h.number\n\n{rego.violation(condition)}"
    line = len(rego.policy(ID, rules).splitlines())
    assert f"trial/first/first.rego:{line}: {said}" in refused(tmp_path, rules)


@pytest.mark.parametrize(
    "rules",
    [
        "a if a",
        "a if b\n\nb if c\n\nc if a",
        "a := {x | some x in data.trial.first.a}",
        "a(x) := a(x - 1)",
        "a[x] := y if { some x in [1]; y := a[x - 1] }",
        "a if count([1 | not b]) > 0\n\nb if { every x in [1] { a; x } }",
        "a := 1 if input.a else := a",
    ],
)
def test_no_rule_uses_itself(tmp_path: Path, rules: str) -> None:
    said = refused(tmp_path, f"{rego.violation('input.a')}\n\n{rules}")
    assert "a rule may not use itself: data.trial.first." in said
    assert said.startswith("trial/first/first.rego:1")


def test_no_rule_uses_itself_by_way_of_another_package(tmp_path: Path) -> None:
    rego.write(tmp_path, {ID: rego.violation("data.trial.second.b") + "\n\na if data.trial.second.b"})
    rego.write(tmp_path, {"trial.second": rego.violation("b") + "\n\nb if data.trial.first.a"})
    with pytest.raises(BundleInvalid, match=r"data.trial.first.a uses data.trial.second.b uses data.trial.first.a"):
        bundles.load([tmp_path])


def test_a_package_may_not_have_the_name_of_a_rule(tmp_path: Path) -> None:
    rules = {ID: rego.violation("input.a"), "trial": rego.violation("input.b") + "\n\nfirst := 1"}
    with pytest.raises(BundleInvalid, match=r"first.rego:12: package trial.first has the name of a rule"):
        bundles.load([rego.write(tmp_path, rules)])


@pytest.mark.parametrize(
    "rule",
    [
        *(
            'allow := "yes"',
            "allow := 1",
            "allow := null",
            "allow := [true]",
            "default allow := {}",
            "allow[1] := true",
        ),
        *("allow := {x | some x in input.a}", 'allow := true if input.a else := "no"', "allow contains 1 if input.a"),
    ],
)
def test_an_allow_that_can_be_no_boolean_is_refused(tmp_path: Path, rule: str) -> None:
    assert "allow must be true or false" in refused(tmp_path, rule)


def test_a_variable_may_have_the_name_of_a_rule_as_opa_agrees(tmp_path: Path, opa_binary: str) -> None:
    rules = "\n\n".join(
        (
            "import data.lib.h",
            rego.violation("owner; names; keyed.a; f(1); deep.x.y; deep.x"),
            "owner if { owner := input.owner; owner != 1 }",
            "names := {one | some one in input.names}",
            "keyed[by] := 1 if some by, _ in input.a",
            "f(f) := f",
            "some_of if { some some_of; input.a[some_of] }",
            "all if { every all in input.a { all } }",
            "deep.x.y := h.f(h.number)",
        )
    )
    assert list(bundles.load([rego.write(tmp_path, {ID: rules}, libraries=LIBRARY)]).policies) == [ID]
    told = subprocess.run([opa_binary, "check", str(tmp_path)], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")


def test_what_is_allowed_is_allowed(tmp_path: Path) -> None:
    rules = "\n\n".join(
        (
            "import data.lib.h",
            "import data.lib.h.f as same",
            "import input.info as info",
            rego.violation("h.f(1) == same(1); own(info.name); data.lib.h.f(2, x); x == 2; walk(input, [_, v]); v"),
            rego.violation("data.lib.h.number == 1 with input as {} with data.lib.h.number as 2"),
            'own(x) if startswith(x, "a")',
        )
    )
    assert list(bundles.load([rego.write(tmp_path, {ID: rules}, libraries=LIBRARY)]).policies) == [ID]


@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}"), ("{", "}")])
def test_brackets_too_deep_are_refused_before_any_parser_sees_them(tmp_path: Path, brackets: tuple[str, str]) -> None:
    deep = brackets[0] * 30 + "1" + brackets[1] * 30
    rules = rego.violation(f"x := {deep}; x")
    line = 1 + rego.policy(ID, rules).splitlines().index(rules)
    assert refused(tmp_path, rules) == (
        f"trial/first/first.rego:{line}: brackets stand more than {lint.DEEPEST} deep inside one another"
    )


def test_brackets_in_texts_and_comments_are_no_nesting() -> None:
    text = '# [[[[[[[[[[[[\nx := "[[[[[[[[[[[[\\"[" # {{{{{{{{{{{{\ny := `\n[[[[[[[[[[[[`\nz := [1]\n'
    assert lint.at_sight("x.rego", text) is None


def test_text_as_deep_as_allowed_is_parsed_in_time() -> None:
    deep = "[" * (lint.DEEPEST - 1) + "1" + "]" * (lint.DEEPEST - 1)
    text = f"package a\n\nimport rego.v1\n\nx := {deep}\n"
    assert lint.at_sight("a.rego", text) is None
    pool = Workers(1, memory_mib=256)
    with pool.one(patience=10) as worker:
        assert len(worker.syntax({"a.rego": text}, seconds=5)) == 1
    pool.close()


def test_every_listed_builtin_is_known_to_regorus() -> None:
    listed = json.loads(lint.CAPABILITIES.read_text())["builtins"]
    called = {one["name"]: len(one["decl"].get("args", [])) for one in listed if "infix" not in one}
    called["crypto.sha256"] = 1  # which regorus lacks, so that this test is seen to see
    pool = Workers(1, memory_mib=256)
    unknown = []
    with pool.one(patience=10) as worker:
        worker.load("sha256:none", {}, seconds=5)
        for name, arity in called.items():
            if name.startswith("internal."):
                continue
            try:
                worker.evaluate("sha256:none", f"{name}({', '.join(['{}'] * arity)})", b"{}", seconds=5)
            except Refused as reason:
                unknown += [name] if "could not find function" in str(reason) else []
    pool.close()
    assert unknown == ["crypto.sha256"]


def test_the_list_is_a_subset_of_what_opa_itself_declares(opa_binary: str) -> None:
    told = subprocess.run([opa_binary, "capabilities", "--current"], capture_output=True, check=True, text=True).stdout
    declared = {one["name"]: one["decl"] for one in json.loads(told)["builtins"]}
    listed = {one["name"]: one["decl"] for one in json.loads(lint.CAPABILITIES.read_text())["builtins"]}
    assert {name: declared.get(name) for name in listed} == listed


def test_nothing_on_the_list_depends_on_more_than_its_arguments() -> None:
    told = json.loads(lint.CAPABILITIES.read_text())
    assert [one["name"] for one in told["builtins"] if one.get("nondeterministic")] == []
    assert told["allow_net"] == []


def test_opa_accepts_the_starter_policies_and_the_generated_module_under_the_list(
    opa_binary: str, tmp_path: Path
) -> None:
    for path, text in bundles.load([policies.DIRECTORY]).modules.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    command = [opa_binary, "check", "--strict", "--capabilities", str(lint.CAPABILITIES), str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
