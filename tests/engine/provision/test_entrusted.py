"""Does an adapter get the secrets that its binding refers to, and tell none of them?"""

from __future__ import annotations

import base64
import json
import traceback
from typing import Any
from urllib.parse import quote

import pytest

from engine.errors import ProvisioningFailed
from engine.provision.checked import CheckedAdapter
from engine.provision.masking import hidden, masked
from engine.provision.registry import Registry

SECRET = 'sw0rd"fish/ä'
REFERENCES = {"password": "env:PASSWORD"}
REQUEST: dict[str, Any] = {
    "resource_id": "00000000-0000-4000-8000-000000000001",
    "generation": 1,
    "environment": "dev",
    "container": {
        "id": "00000000-0000-4000-8000-000000000002",
        "product": "urn:dpds:org.example:dataproducts:orders:1",
        "domain": "sales",
        "name": "orders",
        "major": 1,
        "version": "1.0.0",
    },
    "component": {"fqn": "c", "kind": "infrastructure", "name": "c"},
    "definition": {},
    "resolved": {},
    "config": {},
    "secrets": dict(REFERENCES),
}
INFO = {
    "name": "talkative",
    "version": "1.0.0",
    "contract": "upp/1",
    "capabilities": dict.fromkeys(("plan", "observe", "access", "cancel", "adopt", "async"), True),
}


class Talkative:
    """Says whatever it is told, and notes what it heard."""

    def __init__(self, config: object = None) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.answer: Any = None

    def info(self) -> dict[str, Any]:
        return INFO

    def __getattr__(self, call: str) -> Any:
        def said(*arguments: Any) -> Any:
            self.heard.append((call, arguments[0].get("secrets") if isinstance(arguments[0], dict) else None))
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return said


@pytest.fixture
def talkative() -> Talkative:
    return Talkative()


def entrusted(talkative: Talkative, **secrets: str) -> CheckedAdapter:
    def lookup(reference: str) -> str:
        if reference not in secrets:
            raise LookupError(f"the secret `{reference}` is not there")
        return secrets[reference]

    loaders = {"talkative": lambda: lambda config: talkative}
    registry = Registry(loaders, secrets=lookup)  # type: ignore[arg-type]
    return registry.adapter("talkative", {}, REFERENCES)


PRESENT = {"state": "present", "generation": 1, "fingerprint": "f", "outputs": {}}
DONE = {"state": "done", "changed": True, "observation": PRESENT}


def test_a_call_that_looks_at_the_world_gets_the_secret_and_one_that_only_thinks_gets_none(
    talkative: Talkative,
) -> None:
    adapter = entrusted(talkative, **{"env:PASSWORD": SECRET})
    talkative.answer = DONE
    adapter.apply(REQUEST)
    adapter.destroy(REQUEST, "delete")
    adapter.set_access(REQUEST, [])
    adapter.adopt(REQUEST, "x")
    talkative.answer = PRESENT
    adapter.observe(REQUEST)
    talkative.answer = {"issues": []}
    adapter.issues(REQUEST)
    talkative.answer = {"action": "noop", "destructive": False, "reason": ""}
    adapter.plan(REQUEST, None)
    given = {"password": SECRET}
    assert talkative.heard == [
        *((call, given) for call in ("apply", "destroy", "set_access", "adopt", "observe")),
        ("validate", None),
        ("plan", given),
    ]
    assert REQUEST["secrets"] == REFERENCES, "what was asked for is as it was"


SPELLINGS = [
    SECRET,
    json.dumps(SECRET)[1:-1],
    json.dumps(SECRET, ensure_ascii=False)[1:-1],
    quote(SECRET, safe=""),
    base64.b64encode(SECRET.encode()).decode(),
]


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_whatever_it_answers_is_told_without_the_secret(talkative: Talkative, spelt: str) -> None:
    adapter = entrusted(talkative, **{"env:PASSWORD": SECRET})
    outputs = {"url": f"pg://me:{spelt}@host", "list": [{"deep": spelt}], spelt: 1}
    talkative.answer = {**DONE, "observation": {**PRESENT, "outputs": outputs}}
    told = json.dumps(adapter.apply(REQUEST), ensure_ascii=False)
    assert (spelt in told, told.count("***")) == (False, 3)
    talkative.answer = {"state": "running", "message": f"connecting with {spelt}"}
    assert adapter.poll("o1")["message"] == "connecting with ***"
    assert adapter.cancel("o1")["message"] == "connecting with ***"


@pytest.mark.parametrize(
    ("answer", "error_class"),
    [
        ({"state": "failed", "error": {"class": "UNAUTHORIZED", "message": f"{SECRET} is wrong"}}, "UNAUTHORIZED"),
        (OSError(f"cannot reach pg://{SECRET}@host"), "UNKNOWN_OUTCOME"),
        ({"state": SECRET}, "INTERNAL"),
    ],
)
def test_what_goes_wrong_is_told_without_the_secret_and_with_its_class(
    talkative: Talkative, answer: Any, error_class: str
) -> None:
    adapter = entrusted(talkative, **{"env:PASSWORD": SECRET})
    talkative.answer = answer
    with pytest.raises(ProvisioningFailed) as error:
        adapter.apply(REQUEST)
    assert error.value.context["error_class"] == error_class
    assert (SECRET in error.value.detail, "***" in error.value.detail) == (False, True)
    assert SECRET not in "".join(traceback.format_exception(error.value))
    seen = adapter.observe(REQUEST)
    assert (seen["state"], SECRET in seen["reason"]) == ("unknown", False)


def test_a_reference_that_leads_nowhere_ends_the_call_before_the_adapter_is_asked(talkative: Talkative) -> None:
    adapter = entrusted(talkative)
    with pytest.raises(
        ProvisioningFailed, match=r"talkative is not asked: the secret `env:PASSWORD` is not there"
    ) as no:
        adapter.apply(REQUEST)
    assert (no.value.context["error_class"], talkative.heard) == ("INVALID", [])
    assert adapter.observe(REQUEST) == {
        "state": "unknown",
        "reason": "talkative is not asked: the secret `env:PASSWORD` is not there",
    }


def test_where_nothing_resolves_secrets_a_reference_is_never_told_as_if_it_were_one(talkative: Talkative) -> None:
    registry = Registry({"talkative": lambda: lambda config: talkative})  # type: ignore[arg-type, dict-item, return-value]
    with pytest.raises(ProvisioningFailed, match="nothing here says what `env:PASSWORD` leads to"):
        registry.adapter("talkative", {}, REFERENCES).apply(REQUEST)
    assert talkative.heard == []


def test_two_bindings_of_one_adapter_have_each_their_own_secrets(talkative: Talkative) -> None:
    registry = Registry({"talkative": lambda: lambda config: talkative}, secrets=lambda one: f"of {one}")  # type: ignore[arg-type, dict-item, return-value]
    one, other = (registry.adapter("talkative", {}, {"a": reference}) for reference in ("env:ONE", "env:TWO"))
    talkative.answer = DONE
    for adapter in (one, other):
        adapter.apply({**REQUEST, "secrets": {"a": "whatever is stored"}})
    assert [told for _, told in talkative.heard] == [{"a": "of env:ONE"}, {"a": "of env:TWO"}]


def test_states_and_classes_are_of_closed_sets_and_stay_readable() -> None:
    told = {"state": "present", "error": {"class": "INVALID", "message": "INVALID"}, "outputs": {"x": "present"}}
    assert masked(told, ["present", "INVALID"]) == {
        "state": "present",
        "error": {"class": "INVALID", "message": "***"},
        "outputs": {"x": "***"},
    }


def test_of_two_secrets_the_longer_goes_first_and_lines_of_a_key_are_secrets_too() -> None:
    assert hidden("abcdef", ["abc", "abcdef", ""]) == "***"
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nx\n-----END KEY-----"
    assert hidden("line MIIEvQIBADANBg, and x", [key]) == "line ***, and x"
