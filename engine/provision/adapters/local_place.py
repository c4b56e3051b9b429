"""Where does a resource stand on this machine, and which generation of it was asked for last?

Layout below a directory: `<environment>/<product>_v<major>/<component>-<id>`, made of safe characters only and of
nothing that may change while the container lives, such as its domain; and `.generations/` with a number for each
resource, which outlives the resource.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

Body = dict[str, Any]

LABELS = ("resource_id", "container_id", "generation")
UNSAFE = re.compile(r"[^a-z0-9_-]+")


class Busy(Exception):
    """Somebody else has changed the resource for all the time that was waited."""


def place_of(directory: Path, ref: Mapping[str, Any]) -> Path:
    """Where the resource stands; every part is made of safe characters, so no name leads out."""
    container, component = ref["container"], ref["component"]
    product = safe(f"{container['name']}_v{container['major']}", container["product"])
    name = safe(component["name"], ref["resource_id"], always=True)
    return directory / safe(ref["environment"], ref["environment"]) / product / name


def stay_inside(directory: Path, place: Path) -> None:
    """Raises PermissionError when a symbolic link leads out of the directory."""
    if not place.resolve().is_relative_to(directory.resolve()):
        raise PermissionError(f"{place} leads out of {directory}")


@contextmanager
def fenced(directory: Path, ref: Mapping[str, Any], *, patience: float | None = None) -> Iterator[Fence]:
    """One writer per resource at a time; the highest generation is remembered beyond the resource's end.

    Raises Busy where `patience` (seconds; None for all the time) has run out.
    """
    stay_inside(directory, place_of(directory, ref))
    folder = directory / ".generations"
    folder.mkdir(parents=True, exist_ok=True)
    name = str(uuid.UUID(ref["resource_id"]))
    with (folder / f"{name}.lock").open("a") as lock:  # beside the number, whose file is replaced
        _locked(lock, patience)
        yield Fence(folder / name, lock.fileno())


class Fence:
    """The highest generation that a resource has seen (provisioning §2.1): what makes a zombie worker harmless."""

    def __init__(self, file: Path, lock: int) -> None:
        self._file, self.lock = file, lock
        text = file.read_text("ascii", "replace").strip() if file.exists() else ""
        self.highest = int(text) if text.isdigit() else 0

    def refusal(self, generation: int) -> Body | None:
        if generation >= self.highest:
            return None
        return refused("STALE_GENERATION", f"generation {generation} comes after generation {self.highest} was applied")

    def raise_to(self, generation: int) -> None:
        if generation > self.highest:
            write(self._file, generation)


def inventory(directory: Path, environment: str, record: str) -> list[Body]:
    """The labels of every tree of an environment that has a record of this name, whoever knows of it."""
    root = directory / safe(environment, environment)
    stay_inside(directory, root)
    found = []
    for file in sorted(root.glob(f"*/*/{record}")):
        told = remembered(file)
        if told and told["resource_id"]:
            name: Body = {"name": str(file.parent.relative_to(directory))}
            found.append(name | {one: told[one] for one in LABELS if one in told})
    return found


def remembered(file: Path) -> Body | None:
    """The record; a damaged one reads as generation 0 of nobody, which shows as drift."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    whole = isinstance(found, dict) and isinstance(found.get("generation"), int)
    defaults = {"resource_id": "", "generation": 0, "specification": "", "retained": False}
    return {**defaults, **found} if whole and found else defaults


def labels(ref: Mapping[str, Any], specification: str, *, retained: bool) -> Body:
    return {
        "managed-by": "meshgate",
        "resource_id": ref["resource_id"],
        "container_id": ref["container"]["id"],
        "generation": ref["generation"],
        "product": ref["container"]["product"],
        "version": ref["container"]["version"],
        "environment": ref["environment"],
        "component": ref["component"]["fqn"],
        "specification": specification,
        "retained": retained,
    }


def digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def safe(name: str, identity: str, *, always: bool = False) -> str:
    """A file name of safe characters only; where letters were changed or cut, a hash of the identity is added."""
    cleaned = UNSAFE.sub("_", name.lower())[:80]
    if cleaned == name and cleaned and not always:
        return cleaned
    return f"{cleaned or '_'}-{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def write(path: Path, value: Body | int) -> None:
    """Write the file whole or not at all."""
    draft = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def refused(error_class: str, message: str) -> Body:
    return {"state": "failed", "error": {"class": error_class, "message": message}}


def _locked(lock: IO[str], patience: float | None) -> None:
    if patience is None:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy from None
            time.sleep(0.05)
