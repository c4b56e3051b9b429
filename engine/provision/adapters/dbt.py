"""How does a batch transformation become tables, by dbt and DuckDB?

A plain `upp/1` adapter: dicts in, dicts out, nothing of meshgate imported but its own neighbours. dbt is a program of
its own, in an environment of its own: its packages and ours do not agree. A run makes a database beside the one that is
there, tests it, and only then puts it in its place: what fails is never seen by who reads.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.provision.adapters.dbt_project import (
    DATABASE,
    KEPT,
    SCHEMA,
    Asked,
    Unreadable,
    asked,
    sources_of,
    specification,
    write_project,
)
from engine.provision.adapters.dbt_running import Dbt, Failed, manifest, manifest_hash
from engine.provision.adapters.local_place import (
    Body,
    Busy,
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

SECONDS, PATIENCE, BEGINNING = 540.0, 60.0, 64 * 1024
RECORD, PROJECT = "manifest.json", "project"
LOCK = "DIR/bin/pip install --no-deps -r engine/provision/adapters/dbt.lock"
INSTALL = f"install it beside meshgate (python -m venv DIR; {LOCK})"


CONFIGURATION: Body = {
    "type": "object",
    "required": ["directory"],
    "properties": {
        "directory": {"type": "string", "minLength": 1, "description": "where projects and tables stand"},
        "dbt": {"type": "string", "description": "the executable; `dbt` on PATH where it is not told"},
        "seconds": {"type": "number", "description": "how long one command of dbt may take; 540 where it is not told"},
    },
    "additionalProperties": False,
}


class DbtTransformation:
    """The adapter `dbt`; `config["directory"]` is the only place that it writes to."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        found = shutil.which(str(config.get("dbt", "dbt")))
        if found is None:
            raise RuntimeError(f"dbt is not installed here: {INSTALL}, and name DIR/bin/dbt in the setting `dbt`")
        if not isinstance(config.get("directory"), str) or not config["directory"]:
            raise ValueError("dbt needs the setting `directory`")
        self.directory = Path(config["directory"]).absolute()
        self._dbt = Dbt(found, float(config.get("seconds", SECONDS)))

    def info(self) -> Body:
        able = {"plan": True, "observe": True, "inventory": True}
        return {
            "name": "dbt",
            "version": "1.0.0",
            "contract": "upp/1",
            "description": "Tables in a DuckDB file, made and tested by dbt from the models of a transformation.",
            "config_schema": CONFIGURATION,
            "capabilities": {"access": False, "cancel": False, "adopt": False, "async": False, **able},
            "matches": [{"type": "batch-transformation"}],
            "limits": {"max_seconds": 1200},
        }

    def validate(self, request: Body) -> Body:
        try:
            with self._tried(request, "parse"):
                return {"issues": []}
        except Unreadable as error:
            return {"issues": [_issue(str(error), error.path)]}
        except Failed as error:
            return {"issues": [_issue(str(error), "/definition/x-dbt")]}

    def plan(self, request: Body, seen: Body | None) -> Body:
        try:
            with self._tried(request, "compile") as tried:
                told = ", ".join(sorted(one["name"] for one in manifest(Path(tried)).values()))
        except (Unreadable, Failed) as error:
            return {"action": "opaque", "destructive": False, "reason": str(error)}
        if seen is None or seen["state"] != "present":
            return {"action": "create", "destructive": False, "reason": f"nothing is there; dbt makes {told}"}
        if self._is_made(request):
            return {"action": "noop", "destructive": False, "reason": "already as asked"}
        return {"action": "update", "destructive": False, "reason": f"dbt makes {told} anew"}

    def apply(self, request: Body) -> Body:
        return self._changed(request, lambda fence: self._make(request, fence))

    def destroy(self, ref: Body, policy: str) -> Body:
        return self._changed(ref, lambda fence: self._unmake(ref, policy))

    def observe(self, ref: Body) -> Body:
        place = place_of(self.directory, ref)
        stay_inside(self.directory, place)
        record = remembered(place / RECORD)
        if record is None:
            return {"state": "absent"}
        tables = record.get("tables", [])
        return {
            "state": "present",
            "generation": record["generation"],
            "fingerprint": _fingerprint(place, record),
            "outputs": {"file": str(place / DATABASE), "schema": SCHEMA, "views": tables},
            "retained": record["retained"],
        }

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return refused("UNSUPPORTED", "dbt grants no access: whoever may read the file may read the data")

    def poll(self, operation: str) -> Body:
        return {"state": "failed", "error": {"class": "INVALID", "message": "dbt has no pending operations"}}

    def cancel(self, operation: str) -> Body:
        return self.poll(operation)

    def inventory(self, environment: str) -> Body:
        """Every tree with a record, whoever knows of it."""
        return {"resources": inventory(self.directory, environment, RECORD)}

    def _tried(self, request: Body, command: str) -> tempfile.TemporaryDirectory[str]:
        """A folder in which the command ended well. Raises Unreadable, Failed."""
        told = asked(request)
        folder = tempfile.TemporaryDirectory(prefix="meshgate-dbt-")
        try:
            write_project(Path(folder.name), told, {})
            self._dbt.ran(command, Path(folder.name))
            _kept_as_tables(Path(folder.name))
        except BaseException:
            folder.cleanup()
            raise
        return folder

    def _changed(self, ref: Body, change: Callable[[Fence], None]) -> Body:
        """The outcome of a change, unless a newer generation was asked for before."""
        try:
            with fenced(self.directory, ref, patience=PATIENCE) as fence:
                refusal = fence.refusal(ref["generation"]) or self._foreign(ref)
                if refusal:
                    return refusal
                before = self.observe(ref)
                fence.raise_to(ref["generation"])
                change(fence)
                after = self.observe(ref)
            return {"state": "done", "changed": before != after, "observation": after}
        except Unreadable as error:
            return refused("INVALID", str(error))
        except Failed as error:
            return refused(error.error_class, str(error))
        except Busy:
            return refused("TRANSIENT", "an earlier run of it goes on")

    def _make(self, request: Body, fence: Fence) -> None:
        """Make the tables beside those that are there, and put them in their place once all tests have passed."""
        told = asked(request)
        sources, lacking = sources_of(told, request["resolved"])
        if lacking:
            raise Failed("DEPENDENCY_NOT_READY", f"no component that it depends on has tables of {lacking[0]}")
        if self._is_made(request):
            return
        place = place_of(self.directory, request)
        folder = place / PROJECT
        shutil.rmtree(folder, ignore_errors=True)  # what a killed worker left
        write_project(folder, told, sources)
        if any(one.materialized == "incremental" for one in told.models.values()) and (place / DATABASE).exists():
            shutil.copyfile(place / DATABASE, folder / DATABASE)
        self._dbt.ran("build", folder, lock=fence.lock)
        _kept_as_tables(folder)
        self._put_in_place(request, told, place)

    def _put_in_place(self, request: Body, told: Asked, place: Path) -> None:
        nodes = manifest(place / PROJECT)
        (place / PROJECT / DATABASE).replace(place / DATABASE)
        (place / f"{DATABASE}.wal").unlink(missing_ok=True)
        tables = sorted(name for name, one in told.models.items() if one.materialized in KEPT)
        more = {"tables": tables, "manifest": manifest_hash(nodes), "seal": _seal(place), "sources": _sources(request)}
        write(place / RECORD, {**labels(request, specification(request), retained=False), **more})

    def _unmake(self, ref: Body, policy: str) -> None:
        """Remove all, or keep the tables under a record that says so; the name vanishes at once, then the content."""
        place = place_of(self.directory, ref)
        doomed = place.with_name(f".removing-{ref['resource_id']}")
        shutil.rmtree(doomed, ignore_errors=True)  # what a killed worker left
        if not place.exists():
            return
        record = remembered(place / RECORD)
        if policy == "retain" and record is not None and (place / DATABASE).exists():
            shutil.rmtree(place / PROJECT, ignore_errors=True)
            write(place / RECORD, {**record, **labels(ref, record["specification"], retained=True)})
            return
        place.rename(doomed)
        shutil.rmtree(doomed)

    def _is_made(self, request: Body) -> bool:
        """Whether this very generation of this very project ended well and nobody touched it since."""
        place = place_of(self.directory, request)
        record = remembered(place / RECORD)
        wanted = (request["generation"], specification(request), False)
        if record is None or (record["generation"], record["specification"], record["retained"]) != wanted:
            return False
        same = not request["resolved"] or record.get("sources") == _sources(request)
        return same and record.get("seal") == _seal(place)

    def _foreign(self, ref: Body) -> Body | None:
        """A refusal when the place carries the labels of another resource."""
        place = place_of(self.directory, ref)
        record = remembered(place / RECORD)
        if record and record["resource_id"] not in ("", ref["resource_id"]):
            return refused("CONFLICT", f"{place} belongs to the resource {record['resource_id']}")
        return None


def _kept_as_tables(folder: Path) -> None:
    """Raises Unreadable where the SQL of a model sets itself to be kept in another way or place than it is told."""
    for one in manifest(folder).values():
        kind = one["config"].get("materialized")
        if kind not in (*KEPT, "ephemeral"):
            raise Unreadable(f"{one['name']} sets itself to be a {kind}, which cannot be read from the file alone")
        if kind != "ephemeral" and (one["schema"], one["alias"]) != (SCHEMA, one["name"]):
            raise Unreadable(f"{one['name']} sets itself another schema or alias, where nobody would look for it")


def _sources(request: Body) -> str:
    return digest(request["resolved"])


def _fingerprint(place: Path, record: Body) -> str:
    """The manifest of dbt and the labels; what was made counts as one as long as nobody writes to the database."""
    told = {name: one for name, one in record.items() if name != "seal"}
    return digest([told, None if record.get("seal") == _seal(place) else _seal(place)])


def _seal(place: Path) -> str:
    """The beginning of the database, which every checkpoint of a writer changes, its size, and whether more waits."""
    file = place / DATABASE
    try:
        with file.open("rb") as opened:
            beginning = hashlib.sha256(opened.read(BEGINNING)).hexdigest()
        return f"{beginning} {file.stat().st_size} {file.with_name(DATABASE + '.wal').exists()}"
    except FileNotFoundError:
        return ""


def _issue(message: str, path: str) -> Body:
    return {"severity": "error", "message": message, "path": path}
