"""Which task of an Open Data Mesh executor stands for what is asked of a resource, and what is it told?"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.model import Json
from engine.provision.contract import Body, failed
from engine.provision.naming import digest_of

GOOD = "PROCESSED"
_SECRET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")


@dataclass(frozen=True, slots=True)
class Task:
    """One task: its id comes from the resource, the generation and what is done, so that it is known beforehand.

    `called` says that the executor was given an address to call back.
    """

    what: str
    resource_id: str
    generation: int
    fingerprint: str
    called: bool

    @classmethod
    def of(cls, request: Body, what: str, template: Json) -> Task:
        told = [request.get("definition", {}), template]
        return cls(what, request["resource_id"], request["generation"], digest_of(told), bool(request.get("callback")))

    @classmethod
    def read(cls, operation: str) -> Task:
        """The task that an operation names. Raises ProvisioningFailed, INVALID where it names none."""
        try:
            told = cls(**json.loads(operation))
        except (ValueError, TypeError):
            raise failed("INVALID", "odm-executor began no such operation") from None
        return told

    @property
    def operation(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @property
    def id(self) -> int:
        """53 bits, so that no executor and no gateway rounds it; Open Data Mesh wants a whole number."""
        named = f"{self.what}:{self.resource_id}:{self.generation}"
        return (int.from_bytes(hashlib.sha256(named.encode()).digest()[:8]) >> 11) or 1

    def present(self, outputs: Json, *, retained: bool = False) -> Body:
        """What an executor that cannot be asked is believed to have made."""
        told: Body = {"state": "present", "generation": self.generation, "fingerprint": self.fingerprint}
        return {**told, "outputs": outputs, **({"retained": True} if retained else {})}


def body(task: Task, request: Body, template: Json) -> bytes:
    """The task as the executor is told of it: template and configurations are JSON in strings."""
    told: Body = {
        "id": task.id,
        "activityId": request["container"]["id"],
        "name": request["component"]["name"],
        "status": "PLANNED",
        "configurations": json.dumps(_configurations(request)),
    }
    if template is not None:
        told["template"] = template if isinstance(template, str) else json.dumps(template)
    if request.get("callback"):
        told["callbackRef"] = request["callback"]
    return json.dumps(told).encode()


def template_of(request: Body, templates: Mapping[str, Json], what: str) -> Json:
    """The template of the binding for what is done, else that of the task: its definition, where it wraps one."""
    if what in templates:
        return templates[what]
    if request["component"]["kind"] != "task" or what != "apply":
        return None
    told = request.get("definition", {}).get("template")
    return told["definition"] if isinstance(told, Mapping) and "definition" in told else told


def headers(request: Body) -> dict[str, str]:
    """The secrets of this call as Open Data Mesh hands them on. Raises ProvisioningFailed, INVALID for a bad name."""
    secrets: Mapping[str, str] = request.get("secrets") or {}
    for name, secret in secrets.items():
        if not _SECRET.fullmatch(name) or not secret.isascii() or not secret.isprintable():
            raise failed("INVALID", f"the secret {name!r} cannot travel in a header")
    return {f"x-odm-{name.lower()}": secret for name, secret in secrets.items()}


def _configurations(request: Body) -> Body:
    """The configurations of the task, filled from their context, with the context."""
    told = request.get("definition", {}).get("configurations")
    found: Mapping[str, Json] = told if isinstance(told, Mapping) else {}
    context = _context(request.get("resolved") or {})
    filled: Body = _filled(dict(found), context)
    return {**filled, "context": {**context, **(found.get("context") or {})}}


def _context(resolved: Mapping[str, Json]) -> dict[str, Json]:
    """What came before: each stage with the results of its tasks, as Open Data Mesh has it, and components by name.

    A task is called `…:tasks:{stage}:{name}`.
    """
    context: dict[str, Json] = {}
    for fqn, outputs in resolved.items():
        of, _, name = fqn.rpartition(":")
        before, _, stage = of.rpartition(":")
        if before.endswith(":tasks"):
            context.setdefault(stage, {"status": GOOD, "results": {}})["results"][name] = outputs
        else:
            context.setdefault(name, {"status": GOOD, "results": outputs})
    return context


def _filled(value: Json, context: Mapping[str, Json]) -> Json:
    """The value with what stands at each `${stage.results.path}`; what is not there stays as written."""
    if isinstance(value, dict):
        return {name: _filled(one, context) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, context) for one in value]
    if not isinstance(value, str):
        return value
    return _REFERENCE.sub(lambda found: _standing(found, context), value)


def _standing(found: re.Match[str], context: Mapping[str, Any]) -> str:
    there: Any = context
    for step in found[1].split("."):
        if not isinstance(there, Mapping) or step not in there:
            return found[0]
        there = there[step]
    return there if isinstance(there, str) else json.dumps(there)
