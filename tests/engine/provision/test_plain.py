"""Is anything of an adapter kept that is no JSON, or that a store would refuse?"""

from __future__ import annotations

import math
from asyncio import CancelledError
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import PlanInvalid, ProvisioningFailed
from engine.provision.checked import CheckedAdapter
from engine.provision.discreet import discreet
from engine.provision.kit.case import Case
from engine.provision.kit.trying import Kept, tried
from engine.provision.plain import DEEPEST, LARGEST, plain
from engine.provision.registry import Registry

CAN = dict.fromkeys(("plan", "observe", "access", "cancel", "adopt", "async"), False)
INFO = {"name": "careless", "version": "1.0.0", "contract": "upp/1", "capabilities": CAN}


def _nested(levels: int) -> Any:
    made: Any = "end"
    for _ in range(levels):
        made = [made]
    return made


def _endless() -> Any:
    made: dict[str, Any] = {}
    made["again"] = made
    return made


NO_JSON = {
    "not a number": math.nan,
    "without end": -math.inf,
    "too long a number": 2**63,
    "moment": datetime(2026, 1, 1, tzinfo=UTC),
    "bytes": b"abc",
    "set": {"one"},
    "decimal": Decimal("1.5"),
    "key that is no text": {1: "one"},
    "zero byte": "a\0b",
    "zero byte in a key": {"a\0b": 1},
    "half a character": "\ud800",
    "deep": _nested(DEEPEST + 1),
    "endless": _endless(),
    "long": "x" * LARGEST,
}


@pytest.mark.parametrize("kind", NO_JSON)
def test_what_no_store_could_keep_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"number|text|key|levels|bytes|a \w+$"):
        plain({"outputs": [NO_JSON[kind]]})


def test_what_is_json_stays_as_it_is_and_a_tuple_becomes_a_list() -> None:
    value = {"a": [1, -(2**63), 1.5, True, None, "ä\\u0000 \U0001f600"], "b": _nested(DEEPEST - 1)}
    assert plain(value) == value
    assert plain({"a": ("one", ("two",))}) == {"a": ["one", ["two"]]}


class Careless:
    """An adapter whose polls answer, or do, whatever it is given."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def info(self) -> Any:
        return INFO

    def poll(self, operation: str) -> Any:
        return self._answer()


def _polled(answer: Any) -> ProvisioningFailed:
    with pytest.raises(ProvisioningFailed) as caught:
        CheckedAdapter("careless", Careless(answer)).poll("one")  # type: ignore[arg-type]
    return caught.value


def test_a_secret_in_a_tuple_is_hidden_as_in_a_list() -> None:
    told = {"state": "succeeded", "observation": {"state": "present", "generation": 1, "fingerprint": "a"}}
    told["observation"]["outputs"] = {"hosts": ("swordfish", "b")}  # type: ignore[index]
    adapter = CheckedAdapter("careless", Careless(lambda: told))  # type: ignore[arg-type]
    adapter = adapter.entrusted({"password": "env:PASSWORD"}, lambda reference: "swordfish")
    assert adapter.poll("one")["observation"]["outputs"] == {"hosts": ["***", "b"]}


@pytest.mark.parametrize("error", [SystemExit(0), CancelledError(), GeneratorExit()], ids=repr)
def test_an_adapter_that_would_end_the_process_ends_its_call_only(error: BaseException) -> None:
    def leave() -> Any:
        raise error

    failure = _polled(leave)
    assert failure.context["error_class"] == "UNKNOWN_OUTCOME"
    assert type(error).__name__ in failure.detail


def test_a_time_out_of_the_adapters_own_tells_its_own_words() -> None:
    def late() -> Any:
        raise TimeoutError("the warehouse did not answer")

    failure = _polled(late)
    assert failure.context["error_class"] == "TIMEOUT"
    assert failure.detail == "careless raised TimeoutError: the warehouse did not answer"


def test_words_that_a_store_would_refuse_are_kept_without_what_it_refuses() -> None:
    assert discreet("a\0b\ud800c") == "a\ufffdb\ufffdc"


class Leaving:
    def __init__(self, config: Any) -> None:
        raise SystemExit(0)


def test_an_adapter_that_ends_the_process_when_it_is_made_is_one_that_cannot_be_used() -> None:
    registry = Registry({"leaving": lambda: Leaving})  # type: ignore[dict-item]
    with pytest.raises(PlanInvalid, match=r"leaving cannot be used: .*SystemExit"):
        registry.adapter("leaving", {})
    assert "SystemExit" in str(registry.report()[0]["reason"])


def test_an_adapter_that_ends_the_process_when_it_is_made_keeps_no_promise() -> None:
    case = Case("leaving", lambda: Leaving({}), {}, ({}, {}))  # type: ignore[arg-type, return-value]
    assert {one.kept for one in tried(case)} == {Kept.BROKEN}


class Refusing:
    def __init__(self, config: Any) -> None:
        raise ValueError(f"no route to {config['dsn']} with {config['password']}")


def test_the_secrets_of_a_configuration_are_not_told_by_who_cannot_be_made_with_it() -> None:
    registry = Registry({"refusing": lambda: Refusing})  # type: ignore[dict-item]
    with pytest.raises(PlanInvalid) as caught:
        registry.adapter("refusing", {"dsn": "postgresql://me:swordfish@db/mesh", "password": "hunter22"})
    assert "swordfish" not in caught.value.detail
    assert "hunter22" not in caught.value.detail
