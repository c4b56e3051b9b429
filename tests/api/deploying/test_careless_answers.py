"""Does a deployment come to its end, on either store, whatever an adapter of somebody else answers?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from deploy_stage import Stage
from moody_adapter import Moody, made


class Mute(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise ValueError("no words")


def _present(**more: Any) -> dict[str, Any]:
    return {"state": "present", "generation": 1, "fingerprint": "as made", "outputs": {}, **more}


def _raises(error: BaseException) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


ANSWERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "a number that JSON has not": ("INTERNAL", lambda: _present(outputs={"rows": math.nan})),
    "bytes": ("INTERNAL", lambda: _present(outputs={"key": b"abc"})),
    "a zero byte": ("INTERNAL", lambda: _present(outputs={"name": "a\0b"})),
    "half a character": ("INTERNAL", lambda: _present(fingerprint="\ud800")),
    "a huge number": ("INTERNAL", lambda: _present(outputs={"rows": 10**30})),
    "much": ("INTERNAL", lambda: _present(outputs={"log": "x" * 9_000_000})),
    "an error with a zero byte": ("UNKNOWN_OUTCOME", _raises(RuntimeError("a\0b"))),
    "an error without words": ("UNKNOWN_OUTCOME", _raises(Mute())),
    "an end of the process": ("UNKNOWN_OUTCOME", _raises(SystemExit(3))),
}


class Careless(Moody):
    """Answers for the component `fill` what it is told to."""

    def __init__(self, config: Any, answer: Callable[[], Any]) -> None:
        super().__init__(config)
        self.answer = answer
        self.idle = False

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.idle and request["component"]["name"] == "fill":
            return {"state": "pending", "operation": "nothing", "retry_after": 0.01}
        done = super().apply(request)
        if request["component"]["name"] != "fill":
            return done
        self.seen = request
        return done if self.idle else {"state": "done", "changed": True, "observation": self.answer()}

    def poll(self, operation: str) -> dict[str, Any]:
        return {"state": "succeeded"}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_deployment_ends_whatever_is_answered(staged: Callable[..., Stage], tmp_path: Any, answer: str) -> None:
    error_class, call = ANSWERS[answer]
    stage = made(staged, Careless({"directory": str(tmp_path / "made")}, call))
    with stage.working():
        ended = stage.ended(stage.ask().deployment_id)
    assert (ended["state"], ended["error_class"]) == ("failed_clean", error_class), ended
    assert "moody" in ended["reason"]


def test_what_was_made_before_is_not_taken_for_what_was_asked_for(staged: Callable[..., Stage], tmp_path: Any) -> None:
    careless = Careless({"directory": str(tmp_path / "made")}, lambda: None)
    careless.answer = lambda: careless.observe(careless.seen)
    stage = made(staged, careless)
    with stage.working():
        first = stage.ended(stage.ask("1.0.0").deployment_id)
        assert first["state"] == "succeeded", first
        careless.idle = True  # from here on it says that it does, and does nothing
        second = stage.ended(stage.ask("1.1.0").deployment_id)
    assert second["error_class"] == "UNKNOWN_OUTCOME", second
    assert "generation 1 of" in second["reason"]
    assert stage.container(second["container_id"])["version"] == "1.0.0"
