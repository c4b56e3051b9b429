"""How does an executor of the Open Data Mesh platform become an adapter?

One task stands for one generation of one resource. The interface has no key that makes asking twice ask once, so the
executor is asked for the task by its id before it is given it, and where an earlier call may have been heard, and the
executor knows nothing of it, nobody gives it the task again. It says neither what it would do nor what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import ProvisioningFailed
from engine.model import Json
from engine.provision.adapters.address import CLASSES, Address, json_of
from engine.provision.adapters.odm_task import GOOD, Task, body, headers, template_of
from engine.provision.asking import Answer, Ask
from engine.provision.contract import CONTRACT, Body, failed
from engine.provision.told import Told, nothing

NAME = "odm-executor"
TASKS = "/api/v1/up/executor/tasks"
MAX_SECONDS = 3600
RUNNING, BAD, STOPPED = frozenset({"PLANNED", "PROCESSING"}), "FAILED", "ABORTED"
STATES = RUNNING | {GOOD, BAD, STOPPED}
BEGUN = frozenset({40901, 40902})
"""Codes by which an executor says that it has the task already."""


CONFIGURATION: Body = {
    "type": "object",
    "required": ["address"],
    "properties": {
        "address": {"type": "string", "description": "where the executor is"},
        "templates": {"type": "object", "description": "the task that makes (`apply`) or removes a component"},
        "status": {"type": "boolean", "description": "`false`: it has no endpoint to ask for a status"},
        "remembers": {"type": "boolean", "description": "`true`: it keeps its tasks over a restart"},
        "seconds": {"type": "number", "description": "how long one call may take; 30 where it is not told"},
        "max_seconds": {"type": "integer", "description": "how long one task may take"},
        "headers": {"type": "object", "description": "headers that are sent with each call"},
    },
}


class OdmExecutor:
    """The bridge; `status: false` in its configuration means that the executor has no endpoint to ask for a status,
    `remembers: true` that it keeps its tasks over a restart, so that one it does not know was never given to it.
    """

    def __init__(self, config: Mapping[str, Any], *, ask: Ask, told: Told = nothing) -> None:
        self._at = Address.of(NAME, config, ask)
        self._asks = config.get("status", True) is not False
        self._remembers = config.get("remembers", False) is True
        self._templates: Mapping[str, Json] = dict(config.get("templates") or {})
        self._seconds = int(config.get("max_seconds", MAX_SECONDS))
        self._told = told

    def info(self) -> Body:
        able = dict.fromkeys(("plan", "observe", "access", "cancel", "adopt", "build", "inventory", "fence"), False)
        return {
            "name": NAME,
            "version": "1",
            "contract": CONTRACT,
            "description": "An executor of the Open Data Mesh platform",
            "config_schema": CONFIGURATION,
            "capabilities": {**able, "async": True},
            "callbacks": "unsigned",
            "limits": {"max_seconds": self._seconds},
        }

    def validate(self, request: Body) -> Body:
        issues: list[Body] = []
        if request["component"]["kind"] != "task" and "apply" not in self._templates:
            says = (
                "a component that is no task needs the template `templates.apply` in the configuration of its binding"
            )
            issues.append({"severity": "error", "message": says, "path": "/config/templates/apply"})
        return {"issues": issues}

    def plan(self, request: Body, seen: Body | None) -> Body:
        return {"action": "opaque", "destructive": False, "reason": "an executor does not say what it would do"}

    def apply(self, request: Body) -> Body:
        return self._ran(request, "apply")

    def destroy(self, ref: Body, policy: str) -> Body:
        """A task that ran is over; what another component made is left where data is kept, else a task removes it."""
        if ref["component"]["kind"] == "task":
            return _done({"state": "absent"}, changed=False)
        if policy == "retain":
            kept = Task.of(ref, "apply", template_of(ref, self._templates, "apply")).present({}, retained=True)
            return _done(kept, changed=False)
        if "destroy" not in self._templates:
            return _failed("UNSUPPORTED", "no template says how an executor removes it (`templates.destroy`)")
        return self._ran(ref, "destroy")

    def observe(self, ref: Body) -> Body:
        return {"state": "unknown", "reason": "an executor does not say what is there"}

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return _failed("UNSUPPORTED", "an executor knows no access")

    def poll(self, operation: str) -> Body:
        task = Task.read(operation)
        status = self._status(task) if self._asks else self._said(task).get("status", "PROCESSING")
        if status is None:
            raise failed("UNKNOWN_OUTCOME", f"the executor does not know the task {task.id} any more")
        if status in RUNNING:
            return {"state": "running", "message": f"the task {task.id} is {status}"}
        if status == GOOD:
            return {"state": "succeeded", "observation": self._made(task)}
        error = {"class": "INTERNAL", "message": self._why(task, status)}
        return {"state": "failed" if status == BAD else "cancelled", "error": error}

    def cancel(self, operation: str) -> Body:
        """Nothing stops a task: it is as it is."""
        return self.poll(operation)

    def _ran(self, request: Body, what: str) -> Body:
        """Give the executor the task, unless it has it, or may have had it."""
        template = template_of(request, self._templates, what)
        task = Task.of(request, what, template)
        if not self._asks and not task.called:
            says = "it has no endpoint to ask for a status, and there is no address where it could call back"
            return _failed("INVALID", f"{says} (`public_url`)")
        status = self._status(task) if self._asks else self._said(task).get("status")
        if status is not None:
            return self._outcome(task, status)
        if request.get("unsure") and not self._asks:
            return _pending(task)  # only its callback can tell
        if request.get("unsure") and not self._remembers:
            says = f"the executor does not know the task {task.id}, which it may have been given: it is not given again"
            return _failed("UNKNOWN_OUTCOME", says)
        return self._given(task, body(task, request, template), headers(request))

    def _given(self, task: Task, told: bytes, secrets: Mapping[str, str]) -> Body:
        answer = self._at.ask("POST", TASKS, headers={**secrets, "accept": "application/json"}, body=told)
        if answer.status in (200, 201, 202) or _code(answer) in BEGUN or answer.status == 409:
            return _pending(task)
        return _failed(_class(answer, writes=True), self._says(answer))

    def _outcome(self, task: Task, status: str) -> Body:
        if status in RUNNING:
            return _pending(task)
        if status == GOOD:
            return _done(self._made(task), changed=False)
        return _failed("INTERNAL", self._why(task, status))

    def _status(self, task: Task) -> str | None:
        """The status that the executor tells, None where it knows no such task. Raises ProvisioningFailed."""
        try:
            answer = self._at.ask("GET", f"{TASKS}/{task.id}/status", headers={"accept": "application/json"})
        except ProvisioningFailed as error:  # to have asked late leaves nothing unsure: nothing was begun
            raise (
                failed("TRANSIENT", error.detail) if error.context.get("error_class") == "TIMEOUT" else error
            ) from None
        if answer.status == 404:
            return None
        told = json_of(answer)
        status = told if isinstance(told, str) else answer.body[:64].decode("utf-8", "replace")
        if answer.status != 200:
            raise failed(_class(answer, writes=False), self._says(answer))
        if (status := status.strip()) not in STATES:
            raise failed("TRANSIENT", f"{self._at.url} tells no status of the task {task.id}")
        return status

    def _said(self, task: Task) -> Body:
        """What came by callback; nothing is looked up where no address was given."""
        told = self._told(task.resource_id, task.generation) if task.called else None
        return told if told is not None and told.get("status") in STATES else {}

    def _made(self, task: Task) -> Body:
        if task.what == "destroy":
            return {"state": "absent"}
        results = self._said(task).get("results")
        return task.present(results if isinstance(results, dict) else {})

    def _why(self, task: Task, status: str) -> str:
        errors = self._said(task).get("errors")
        return f"the task {task.id} is {status}" + (f": {str(errors)[:300]}" if errors else "")

    def _says(self, answer: Answer) -> str:
        told = json_of(answer)
        named = told if isinstance(told, dict) else {}
        why = str(named.get("message") or named.get("description") or "")[:300]
        code = f" ({_code(answer)})" if _code(answer) else ""
        return f"{self._at.url} answered with status {answer.status}{code}" + (f": {why}" if why else "")


def _code(answer: Answer) -> int:
    """The five digits by which an executor says what is wrong; 0 where it says none."""
    told = json_of(answer)
    code = told.get("code") if isinstance(told, dict) else None
    try:
        return int(code) if isinstance(code, int | str) and not isinstance(code, bool) else 0
    except ValueError:
        return 0


def _class(answer: Answer, *, writes: bool) -> str:
    """The class of an error: its code begins with the status that is meant, whatever status it came with."""
    code = _code(answer)
    status = code // 100 if 40000 <= code < 60000 else answer.status
    unknown = "UNKNOWN_OUTCOME" if writes else "TRANSIENT"
    return CLASSES.get(status, "INVALID" if 300 <= status < 500 else unknown)


def _pending(task: Task) -> Body:
    return {"state": "pending", "operation": task.operation}


def _done(observation: Body, *, changed: bool) -> Body:
    return {"state": "done", "changed": changed, "observation": observation}


def _failed(error_class: str, message: str) -> Body:
    return {"state": "failed", "error": {"class": error_class, "message": message}}
