"""How does a component become a directory tree on this machine?

A plain `upp/1` adapter: dicts in, dicts out, nothing of meshgate imported but its own neighbours. Each component has
`data/`, `component.json` and `manifest.json` in its place (`local_place`). The manifest is written last and carries the
labels; its absence means that an apply never finished.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from engine.provision.adapters.local_fs_adopting import Taking
from engine.provision.adapters.local_place import (
    Body,
    Fence,
    digest,
    fenced,
    inventory,
    labels,
    place_of,
    refused,
    remembered,
    stay_inside,
    write,
)

CONFIGURATION: Body = {
    "type": "object",
    "required": ["directory"],
    "properties": {
        "directory": {
            "type": "string",
            "minLength": 1,
            "description": "the only place that it writes to; below the data directory where it is not told",
        }
    },
    "additionalProperties": False,
}


class LocalFs:
    """The adapter `local-fs`; `config["directory"]` is the only place that it ever writes to."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        if not isinstance(config.get("directory"), str) or not config["directory"]:
            raise ValueError("local-fs needs the setting `directory`")
        self.directory = Path(config["directory"]).absolute()

    def info(self) -> Body:
        return {
            "name": "local-fs",
            "version": "1.0.0",
            "contract": "upp/1",
            "description": "A directory tree per container on the machine of the worker.",
            "config_schema": CONFIGURATION,
            "capabilities": {
                "plan": True,
                "observe": True,
                "access": False,
                "cancel": False,
                "adopt": True,
                "async": False,
                "inventory": True,
            },
            "limits": {"max_seconds": 60},
        }

    def validate(self, request: Body) -> Body:
        if request["config"].get("directory", str(self.directory)) != str(self.directory):
            return {"issues": [_issue("the directory belongs to the binding, not to the request", "/config/directory")]}
        return {"issues": []}

    def plan(self, request: Body, seen: Body | None) -> Body:
        if seen is None or seen["state"] != "present":
            return {"action": "create", "destructive": False, "reason": "nothing is there"}
        manifest = self._manifest(self._place(request))
        if manifest and manifest["specification"] == _specification(request) and not manifest["retained"]:
            return {"action": "noop", "destructive": False, "reason": "already as asked"}
        return {"action": "update", "destructive": False, "reason": "the component or its surroundings changed"}

    def apply(self, request: Body) -> Body:
        with self._fence(request) as fence:
            place = self._place(request)
            refusal = fence.refusal(request["generation"]) or self._foreign(place, request)
            if refusal:
                return refusal
            before = self.observe(request)
            fence.raise_to(request["generation"])
            (place / "data").mkdir(parents=True, exist_ok=True)
            write(place / "component.json", _told(request))
            write(place / "manifest.json", _labels(request, retained=False))
            after = self.observe(request)
            return {"state": "done", "changed": before != after, "observation": after}

    def destroy(self, ref: Body, policy: str) -> Body:
        with self._fence(ref) as fence:
            place = self._place(ref)
            refusal = fence.refusal(ref["generation"]) or self._foreign(place, ref)
            if refusal:
                return refusal
            before = self.observe(ref)
            fence.raise_to(ref["generation"])
            self._remove(place, ref, policy)
            after = self.observe(ref)
            return {"state": "done", "changed": before != after, "observation": after}

    def observe(self, ref: Body) -> Body:
        place = self._place(ref)
        manifest = self._manifest(place)
        if manifest is None:
            return {"state": "absent"}
        return {
            "state": "present",
            "generation": manifest["generation"],
            "fingerprint": _fingerprint(place),
            "outputs": {"directory": str(place), "data": str(place / "data")},
            "retained": manifest["retained"],
        }

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return refused("UNSUPPORTED", "local-fs grants no access: whoever may read the directory may read the data")

    def adopt(self, request: Body, external: str) -> Body:
        """Take over the directory `external` below ours: what is in it becomes the data of the component."""
        with self._fence(request) as fence:
            place = self._place(request)
            refusal = fence.refusal(request["generation"]) or self._foreign(place, request)
            refusal = refusal or Taking(self.directory, place, self._manifest).take(external)
        return refusal or self.apply(request)

    def poll(self, operation: str) -> Body:
        return {"state": "failed", "error": {"class": "INVALID", "message": "local-fs has no pending operations"}}

    def cancel(self, operation: str) -> Body:
        return self.poll(operation)

    def inventory(self, environment: str) -> Body:
        """Every tree with a manifest, whoever knows of it."""
        return {"resources": inventory(self.directory, environment, "manifest.json")}

    def _remove(self, place: Path, ref: Body, policy: str) -> None:
        """Remove all, or keep the data under a manifest that says so; the name vanishes at once, then the content."""
        doomed = place.with_name(f".removing-{ref['resource_id']}")
        shutil.rmtree(doomed, ignore_errors=True)  # what a killed worker left
        if not place.exists():
            return
        manifest = self._manifest(place)
        if policy == "retain" and _holds(place / "data"):
            write(place / "manifest.json", {**(manifest or _labels(ref, retained=True)), "retained": True})
            return
        place.rename(doomed)
        shutil.rmtree(doomed)

    def _place(self, ref: Body) -> Path:
        return place_of(self.directory, ref)

    def _manifest(self, place: Path) -> Body | None:
        stay_inside(self.directory, place)
        return remembered(place / "manifest.json")

    def _foreign(self, place: Path, ref: Body) -> Body | None:
        """A refusal when the place carries the labels of another resource."""
        manifest = self._manifest(place)
        if manifest and manifest["resource_id"] not in ("", ref["resource_id"]):
            return refused("CONFLICT", f"{place} belongs to the resource {manifest['resource_id']}")
        return None

    def _fence(self, ref: Body) -> AbstractContextManager[Fence]:
        return fenced(self.directory, ref)


def _told(request: Body) -> Body:
    return {key: request[key] for key in ("component", "definition", "resolved")}


def _specification(request: Body) -> str:
    return digest(_told(request))


def _labels(ref: Body, *, retained: bool) -> Body:
    return labels(ref, _specification(ref) if "definition" in ref else "", retained=retained)


def _fingerprint(place: Path) -> str:
    """What the tree looks like: our files byte by byte and whether `data` exists; the data itself is not ours."""
    files = [place / "component.json", place / "manifest.json"]
    seen = [hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None for file in files]
    return digest([*seen, (place / "data").is_dir()])


def _holds(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _issue(message: str, path: str) -> Body:
    return {"severity": "error", "message": message, "path": path}
