"""Does an executable end in time and with the right class of error, and learn nothing that it should not?"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ProvisioningFailed
from engine.provision.adapters.command import Command

REF = {"resource_id": "r", "generation": 1}


@pytest.fixture
def running(tmp_path: Path) -> Any:
    """Makes an adapter of a Python script."""

    def made(script: str, **config: Any) -> Command:
        file = tmp_path / "adapter.py"
        file.write_text("import json, os, sys, time\n" + script)
        return Command({"command": [sys.executable, str(file)], "seconds": 20, **config})

    return made


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(ProvisioningFailed) as error:
        call()
    return error.value.context["error_class"], error.value.detail


def test_a_call_is_one_object_in_and_its_answer_one_object_out(running: Any) -> None:
    adapter = running("call = json.load(sys.stdin)\nprint(json.dumps({'heard': call}))")
    assert adapter.destroy(REF, "retain") == {
        "heard": {"contract": "upp/1", "call": "destroy", "arguments": {"ref": REF, "policy": "retain"}}
    }


def test_its_environment_is_empty(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_WORKER", "x")
    told = running("print(json.dumps({'names': sorted(os.environ)}))").info()
    assert set(told["names"]) <= {"LC_CTYPE"}  # which Python sets for itself


@pytest.mark.parametrize(
    ("script", "reading", "writing"),
    [
        ("sys.exit(3)", "TRANSIENT", "UNKNOWN_OUTCOME"),
        ("print('no json')", "INTERNAL", "UNKNOWN_OUTCOME"),
        ("print([1])", "INTERNAL", "UNKNOWN_OUTCOME"),
        ("print('x' * 5_000_000)", "INTERNAL", "UNKNOWN_OUTCOME"),
        ("os.kill(os.getpid(), 9)", "TRANSIENT", "UNKNOWN_OUTCOME"),
        ("print(json.dumps({'error': {'class': 'QUOTA', 'message': 'full'}}))", "QUOTA", "QUOTA"),
    ],
)
def test_what_it_does_wrong_has_a_class(running: Any, script: str, reading: str, writing: str) -> None:
    adapter = running(script)
    assert refusal(lambda: adapter.observe(REF))[0] == reading
    assert refusal(lambda: adapter.destroy(REF, "delete"))[0] == writing


def test_one_that_hangs_is_killed_with_its_children(running: Any, tmp_path: Path) -> None:
    script = f"""
if os.fork() == 0:
    time.sleep(3)
    open({str(tmp_path / "alive")!r}, "w").close()
time.sleep(60)
"""
    adapter = running(script, seconds=1)
    began = time.monotonic()
    assert refusal(lambda: adapter.destroy(REF, "delete")) == (
        "TIMEOUT",
        f"{sys.executable} did not end destroy within 1 s",
    )
    assert time.monotonic() - began < 30
    time.sleep(2.5)
    assert not (tmp_path / "alive").exists()


def test_one_that_cannot_be_started_has_done_nothing(tmp_path: Path) -> None:
    adapter = Command({"command": [str(tmp_path / "nowhere")]})
    assert refusal(adapter.info)[0] == "INVALID"
    for wrong in ({}, {"command": []}, {"command": "sh -c"}, {"command": [7]}):
        with pytest.raises(ValueError, match="command needs the setting"):
            Command(wrong)


def test_an_error_tells_the_last_line_without_secrets(running: Any) -> None:
    adapter = running("sys.stderr.write('loading\\nno login with hunter2-hunter2\\n'); sys.exit(1)")
    request = {"secrets": {"password": "hunter2-hunter2"}}
    told = refusal(lambda: adapter.apply(request))[1]
    assert told.endswith("ended apply with 1: no login with ***")


def test_one_that_does_not_read_is_asked_all_the_same(running: Any) -> None:
    adapter = running("print(json.dumps({'state': 'absent'}))")
    assert adapter.observe({"padding": "x" * 2_000_000}) == {"state": "absent"}
