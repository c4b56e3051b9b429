"""Does the kit see every promise that an adapter breaks, and does every adapter of ours keep all of them?"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.provision.adapters.command import Command
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.kit.case import SECRET, Case
from engine.provision.kit.promises import HOSTILE
from engine.provision.kit.trying import EVERY, Kept, one, tried

COMPONENT = {"kind": "infrastructure", "name": "store", "platform": "local:files", "type": "storage-resource"}
DEFINITIONS = ({"size": 1}, {"size": 2})


def case_of(made: Callable[[], Any], folder: Path, **more: Any) -> Case:
    spoil = f"find {folder} -name component.json -exec sh -c 'echo {{}} > \"$1\"' _ {{}} ';'"
    return Case("tried", made, COMPONENT, DEFINITIONS, **{"tamper": ("sh", "-c", spoil), **more})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made"


def test_local_fs_keeps_every_promise(folder: Path) -> None:
    results = list(tried(case_of(lambda: LocalFs({"directory": str(folder)}), folder)))
    assert [one for one in results if one.kept is Kept.BROKEN] == []
    assert [one.promise for one in results if one.kept is Kept.SKIPPED] == [
        "access is the full set that was asked for: it grows, shrinks and ends",
        "what it adopts is as if it had made it, data and all, also when asked again",
        "what is another's, or asked for too late, is left alone",
        "what it builds is built once, and named by its content",
    ]
    assert not [*folder.glob("kit/*/*")], "the kit removes what it made"


class Talkative(LocalFs):
    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        told = super().apply(request)
        outputs = told["observation"]["outputs"]
        return {
            **told,
            "observation": {**told["observation"], "outputs": {**outputs, "log": request.get("secrets", {})}},
        }


class Unfenced(LocalFs):
    def _fence(self, ref: dict[str, Any]) -> Any:
        for file in (self.directory / ".generations").glob("*"):
            file.unlink()
        return super()._fence(ref)


class Forgetful(LocalFs):
    """Knows only what this very instance made."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.mine: set[str] = set()

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        self.mine.add(request["resource_id"])
        return super().apply(request)

    def observe(self, ref: dict[str, Any]) -> dict[str, Any]:
        return super().observe(ref) if ref["resource_id"] in self.mine else {"state": "absent"}


class Eager(LocalFs):
    def validate(self, request: dict[str, Any]) -> dict[str, Any]:
        self.apply(request)
        return {"issues": []}


class Blind(LocalFs):
    """Tells the same fingerprint whatever is there."""

    def observe(self, ref: dict[str, Any]) -> dict[str, Any]:
        told = super().observe(ref)
        return {**told, "fingerprint": "always"} if told["state"] == "present" else told


class Leaving(LocalFs):
    """Says that it is gone, and leaves it."""

    def destroy(self, ref: dict[str, Any], policy: str) -> dict[str, Any]:
        return {"state": "done", "changed": True, "observation": {"state": "absent"}}


class Restless(LocalFs):
    """Writes anew at each apply."""

    times = 0

    def observe(self, ref: dict[str, Any]) -> dict[str, Any]:
        told = super().observe(ref)
        return (
            {**told, "outputs": {**told["outputs"], "applied": Restless.times}} if told["state"] == "present" else told
        )

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        Restless.times += 1
        return super().apply(request)


class Unlabelled(LocalFs):
    def inventory(self, environment: str) -> dict[str, Any]:
        return {"resources": []}


class Boasting(LocalFs):
    """Claims that it can adopt, and has not the call."""

    def __getattribute__(self, name: str) -> Any:
        if name == "adopt":
            raise AttributeError(name)
        return super().__getattribute__(name)


class Agreeable(LocalFs):
    """Takes an unknown operation for one that succeeded."""

    def poll(self, operation: str) -> dict[str, Any]:
        return {"state": "succeeded"}


class Promising(LocalFs):
    """Begins to make what has a hostile name, and never ends well."""

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        hostile = request["component"]["name"] in HOSTILE
        return {"state": "pending", "operation": "hostile"} if hostile else super().apply(request)

    def poll(self, operation: str) -> dict[str, Any]:
        return {"state": "failed", "error": {"class": "INTERNAL", "message": "the name was too much"}}


class Listing(LocalFs):
    """Lists what it makes under a name with the secret of the call in it."""

    secret = ""

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        Listing.secret = (request.get("secrets") or {}).get("kit", "")
        return super().apply(request)

    def inventory(self, environment: str) -> dict[str, Any]:
        told = super().inventory(environment)
        return {"resources": [{**one, "name": one["name"] + Listing.secret} for one in told["resources"]]}


BREAKS: dict[type[LocalFs], str] = {
    Talkative: "no secret is in anything that it says",
    Unfenced: "a lower generation than the one applied is stale, for every call that writes",
    Forgetful: "apply makes it, and a new instance sees it",
    Eager: "validate and plan change nothing",
    Blind: "another definition at the next generation is seen as another thing",
    Leaving: "destroy twice is destroy once, and absent is seen",
    Restless: "apply twice changes nothing the second time",
    Unlabelled: "nothing that it makes is without labels",
    Boasting: "it says what it is, and that it speaks upp/1",
    Promising: "a hostile name is only a name",
    Listing: "no secret is in anything that it says",
    Agreeable: "an operation that nobody began is told apart from one that fails",
}


@pytest.mark.parametrize("broken", BREAKS, ids=lambda kind: kind.__name__)
def test_a_broken_promise_is_seen(folder: Path, broken: type[LocalFs]) -> None:
    result = one(BREAKS[broken], case_of(lambda: broken({"directory": str(folder)}), folder))
    assert (result.kept, bool(result.reason)) == (Kept.BROKEN, True)
    assert SECRET not in result.reason


def test_drift_that_is_not_seen_breaks_a_promise_and_what_nobody_can_change_is_skipped(folder: Path) -> None:
    says = "what was changed by hand is seen as drift, and apply mends it"
    case = case_of(lambda: Blind({"directory": str(folder)}), folder)
    assert one(says, case).kept is Kept.BROKEN
    assert one(says, replace(case, tamper=())).kept is Kept.SKIPPED


def test_an_older_apply_after_a_removal_breaks_a_promise(folder: Path) -> None:
    says = "a removal that came later outlives the thing: an older apply makes nothing"
    assert one(says, case_of(lambda: Unfenced({"directory": str(folder)}), folder)).kept is Kept.BROKEN


def test_an_adapter_that_raises_breaks_its_promises_and_stops_nothing(folder: Path) -> None:
    class Raising(LocalFs):
        def apply(self, request: dict[str, Any]) -> dict[str, Any]:
            raise RuntimeError("oh")

    results = list(tried(case_of(lambda: Raising({"directory": str(folder)}), folder)))
    assert len(results) == len(EVERY)
    assert "UNKNOWN_OUTCOME: tried raised RuntimeError: oh" in str([one.reason for one in results])


# --- executables ------------------------------------------------------------------------------------------------------

AROUND = """
import json, sys
sys.path[:0] = {paths!r}
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.serving import reply
call = json.load(sys.stdin)
told = reply(LocalFs({{"directory": {folder!r}}}), call["call"], call["arguments"])
if "class" in told.body:
    error = {{"class": told.body["class"], "message": told.body["detail"]}}
    told = told._replace(body={{"state": "failed", "error": error}})
print(json.dumps(told.body))
"""


@pytest.fixture
def executable(folder: Path, tmp_path: Path) -> list[str]:
    script = tmp_path / "adapter.py"
    script.write_text(AROUND.format(paths=sys.path, folder=str(folder)))
    return [sys.executable, str(script)]


@pytest.mark.parametrize("says", ["apply twice changes nothing the second time", "a hostile name is only a name"])
def test_an_executable_keeps_promises_as_a_python_object_does(folder: Path, executable: list[str], says: str) -> None:
    result = one(says, case_of(lambda: Command({"command": executable}), folder))
    assert (result.kept, result.reason) == (Kept.KEPT, "")


@pytest.mark.long
def test_an_executable_keeps_every_promise(folder: Path, executable: list[str]) -> None:
    results = list(tried(case_of(lambda: Command({"command": executable}), folder)))
    assert [one for one in results if one.kept is Kept.BROKEN] == []


# --- the plug-in ------------------------------------------------------------------------------------------------------


def test_whoever_writes_an_adapter_tries_it_with_pytest(tmp_path: Path, folder: Path) -> None:
    import subprocess

    case = tmp_path / "case.json"
    case.write_text(json.dumps({"adapter": "local-fs", "config": {"directory": str(folder)}, "component": COMPONENT}))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--upp-case", str(case)]
    if not _found():
        command[3:3] = ["-p", "api.cli.adapter.pytest_plugin"]
    environ = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}  # those of our own run
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(EVERY) - 5} passed, 5 skipped" in done.stdout


def _found() -> bool:
    from importlib.metadata import entry_points

    return any(point.name == "meshgate-upp" for point in entry_points(group="pytest11"))
