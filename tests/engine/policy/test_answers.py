"""Which raw answers and findings are taken, and in which order do findings come?"""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import PolicyEngineUnavailable
from engine.model import Finding, Json, PolicyFailure
from engine.policy import answers

ONE = "a.one"
TWO = "a.two"


def finding(**changes: Json) -> dict[str, Any]:
    return {"code": "wrong", "msg": "it is wrong", "path": ["info"], **changes}


def whole(**changes: Json) -> dict[str, Any]:
    return {"revision": "R", "evaluated": [ONE], "results": {ONE: []}, **changes}


def test_an_answer_gives_the_findings_of_each_asked_policy() -> None:
    told = whole(evaluated=[ONE, TWO], results={ONE: [], TWO: [finding()]})
    assert answers.checked(told, revision="R", asked=[TWO, ONE]) == {
        TWO: (Finding(TWO, "wrong", "it is wrong", ("info",)),),
        ONE: (),
    }


@pytest.mark.parametrize(
    "told",
    [
        *(None, [], "yes", True, {}, {"result": whole()}),
        whole(revision="S"),
        whole(revision=None),
        whole(evaluated=None),
        whole(evaluated=[]),
        whole(evaluated=[ONE, ONE]),
        whole(evaluated=[ONE, TWO]),
        whole(results=None),
        whole(results=[]),
        whole(results={}),
        whole(evaluated=[TWO], results={TWO: []}),
        whole(extra=1),
        {"evaluated": [ONE], "results": {ONE: []}},
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(told: Json) -> None:
    with pytest.raises(PolicyEngineUnavailable):
        answers.checked(told, revision="R", asked=[ONE])


def test_a_wrong_revision_names_both() -> None:
    with pytest.raises(PolicyEngineUnavailable, match='answered for bundle "S", but R was asked'):
        answers.checked(whole(revision="S"), revision="R", asked=[ONE])


def test_a_policy_without_result_has_failed_and_not_passed() -> None:
    told = answers.checked(whole(evaluated=[], results={}), revision="R", asked=[ONE])
    assert told == {ONE: PolicyFailure(ONE, f"{answers.UNDEFINED}: null")}


@pytest.mark.parametrize("found", [None, {}, "text", 1, True, {"0": finding()}])
def test_what_is_no_set_is_a_failure(found: Json) -> None:
    told = answers.findings(ONE, found)
    assert isinstance(told, PolicyFailure)
    assert "no set of findings" in told.reason


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (1, "not an object"),
        ([], "not an object"),
        ("", "the msg of a finding is not a text"),
        ({"msg": 1, "details": {}}, "the msg of a finding is not a text"),
        ({"msg": "m", "path": []}, "lacks or does not know code"),
        ({"details": {}}, "lacks or does not know code, msg, path"),
        ({"code": "c", "msg": "m"}, "lacks or does not know path"),
        (finding(paht=[]), "lacks or does not know paht"),
        (finding(code=1), "the code of a finding is not a text"),
        (finding(msg=""), "the msg of a finding is not a text"),
        (finding(path="info"), "the path of a finding is not an array"),
        (finding(path=[True]), "the path of a finding is not an array"),
        (finding(path=[-1]), "the path of a finding is not an array"),
        (finding(path=[2**53]), "the path of a finding is not an array"),
        (finding(path=[1.5]), "the path of a finding is not an array"),
        (finding(details=[1]), "the details of a finding are not an object"),
        (finding(fix={}), "the fix of a finding is not an array of objects"),
        (finding(related=["x"]), "the related of a finding is not an array of objects"),
    ],
)
def test_one_malformed_finding_is_a_failure_of_its_policy(found: Json, said: str) -> None:
    told = answers.findings(ONE, [finding(), found])
    assert isinstance(told, PolicyFailure)
    assert said in told.reason


@pytest.mark.parametrize(
    ("found", "details"),
    [
        ("no owner", None),
        ({"msg": "no owner"}, None),
        ({"msg": "no owner", "details": {}}, None),
        ({"msg": "no owner", "details": {"field": "owner"}}, {"field": "owner"}),
        ({"msg": "no owner", "field": "owner"}, {"field": "owner"}),
    ],
)
def test_a_violation_of_conftest_or_gatekeeper_is_a_finding_at_the_root(found: Json, details: Json) -> None:
    assert answers.findings(ONE, [found]) == (Finding(ONE, "violation", "no owner", (), details=details),)


def test_findings_are_sorted_by_path_code_and_message_and_said_once() -> None:
    found = [
        finding(path=["b", 10]),
        finding(path=["b", 9], msg="z"),
        finding(path=["b", 9], msg="a", code="zz"),
        finding(path=["b", 9]),
        finding(path=["a"]),
        finding(path=["a"]),
        finding(path=[]),
    ]
    told = answers.findings(ONE, found)
    assert isinstance(told, tuple)
    assert [(one.path, one.code, one.msg) for one in told] == [
        ((), "wrong", "it is wrong"),
        (("a",), "wrong", "it is wrong"),
        (("b", 9), "wrong", "it is wrong"),
        (("b", 9), "wrong", "z"),
        (("b", 9), "zz", "a"),
        (("b", 10), "wrong", "it is wrong"),
    ]
    assert answers.findings(ONE, found[::-1]) == told


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"a":1,"a":1}', b'{"a":{"b":1,"b":1}}', b"NaN", b"-Infinity", b"\xff", b"[" * 99999]
)
def test_only_plain_json_is_decoded(raw: bytes) -> None:
    with pytest.raises(PolicyEngineUnavailable):
        answers.decoded(raw)


def test_the_context_names_exactly_the_asked_policies() -> None:
    document = {"info": 1, "_context": {"event": "submit", "policies": [ONE]}}
    assert answers.narrowed(document, [ONE]) is document
    assert answers.narrowed(document, [TWO]) == {"info": 1, "_context": {"event": "submit", "policies": [TWO]}}
    assert answers.narrowed({}, [TWO]) == {"_context": {"policies": [TWO]}}
    assert document["_context"] == {"event": "submit", "policies": [ONE]}
