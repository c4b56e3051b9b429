"""Does a mask policy hide what it names as OPA would, and does nothing leave where it is broken?"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from outside_parts import free_port, started

from engine.errors import MaskInvalid
from engine.policy import aside, mask, mask_rules
from engine.policy.workers import Workers

ROOT = Path(__file__).resolve().parents[3]
RECORD: dict[str, Any] = {
    "input": {"list": [1, 2, 3], "a~1b": 2, "t~0x": 3, "n": 7, "c+d": 1, "objs": [{"k": 1}, {"k": 2}], "empty": {}},
    "result": {"a": [{"msg": "x"}, {"msg": "y"}], "b": 1},
}


def upsert(path: str, *value: Any) -> dict[str, Any]:
    return {"op": "upsert", "path": path, **({"value": value[0]} if value else {})}


#: answers of a mask policy that OPA and meshgate have to apply alike
ALIKE: dict[str, Any] = {
    "one key": ["/input/n"],
    "an item of a list": ["/input/list/1"],
    "a key with a tilde": ["/input/a~1b", "/input/t~0x"],
    "a key with a plus": ["/input/c+d"],
    "nothing is there": ["/input/none/x", "/input/list/9", "/input/list/x", "/input/n/x", "/input/empty/x"],
    "a star is no wildcard": ["/input/objs/*/k"],
    "the whole input": ["/input"],
    "in the result": ["/result/a/0/msg", upsert("/result/b", None)],
    "as an object": [{"op": "remove", "path": "/input/n"}],
    "another value": [upsert("/input/list/1", "**"), upsert("/input/n", {"deep": [1]})],
    "a value that was not there": [upsert("/input/new/deep", "**"), upsert("/input/empty/x", 1)],
    "a value below a scalar": [upsert("/input/n/deep", "**"), upsert("/input/list/9", "**")],
    "a value for all": [upsert("/input", "**")],
    "no value": [upsert("/input/n")],
    "no rule": [],
}
#: answers that both refuse
REFUSED: dict[str, Any] = {
    "another root": ["/labels/id"],
    "no slash": ["input/n"],
    "no path": [""],
    "another operation": [{"op": "nuke", "path": "/input/n"}],
    "a number": [5],
    "no list": {"x": "y"},
}


def applied(rules: Any) -> dict[str, Any]:
    return mask_rules.applied(RECORD, mask_rules.understood(rules))


@pytest.fixture(scope="module")
def opa(opa_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """An OPA server whose mask policy answers what the data say, its address and the file with its decision log."""
    folder = tmp_path_factory.mktemp("opa")
    (folder / "mask.rego").write_text("package system.log\n\nmask := data.rules[input.input.case]\n")
    (folder / "p.rego").write_text(f"package p\n\nanswer := {json.dumps(RECORD['result'])}\n")
    (folder / "data.json").write_text(json.dumps({"rules": ALIKE | REFUSED}))
    address = f"127.0.0.1:{free_port()}"
    command = [opa_binary, "run", "--server", "--skip-version-check", "--addr", address, str(folder)]
    with (folder / "log").open("wb") as log:
        process = started(
            [*command, "--set", "decision_logs.console=true"],
            f"http://{address}/health",
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        yield f"http://{address}", folder / "log"
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def logged(opa: tuple[str, Path]) -> dict[str, Any]:
    """What OPA logged of the record, for each answer of the mask policy; what it refused is not there."""
    address, log = opa
    for case in [*ALIKE, *REFUSED, "no rule"]:
        body = json.dumps({"input": {**RECORD["input"], "case": case}}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{address}/v1/data/p/answer", body), timeout=10).close()
    deadline = time.monotonic() + 20
    while True:
        found = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        decisions = [one for one in found if "decision_id" in one]
        if len(decisions) == len(ALIKE) + 1 or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    order = [*ALIKE, "no rule"]
    assert len(decisions) == len(order)
    return dict(zip(order, decisions, strict=True))


@pytest.mark.parametrize("case", ALIKE)
def test_rules_are_applied_as_opa_applies_them(case: str, logged: dict[str, Any]) -> None:
    theirs, ours = logged[case], applied(ALIKE[case])
    told = theirs.get("input")
    if isinstance(told, dict):
        told.pop("case")
    assert ours.get("input") == told
    assert ours["result"] == theirs["result"]
    assert (ours.get("erased"), ours.get("masked")) == (
        sorted(theirs["erased"]) if "erased" in theirs else None,
        sorted(theirs["masked"]) if "masked" in theirs else None,
    )


@pytest.mark.parametrize("case", REFUSED)
def test_an_answer_that_opa_refuses_is_refused(case: str) -> None:
    with pytest.raises(MaskInvalid):
        applied(REFUSED[case])


def test_what_was_given_stays_as_it_was() -> None:
    before = json.dumps(RECORD)
    applied(["/input/list/0", upsert("/result/b", "**")])
    assert json.dumps(RECORD) == before


def test_every_named_item_of_a_list_is_removed_where_opa_would_miss_some() -> None:
    rules = ["/input/list/0", "/input/list/1", "/input/objs/0", "/input/objs/1/k"]
    left = applied(rules)["input"]
    assert (left["list"], left["objs"]) == ([3], [{}])
    assert applied([f"/input/list/{index}" for index in range(3)])["input"]["list"] == []


def test_a_step_may_also_be_written_as_a_json_pointer_escapes_it() -> None:
    record = {"input": {"a/b": 1, "c~d": 2, "plain": 3}, "result": {}}
    rules = mask_rules.understood(["/input/a~1b", "/input/c~0d"])
    assert mask_rules.applied(record, rules)["input"] == {"plain": 3}


def test_a_step_of_thousands_of_digits_is_no_item_of_any_list_but_may_be_a_key() -> None:
    long = "9" * 5_000
    record = {"input": {"list": [1, 2], "keys": {long: "secret"}}, "result": {}}
    rules = [f"/input/list/{long}", upsert(f"/input/list/{long}", "**"), f"/input/keys/{long}"]
    shown = mask_rules.applied(record, mask_rules.understood(rules))
    assert shown["input"] == {"list": [1, 2], "keys": {}}


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "rule",
    [
        upsert("/input" + "/a" * 5_000, "**"),
        upsert("/input/a", nested(900)),
        upsert("/input" + "/a" * 100, nested(100)),
    ],
)
def test_what_would_be_placed_too_deep_is_refused_by_name(rule: Any) -> None:
    with pytest.raises(MaskInvalid, match="deeper than 128 levels") as refused:
        mask_rules.understood([rule])
    assert len(str(refused.value)) < 500


def test_what_is_as_deep_as_may_be_is_placed_and_written_as_json() -> None:
    rule = upsert("/input" + "/a" * 63, nested(mask_rules.DEEPEST - 64))
    shown = mask_rules.applied(RECORD, mask_rules.understood([rule]))
    assert orjson.loads(orjson.dumps(shown)) == shown


def test_removing_deeper_than_anything_goes_removes_nothing() -> None:
    assert mask_rules.applied(RECORD, mask_rules.understood(["/input" + "/a" * 5_000])) == RECORD


@pytest.mark.parametrize("rule", ["x" * 100_000, {"op": "y" * 100_000, "path": "/input/n"}])
def test_a_refusal_does_not_repeat_all_that_was_said(rule: Any) -> None:
    with pytest.raises(MaskInvalid) as refused:
        mask_rules.understood([rule])
    assert len(str(refused.value)) < 500


def test_what_was_hidden_before_stays_named() -> None:
    record = {**RECORD, "erased": ["/input/owner"], "masked": 7}
    shown = mask_rules.applied(record, mask_rules.understood(["/input/n", upsert("/result/b", 2)]))
    assert (shown["erased"], shown["masked"]) == (["/input/n", "/input/owner"], ["/result/b"])


# --- the policy itself ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(1, memory_mib=256)
    yield workers
    workers.close()


def written(folder: Path, text: str) -> Path:
    (folder / "mask").mkdir()
    (folder / "mask" / "mask.rego").write_text(text)
    return folder


def test_the_example_hides_owners_and_contacts(workers: Workers) -> None:
    found = mask.load(ROOT / "examples" / "governance", workers)
    assert found is not None
    owned = {"info": {"name": "orders", "owner": {"id": "jo@x.org", "name": "Jo"}, "contactPoints": [{"name": "Jo"}]}}
    findings = [{"msg": "jo@x.org is no team"}, {"msg": "no description"}]
    record = {"input": {**owned, "_context": {"previous": owned}}, "result": {"decision": {"findings": findings}}}
    shown = found.masked(record)
    assert "Jo" not in json.dumps(shown)
    assert "jo@x.org" not in json.dumps(shown)
    assert shown["input"]["info"] == {"name": "orders", "owner": {}, "contactPoints": []}
    assert shown["result"]["decision"]["findings"][1] == findings[1]
    unread = {"input": None, "result": {"decision": {"findings": []}}}
    assert found.masked(unread) == unread


def test_no_folder_is_no_mask(tmp_path: Path, workers: Workers) -> None:
    assert mask.load(tmp_path, workers) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("package system.log\n\nmask contains {{{", "cannot be read"),
        ("package system.logs\n\nimport rego.v1\n\nmask := []\n", "holds no rule `mask` of package system.log"),
        ("package system.log\n\nimport rego.v1\n\nmasks := []\n", "holds no rule `mask`"),
        ('package system.log\n\nimport rego.v1\n\nmask := [http.send({"url": "x"})]\n', "http.send is not a function"),
        ("package system.log\n\nimport rego.v1\n\nmask := data.secrets\n", "cannot be read"),
        ("package system.log\n\nmask := " + "[" * 40 + "]" * 40, "inside one another"),
    ],
)
def test_a_mask_policy_that_cannot_be_read_is_refused(tmp_path: Path, workers: Workers, text: str, says: str) -> None:
    with pytest.raises(MaskInvalid, match="cannot be read") as refused:
        mask.load(written(tmp_path, text), workers)
    assert says in refused.value.detail


def test_an_empty_folder_is_a_broken_mask(tmp_path: Path, workers: Workers) -> None:
    (tmp_path / "mask").mkdir()
    with pytest.raises(MaskInvalid):
        mask.load(tmp_path, workers)


@pytest.mark.parametrize(
    "rule",
    [
        'mask := ["/input/n"] if input.input.never',  # undefined
        "mask := true",
        "mask := to_number(input.result.word)",  # a runtime error, or undefined
        "mask contains 1 / input.result.zero",
        'mask := "/input/n"',
        "mask contains [1]",
        "mask := 1 if true\n\nmask := 2 if true",  # a conflict
        "mask := [x | some a in numbers.range(1, 5000); some b in numbers.range(1, 5000); x := a + b; x < 0]",
    ],
)
def test_a_mask_policy_that_fails_lets_nothing_leave(
    tmp_path: Path, workers: Workers, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "SECONDS", 2.0)
    found = mask.load(written(tmp_path, f"package system.log\n\nimport rego.v1\n\n{rule}\n"), workers)
    assert found is not None
    with pytest.raises(MaskInvalid):
        found.masked({"input": {"n": 1}, "result": {"word": "x", "zero": 0}})


NUMBERS = "numbers.range(1, 100000)"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (f'mask contains sprintf("/input/%d/{"x" * 400}", [i]) if {{ some i in {NUMBERS} }}', "larger than 16 MiB"),
        (
            f'large := concat("", ["y" | some i in {NUMBERS}; i > 0])\n\n'
            f'mask := [{{"op": "upsert", "path": "/input/n", "value": large}} | some i in {NUMBERS}; i < 1000]',
            "larger than 16 MiB",
        ),
        (f"mask := [[a, b] | some a in {NUMBERS}; some b in {NUMBERS}]", "signal 6|memory|closed its pipe"),
        (f"mask := [1 | some a in {NUMBERS}; some b in {NUMBERS}; a + b < 0]", "did not finish within 2 s"),
        (
            'mask contains {"op": "upsert", "value": 1, "path": '
            f'concat("/", array.concat(["", "input"], ["a" | some i in {NUMBERS}; i > 0]))}}',
            "deeper than 128 levels",
        ),
        (
            f'opened := concat("", ["[" | some i in {NUMBERS}; i <= 126])\n\n'
            f'closed := concat("", ["]" | some i in {NUMBERS}; i <= 126])\n\n'
            'mask contains {"op": "upsert", "path": "/input/n", "value": '
            f'{"[" * 3}json.unmarshal(concat("", [opened, closed])){"]" * 3}}}',
            "deeper than 128 levels",
        ),
    ],
    ids=["many rules", "large values", "memory", "runaway", "deep path", "deep value"],
)
def test_a_bomb_in_a_mask_policy_lets_nothing_leave_and_leaves_the_process_well(
    tmp_path: Path, workers: Workers, rule: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "SECONDS", 2.0)
    found = mask.load(written(tmp_path, f"package system.log\n\nimport rego.v1\n\n{rule}\n"), workers)
    assert found is not None
    for _ in range(2):
        with pytest.raises(MaskInvalid, match=f"{why}|did not finish within 2 s"):  # on a busy machine
            found.masked({"input": {"n": 1}, "result": {}})
    (tmp_path / "well").mkdir()
    well = mask.load(
        written(tmp_path / "well", 'package system.log\n\nimport rego.v1\n\nmask contains "/input/n"\n'), workers
    )
    assert well is not None
    assert well.masked({"input": {"n": 1}, "result": {}})["input"] == {}
