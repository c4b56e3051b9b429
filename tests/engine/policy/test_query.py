"""Is the generated question readable Rego that asks what it should?"""

from __future__ import annotations

import make
import pytest

from engine.model import Bundle, Json
from engine.policy import query
from engine.policy.workers import Workers

IMPORTED = """package a.old

import rego.v1

deny contains input.found[_]

warn_late contains {"msg": "late", "path": ["x"], "code": "mine", "details": {"a": 1}, "_loc": {"line": 1}}
"""


def ask(modules: dict[str, str], document: bytes) -> Json:
    pool = Workers(1, memory_mib=256)
    try:
        with pool.one(patience=10) as worker:
            worker.load("R", modules, seconds=5)
            return worker.evaluate("R", query.REFERENCE, document, seconds=5)
    finally:
        pool.close()


def test_a_bundle_carries_its_question() -> None:
    written = query.write("R", {"a.b": ["violation"]})
    assert query.module(Bundle("R", {}, {query.PATH: written})) is written


def test_a_bundle_without_one_is_asked_for_violation() -> None:
    bundle = make.bundle(make.policy("a.b"))
    assert query.module(bundle) == query.write(bundle.revision, {"a.b": ["violation"]})
    assert 'results["a.b"] := data.a.b.violation if "a.b" in selected\n' in query.module(bundle)


def test_the_question_does_not_depend_on_the_order_of_policies() -> None:
    first = query.write("R", {"a.b": ["violation"], "a.a": ["warn", "deny"]})
    assert first == query.write("R", {"a.a": ["deny", "warn"], "a.b": ["violation"]})


def test_another_question_about_the_same_policies_is_another_revision() -> None:
    texts = {"a.rego": "package a"}
    asked = [query.write("", {"a": rules}) for rules in (["allow"], ["allow", "deny"])]
    one, other = (query.revision(texts, question) for question in asked)
    assert one != other
    assert query.revision(texts, query.write(one, {"a": ["allow"]}), named=one) == one
    assert query.revision(texts, query.write(other, {"a": ["allow"]}), named=one) != one


def test_findings_of_conftest_get_code_path_and_details() -> None:
    modules = {"old.rego": IMPORTED, query.PATH: query.write("R", {"a.old": ["deny", "warn_late"]})}
    document = b'{"found": ["bare", {"msg": "told", "level": 2}, 7], "_context": {"policies": ["a.old"]}}'
    told = ask(modules, document)
    assert (told["revision"], told["evaluated"]) == ("R", ["a.old"])
    found = told["results"]["a.old"]
    assert 7 in found
    assert {"code": "deny", "msg": "bare", "path": []} in found
    assert {"code": "deny", "msg": "told", "path": [], "details": {"level": 2}} in found
    late = {"code": "mine", "msg": "late", "path": ["x"], "details": {"a": 1, "_loc": {"line": 1}}}
    assert late in found
    assert len(found) == 4


NOT_ALLOWED = {"code": "not_allowed", "msg": "the rule allow is not true", "path": []}


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("default allow := false\n\ndeny contains input.no", [NOT_ALLOWED]),
        ("allow if input.no\n\nwarn contains input.no", [NOT_ALLOWED]),
        ('allow := false\n\ndeny contains {"msg": "why"}', [{"code": "deny", "msg": "why", "path": [], "details": {}}]),
        ("allow := true\n\ndeny contains input.no\n\nwarn contains input.no", []),
        ("allow := input.number\n\ndeny contains input.no", None),
    ],
)
def test_a_boolean_beside_a_set_is_heard_and_the_set_says_why(rules: str, found: Json) -> None:
    names = [name for name in ("allow", "deny", "warn") if name in rules]
    modules = {"p.rego": f"package a.p\n\nimport rego.v1\n\n{rules}\n", query.PATH: query.write("R", {"a.p": names})}
    told = ask(modules, b'{"number": 7, "_context": {"policies": ["a.p"]}}')
    assert told["results"] == ({} if found is None else {"a.p": found})


@pytest.mark.parametrize("document", [b"{}", b'{"_context": {}}', b'{"_context": {"policies": []}}', b"null"])
def test_nothing_is_evaluated_where_nothing_is_selected(document: bytes) -> None:
    text = "package a.b\n\nimport rego.v1\n\nviolation contains 1\n"
    modules = {query.PATH: query.write("R", {"a.b": ["violation"]}), "a/b.rego": text}
    assert ask(modules, document) == {"revision": "R", "evaluated": [], "results": {}}
