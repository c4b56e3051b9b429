"""Does a module of Rego v0 say the same after it was rewritten, and does nothing else change?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import BundleInvalid
from engine.policy import rego_v0
from engine.policy.single import said
from engine.policy.workers import Workers

OLD = {
    "the validator's own example": """package dataproduct

default allow := false

allow := true {                                     
    startswith(input.name, "dp-")
}""",
    "sets, functions and else": """package dataproduct.rules

import future.keywords.in

# who owns it? "{" in a comment and in a text change nothing
deny[msg] { msg := sprintf("no { owner, %s", [input.name]); not input.owner }
deny["always"] { input.always }

grade(x) = "low" { x < 10 } else = "high" { x >= 10 } else = {"none": {}} { true }

names[key] = value { value := input.named[key] }

default allow = false
allow { count(deny) == 0; grade(input.n) == "low" }
allow { input.forced == true }
first[0] { true }
""",
    "a future that came early": """package early

import future.keywords.if
import future.keywords.contains

deny contains "a" if { input.a }
deny["b"] { input.b }
deny["ü"] { input["größe"] }
""",
    "a renamed built-in": 'package named\nallow { re_match("^dp-", input.name) }\n',
}
DOCUMENTS = [
    {},
    {"name": "dp-x"},
    {"name": "x", "owner": "jo", "n": 3},
    {"name": "dp-x", "always": True, "n": 30, "named": {"a": 1}, "forced": True},
    {"a": 1, "b": 2, "größe": True},
]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, memory_mib=512)
    yield pool
    pool.close()


def modern(workers: Workers, text: str) -> str:
    with workers.one(patience=10) as worker:
        return rego_v0.modern(worker, "old.rego", text)


def on_opa(binary: str, folder: Path, text: str, document: object) -> object:
    (folder / "old.rego").write_text(text)
    (folder / "input.json").write_text(json.dumps(document))
    package = text.partition("package ")[2].split()[0]
    command = [binary, "eval", "--v0-compatible", "--format=raw", "-d", str(folder / "old.rego")]
    command += ["-i", str(folder / "input.json"), f"data.{package}"]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.parametrize("name", OLD)
def test_the_rewritten_module_answers_as_opa_answers_for_the_old_one(
    name: str, workers: Workers, opa_binary: str, tmp_path: Path
) -> None:
    for document in DOCUMENTS:
        mine = said(workers, OLD[name], document, v0=True).result
        assert _sorted(mine) == _sorted(on_opa(opa_binary, tmp_path, OLD[name], document)), document


def _sorted(value: object) -> object:
    """Sets come as lists, in an order of each engine's own."""
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in value.items()}
    return sorted(map(json.dumps, value)) if isinstance(value, list) else value


@pytest.mark.parametrize("name", OLD)
def test_stock_opa_takes_the_rewritten_module_as_rego_v1(
    name: str, workers: Workers, opa_binary: str, tmp_path: Path
) -> None:
    (tmp_path / "new.rego").write_text(modern(workers, OLD[name]))
    done = subprocess.run(
        [opa_binary, "check", str(tmp_path / "new.rego")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_comments_texts_and_layout_stay_their_authors(workers: Workers) -> None:
    written = modern(workers, OLD["sets, functions and else"])
    assert '# who owns it? "{" in a comment and in a text change nothing\n' in written
    assert 'deny contains msg if { msg := sprintf("no { owner, %s", [input.name]); not input.owner }\n' in written
    assert 'deny contains "always" if { input.always }\n' in written
    assert 'else = "high" if { x >= 10 } else = {"none": {}} if { true }\n' in written
    assert written.startswith("package dataproduct.rules\n\nimport rego.v1\n")
    assert "future" not in written


def test_what_is_rewritten_already_is_left_alone(workers: Workers) -> None:
    written = modern(workers, OLD["a future that came early"])
    assert 'deny contains "a" if { input.a }\n' in written
    assert 'deny contains "b" if { input.b }\n' in written


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("package p\nallow { input.x", "old.rego: this is no Rego v0: "),
        ("package p\n\nallow { input.x } { input.y }", "old.rego:3: give this second body a head of its own"),
        ("package p\nallow { x := " + "[" * 30 + "]" * 30 + " }", "old.rego:2: brackets stand more than"),
        ("package p\nn.m { input.x }", "old.rego:2: this head means a set here"),
        ("package p-q\nallow { true }", "old.rego: this is no Rego v0: "),
    ],
)
def test_what_cannot_be_rewritten_is_refused_with_its_place(text: str, told: str, workers: Workers) -> None:
    with pytest.raises(BundleInvalid) as caught:
        modern(workers, text)
    assert caught.value.detail.startswith(told)


def test_a_long_way_into_the_input_is_no_deep_recursion(workers: Workers) -> None:
    told = said(workers, f"package trial\nallow {{ input{'.a' * 480} == 1 }}", {"a": 1}, v0=True)
    assert not told.allowed
