"""How does a component become what an OpenTofu module makes of it?

An executable that speaks upp/1 (the adapter `command`): one call as JSON on standard input, its answer on standard
output. It imports only what Python has. Each resource has a folder with a copy of the module, its variables and its
state; whether it still is as it was made, `tofu plan` says.

    python3 adapter.py TOFU FOLDER [MODULE]
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Body = dict[str, Any]

VARIABLES, STATE = "terraform.tfvars.json", "terraform.tfstate"
PATIENCE = 45.0


class Failed(Exception):
    """`error_class` is of the closed set of upp/1."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


class OpenTofu:
    """The calls of upp/1."""

    def __init__(self, tofu: Path, folder: Path, module: Path) -> None:
        self.tofu, self.folder, self.module = tofu, folder, module

    def info(self) -> Body:
        able = {"plan": True, "observe": True, "inventory": True}
        return {
            "name": "opentofu",
            "version": "1.0.0",
            "contract": "upp/1",
            "description": "What a module of OpenTofu makes of a component.",
            "capabilities": {"access": False, "cancel": False, "adopt": False, "async": False, **able},
            "limits": {"max_seconds": 120},
        }

    def validate(self, request: Body) -> Body:
        with tempfile.TemporaryDirectory() as place:
            shutil.copytree(self.module, place, dirs_exist_ok=True)
            try:
                self._init(Path(place))
                self._run(Path(place), "validate")
            except Failed as error:
                return {"issues": [{"severity": "error", "message": str(error), "path": "/definition"}]}
        return {"issues": []}

    def plan(self, request: Body, seen: Body | None) -> Body:
        place = self._place(request)
        if seen is None or seen["state"] != "present" or not (place / STATE).exists():
            return {"action": "create", "destructive": False, "reason": "nothing is there"}
        changes = self._changes(place, variables(request, retained=False))
        if not changes:
            return {"action": "noop", "destructive": False, "reason": "already as asked"}
        destructive = any("delete" in one for one in changes.values())
        told = "; ".join(f"{address}: {', '.join(actions)}" for address, actions in changes.items())
        return {"action": "replace" if destructive else "update", "destructive": destructive, "reason": told}

    def apply(self, request: Body) -> Body:
        return self._changed(request, lambda place: self._make(place, variables(request, retained=False)))

    def destroy(self, ref: Body, policy: str) -> Body:
        return self._changed(ref, lambda place: self._unmake(place, ref, policy))

    def observe(self, ref: Body) -> Body:
        place = self._place(ref)
        told = self._shown(place)
        if told is None:
            return {"state": "absent"}
        known = json.loads((place / VARIABLES).read_text())
        drift = self._changes(place, known)
        made = next(iter(told["root_module"]["resources"]), {}).get("values", {}).get("input") or {}
        labels = made.get("labels") or {}
        generation = labels.get("generation", "0")
        return {
            "state": "present",
            "generation": int(generation) if generation.isdigit() else 0,
            "fingerprint": digest([told["root_module"], drift]),
            "outputs": {name: one["value"] for name, one in told.get("outputs", {}).items()},
            "retained": labels.get("retained") == "true",
        }

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        raise Failed("UNSUPPORTED", "this module grants no access")

    def poll(self, operation: str) -> Body:
        raise Failed("INVALID", "there are no pending operations")

    def cancel(self, operation: str) -> Body:
        raise Failed("INVALID", "there are no pending operations")

    def inventory(self, environment: str) -> Body:
        found = []
        for place in sorted(self.folder.glob("*/" + STATE)):
            labels = json.loads((place.parent / VARIABLES).read_text())["labels"]
            if labels["environment"] == environment and self._shown(place.parent) is not None:
                told = {"name": place.parent.name, "generation": int(labels["generation"])}
                found.append({**told, "resource_id": labels["resource_id"], "container_id": labels["container_id"]})
        return {"resources": found}

    def _changed(self, ref: Body, change: Callable[[Path], None]) -> Body:
        """The outcome of a change, unless a higher generation was asked for before, also of what is gone."""
        place = self._place(ref)
        with locked(self.folder / ".generations" / f"{place.name}.lock"):
            fence = self.folder / ".generations" / place.name
            highest = int(fence.read_text()) if fence.exists() else 0
            if ref["generation"] < highest:
                raise Failed("STALE_GENERATION", f"generation {ref['generation']} comes after generation {highest}")
            before = self.observe(ref)
            written(fence, str(ref["generation"]))
            change(place)
            after = self.observe(ref)
        return {"state": "done", "changed": before != after, "observation": after}

    def _make(self, place: Path, values: Body) -> None:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.module, place, dirs_exist_ok=True)
        written(place / VARIABLES, json.dumps(values, indent=1))
        if not (place / ".terraform.lock.hcl").exists():
            self._init(place)
        self._run(place, "apply", "-auto-approve", "-input=false")

    def _unmake(self, place: Path, ref: Body, policy: str) -> None:
        if not (place / VARIABLES).exists():
            shutil.rmtree(place, ignore_errors=True)
            return
        if policy == "retain" and self._shown(place) is not None:
            known = json.loads((place / VARIABLES).read_text())
            labels = {**known["labels"], "generation": str(ref["generation"]), "retained": "true"}
            self._make(place, {**known, "labels": labels})
            return
        if (place / STATE).exists():
            self._run(place, "destroy", "-auto-approve", "-input=false")
        shutil.rmtree(place)

    def _place(self, ref: Body) -> Path:
        """A folder called as the id, which the platform chose: no name of anybody is in a path."""
        return self.folder / str(uuid.UUID(ref["resource_id"]))

    def _init(self, place: Path) -> None:
        self._run(place, "init", "-input=false")

    def _shown(self, place: Path) -> Body | None:
        """What the state holds; None where it holds nothing."""
        if not (place / STATE).exists() or not (place / VARIABLES).exists():
            return None
        values: Body = json.loads(self._run(place, "show", "-json")).get("values") or {}
        return values if values.get("root_module", {}).get("resources") else None

    def _changes(self, place: Path, values: Body) -> dict[str, list[str]]:
        """What `tofu plan` would do, by address."""
        with tempfile.TemporaryDirectory() as aside:
            asked, planned = Path(aside, "asked.tfvars.json"), Path(aside, "plan")
            asked.write_text(json.dumps(values))
            self._run(place, "plan", "-input=false", "-lock=false", f"-var-file={asked}", f"-out={planned}")
            told = json.loads(self._run(place, "show", "-json", str(planned)))
        changes = {one["address"]: one["change"]["actions"] for one in told.get("resource_changes", [])}
        return {address: actions for address, actions in changes.items() if actions != ["no-op"]}

    def _run(self, place: Path, command: str, *arguments: str) -> str:
        """What it says. Raises Failed. Its environment holds nothing but what it needs to be quiet."""
        asked = [str(self.tofu), f"-chdir={place}", command, *arguments]
        asked += [] if "-json" in arguments else ["-no-color"]
        environment = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "HOME": str(self.folder), "PATH": os.defpath}
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=100, check=False)
        if done.returncode != 0:
            last = [line for line in done.stderr.replace("│", " ").splitlines() if "Error:" in line]
            kind = "TRANSIENT" if "state lock" in done.stderr else "INVALID"
            raise Failed(kind, f"tofu {command}: {' '.join((last or ['it failed'])[0].split())}")
        return done.stdout


def variables(request: Body, *, retained: bool) -> Body:
    """What the module is told: the definition, and the labels of everything that it makes."""
    container = request["container"]
    labels = {
        "managed-by": "meshgate",
        "resource_id": request["resource_id"],
        "container_id": container["id"],
        "environment": request["environment"],
        "generation": str(request["generation"]),
        "retained": str(retained).lower(),
    }
    return {"labels": labels, "definition": request["definition"]}


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One writer per resource. Raises Failed where another one takes too long."""
    file.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + PATIENCE
    with file.open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Failed("TRANSIENT", "somebody else changes it") from None
                time.sleep(0.05)
        yield


def written(file: Path, text: str) -> None:
    """Write it whole or not at all."""
    draft = file.with_name(f".{file.name}-{uuid.uuid4().hex}")
    draft.write_text(text)
    draft.replace(file)


def digest(value: Any) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def main() -> None:
    tofu, folder, *more = sys.argv[1:]
    module = Path(more[0]) if more else Path(__file__).resolve().parent / "module"
    call = json.load(sys.stdin)
    adapter = OpenTofu(Path(tofu), Path(folder).absolute(), module.absolute())
    try:
        answer = getattr(adapter, call["call"])(**call["arguments"])
    except Failed as error:
        told = {"class": error.error_class, "message": str(error)}
        writes = call["call"] in ("apply", "destroy", "set_access")
        answer = {"state": "failed", "error": told} if writes else {"error": told}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
