"""How does a component become a directory tree on this machine?

A plain `upp/1` adapter: dicts in, dicts out, nothing of meshgate imported but the file beside it. Layout below
`directory`: `<environment>/<product>_v<major>/<component>-<id>/{data/, component.json, manifest.json}`: nothing that
may change while the container lives, such as its domain. The manifest is written last and carries the labels; its
absence means that an apply never finished.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.provision.adapters.local_fs_adopting import Taking

Body = dict[str, Any]

LABELS = ("resource_id", "container_id", "generation")
UNSAFE = re.compile(r"[^a-z0-9_-]+")


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
            "config_schema": {
                "type": "object",
                "required": ["directory"],
                "properties": {"directory": {"type": "string", "minLength": 1}},
            },
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
            _write(place / "component.json", _told(request))
            _write(place / "manifest.json", _labels(request, retained=False))
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
        return _failed("UNSUPPORTED", "local-fs grants no access: whoever may read the directory may read the data")

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
        root = self.directory / _safe(environment, environment)
        self._stay_inside(root)
        found = []
        for file in sorted(root.glob("*/*/manifest.json")):
            labels = self._manifest(file.parent)
            if labels and labels["resource_id"]:
                told: Body = {"name": str(file.parent.relative_to(self.directory))}
                found.append(told | {one: labels[one] for one in LABELS if one in labels})
        return {"resources": found}

    def _remove(self, place: Path, ref: Body, policy: str) -> None:
        """Remove all, or keep the data under a manifest that says so; the name vanishes at once, then the content."""
        doomed = place.with_name(f".removing-{ref['resource_id']}")
        shutil.rmtree(doomed, ignore_errors=True)  # what a killed worker left
        if not place.exists():
            return
        manifest = self._manifest(place)
        if policy == "retain" and _holds(place / "data"):
            _write(place / "manifest.json", {**(manifest or _labels(ref, retained=True)), "retained": True})
            return
        place.rename(doomed)
        shutil.rmtree(doomed)

    def _place(self, ref: Body) -> Path:
        """Where the resource stands; every part is made of safe characters, so no name leads out."""
        container, component = ref["container"], ref["component"]
        product = _safe(f"{container['name']}_v{container['major']}", container["product"])
        name = _safe(component["name"], ref["resource_id"], always=True)
        return self.directory / _safe(ref["environment"], ref["environment"]) / product / name

    def _manifest(self, place: Path) -> Body | None:
        """The manifest; a damaged one reads as generation 0 of nobody, which shows as drift."""
        self._stay_inside(place)
        try:
            found = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            found = None
        whole = isinstance(found, dict) and isinstance(found.get("generation"), int)
        defaults = {"resource_id": "", "generation": 0, "specification": "", "retained": False}
        return {**defaults, **found} if whole and found else defaults

    def _foreign(self, place: Path, ref: Body) -> Body | None:
        """A refusal when the place carries the labels of another resource."""
        manifest = self._manifest(place)
        if manifest and manifest["resource_id"] not in ("", ref["resource_id"]):
            return _failed("CONFLICT", f"{place} belongs to the resource {manifest['resource_id']}")
        return None

    def _stay_inside(self, place: Path) -> None:
        """Raises PermissionError when a symbolic link leads out of the directory."""
        if not place.resolve().is_relative_to(self.directory.resolve()):
            raise PermissionError(f"{place} leads out of {self.directory}")

    @contextmanager
    def _fence(self, ref: Body) -> Iterator[Fence]:
        """One writer per resource at a time; the highest generation is remembered beyond the resource's end."""
        self._stay_inside(self._place(ref))
        folder = self.directory / ".generations"
        folder.mkdir(parents=True, exist_ok=True)
        name = str(uuid.UUID(ref["resource_id"]))
        with (folder / f"{name}.lock").open("a") as lock:  # beside the number, whose file is replaced
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Fence(folder / name)


class Fence:
    """The highest generation that a resource has seen (provisioning §2.1): what makes a zombie worker harmless."""

    def __init__(self, file: Path) -> None:
        self._file = file
        text = file.read_text("ascii", "replace").strip() if file.exists() else ""
        self.highest = int(text) if text.isdigit() else 0

    def refusal(self, generation: int) -> Body | None:
        if generation >= self.highest:
            return None
        return _failed("STALE_GENERATION", f"generation {generation} comes after generation {self.highest} was applied")

    def raise_to(self, generation: int) -> None:
        if generation > self.highest:
            _write(self._file, generation)


def _told(request: Body) -> Body:
    return {key: request[key] for key in ("component", "definition", "resolved")}


def _specification(request: Body) -> str:
    return _digest(_told(request))


def _labels(ref: Body, *, retained: bool) -> Body:
    return {
        "managed-by": "meshgate",
        "resource_id": ref["resource_id"],
        "container_id": ref["container"]["id"],
        "generation": ref["generation"],
        "product": ref["container"]["product"],
        "version": ref["container"]["version"],
        "environment": ref["environment"],
        "component": ref["component"]["fqn"],
        "specification": _specification(ref) if "definition" in ref else "",
        "retained": retained,
    }


def _fingerprint(place: Path) -> str:
    """What the tree looks like: our files byte by byte and whether `data` exists; the data itself is not ours."""
    files = [place / "component.json", place / "manifest.json"]
    seen = [hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None for file in files]
    return _digest([*seen, (place / "data").is_dir()])


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _safe(name: str, identity: str, *, always: bool = False) -> str:
    """A file name of safe characters only; where letters were changed or cut, a hash of the identity is added."""
    cleaned = UNSAFE.sub("_", name.lower())[:80]
    if cleaned == name and cleaned and not always:
        return cleaned
    return f"{cleaned or '_'}-{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def _write(path: Path, value: Body | int) -> None:
    """Write the file whole or not at all."""
    draft = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _holds(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _failed(error_class: str, message: str) -> Body:
    return {"state": "failed", "error": {"class": error_class, "message": message}}


def _issue(message: str, path: str) -> Body:
    return {"severity": "error", "message": message, "path": path}
