"""How does a tech adapter of Witboost become an adapter of ours (`witboost-http`)?

It can make, remove, validate and give access. It says neither what it would do nor what is there, and the only key of
what goes on is the token that it answers: where that answer is lost it is asked again, as Witboost does itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from engine.errors import ProvisioningFailed
from engine.provision.adapters.address import CLASSES, Address, json_of
from engine.provision.adapters.witboost_form import (
    LONGEST_TOKEN,
    Errand,
    descriptor,
    errors,
    fingerprint,
    refs,
)
from engine.provision.asking import Answer, Ask
from engine.provision.contract import CONTRACT, Body, failed

NAME = "witboost-http"
MAX_SECONDS = 3600
PAUSE = 0.5
"""Seconds between two looks at a validation that goes on."""


CONFIGURATION: Body = {
    "type": "object",
    "required": ["address"],
    "properties": {
        "address": {"type": "string", "description": "where the tech adapter is"},
        "infrastructureTemplateId": {"type": "string", "description": "what its descriptors name as such"},
        "useCaseTemplateId": {"type": "string", "description": "what its descriptors name as such"},
        "specific": {"type": "object", "description": "what is put into `specific` of every component"},
        "validate": {"enum": ["v1", "v2"], "description": "`v2`: its validations may go on; `v1` where it is not told"},
        "reverse": {"type": "object", "description": "what it is asked with for what exists already; lets it adopt"},
        "seconds": {"type": "number", "description": "how long one call may take; 30 where it is not told"},
        "max_seconds": {"type": "integer", "description": "how long one operation may take; 3600"},
        "headers": {"type": "object", "description": "headers that are sent with each call"},
    },
}


class WitboostHttp:
    """The bridge; `validate: v2` in its configuration asks for validations that go on, `reverse` lets it adopt."""

    def __init__(self, config: Mapping[str, Any], *, ask: Ask) -> None:
        self._at = Address.of(NAME, config, ask)
        self._config = config
        self._second = config.get("validate", "v1") == "v2"
        self._reverse: Mapping[str, Any] = dict(config.get("reverse") or {})
        self._seconds = int(config.get("max_seconds", MAX_SECONDS))

    def info(self) -> Body:
        able = dict.fromkeys(("plan", "observe", "cancel", "build", "inventory", "fence"), False)
        return {
            "name": NAME,
            "version": "1",
            "contract": CONTRACT,
            "description": "A tech adapter of Witboost",
            "config_schema": CONFIGURATION,
            "capabilities": {**able, "access": True, "adopt": bool(self._reverse), "async": True},
            "limits": {"max_seconds": self._seconds},
        }

    def validate(self, request: Body) -> Body:
        answer = self._posted("/v2/validate" if self._second else "/v1/validate", self._wanted(request))
        told = self._validated(_token(answer)) if answer.status == 202 else json_of(answer)
        if answer.status not in (200, 202) or not isinstance(told, dict) or not isinstance(told.get("valid"), bool):
            raise self._refused(answer, writes=False)
        if told["valid"]:
            return {"issues": []}
        says = errors(told) or "the adapter finds it invalid, and does not say why"
        return {"issues": [{"severity": "error", "message": says, "path": "/definition"}]}

    def plan(self, request: Body, seen: Body | None) -> Body:
        return {"action": "opaque", "destructive": False, "reason": "the adapter does not say what it would do"}

    def apply(self, request: Body) -> Body:
        errand = Errand("make", request["generation"], fingerprint(request))
        return self._asked("/v1/provision", {**self._wanted(request), "removeData": False}, errand)

    def destroy(self, ref: Body, policy: str) -> Body:
        errand = Errand(policy, ref["generation"], fingerprint(ref))
        return self._asked("/v1/unprovision", {**self._wanted(ref), "removeData": policy == "delete"}, errand)

    def observe(self, ref: Body) -> Body:
        return {"state": "unknown", "reason": "the adapter does not say what is there"}

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        named = refs(grants)
        told = {"refs": named, "provisionInfo": {"request": descriptor(ref, self._config), "result": ""}}
        return self._asked("/v1/updateacl", told, Errand("access", ref["generation"], fingerprint(ref, named)))

    def adopt(self, request: Body, external: str) -> Body:
        if not self._reverse:
            return _failed("UNSUPPORTED", "the binding configures no reverse provisioning (`reverse`)")
        told = {
            "useCaseTemplateId": str(self._reverse.get("useCaseTemplateId", "")),
            "environment": request["environment"],
            "params": {**dict(self._reverse.get("params") or {}), "externalId": external},
            "catalogInfo": descriptor(request, self._config),
        }
        errand = Errand("adopt", request["generation"], fingerprint(request))
        return self._asked("/v1/reverse-provisioning", told, errand)

    def poll(self, operation: str) -> Body:
        errand = Errand.read(operation)
        root = "/v1/reverse-provisioning" if errand.what == "adopt" else "/v1/provision"
        answer = self._looked(f"{root}/{quote(errand.token, safe='')}/status")
        told = json_of(answer)
        if answer.status in (400, 404):
            says = f"{self._at.url} does not know the token any more ({answer.status}): {errors(told)}"
            raise failed("UNKNOWN_OUTCOME", says)
        if answer.status != 200:
            raise self._refused(answer, writes=False)
        status = told.get("status") if isinstance(told, dict) else None
        if status == "RUNNING":
            return {"state": "running"}
        if status == "COMPLETED":
            return {"state": "succeeded", "observation": errand.seen(told)}
        if status == "FAILED":
            says = errors(told) or "the adapter says that it failed, and not why"
            return {"state": "failed", "error": {"class": "INTERNAL", "message": says}}
        raise failed("TRANSIENT", f"{self._at.url} tells no status")

    def cancel(self, operation: str) -> Body:
        """Nothing stops what an adapter of Witboost does: it is as it is."""
        return self.poll(operation)

    def _asked(self, path: str, told: Body, errand: Errand) -> Body:
        """The outcome of a call that may go on under a token."""
        answer = self._posted(path, told)
        if answer.status == 202:
            token = _token(answer)
            if not token:
                return _failed("UNKNOWN_OUTCOME", f"{self._at.url} goes on, and told no token")
            return {"state": "pending", "operation": _under(errand, token).operation}
        if answer.status != 200:
            error = self._refused(answer, writes=True)
            return _failed(str(error.context["error_class"]), error.detail)
        return self._ended(json_of(answer), errand)

    def _ended(self, told: Any, errand: Errand) -> Body:
        status = told.get("status") if isinstance(told, dict) else None
        if status == "COMPLETED":
            return {"state": "done", "changed": True, "observation": errand.seen(told)}
        if status == "FAILED":
            return _failed("INTERNAL", errors(told) or "the adapter says that it failed, and not why")
        return _failed("UNKNOWN_OUTCOME", f"{self._at.url} answered, and told no end")

    def _validated(self, token: str) -> Any:
        """The result of a validation that goes on, within the time of one call. Raises ProvisioningFailed."""
        if not token:
            raise failed("TRANSIENT", f"{self._at.url} validates on, and told no token")
        until = time.monotonic() + self._at.seconds
        while time.monotonic() < until:
            answer = self._looked(f"/v2/validate/{quote(token, safe='')}/status")
            told = json_of(answer)
            if answer.status != 200 or not isinstance(told, dict):
                raise self._refused(answer, writes=False)
            if told.get("status") != "RUNNING":
                return told.get("result")
            time.sleep(PAUSE)
        raise failed("TRANSIENT", f"{self._at.url} did not end a validation within {self._at.seconds:g} s")

    def _wanted(self, request: Body) -> Body:
        return {"descriptorKind": "COMPONENT_DESCRIPTOR", "descriptor": descriptor(request, self._config)}

    def _posted(self, path: str, told: Body) -> Answer:
        return self._at.ask("POST", path, headers={"accept": "application/json"}, body=json.dumps(told).encode())

    def _looked(self, path: str) -> Answer:
        return self._at.ask("GET", path, headers={"accept": "application/json"})

    def _refused(self, answer: Answer, *, writes: bool) -> ProvisioningFailed:
        unknown = "UNKNOWN_OUTCOME" if writes else "TRANSIENT"
        kind = CLASSES.get(answer.status, "INVALID" if 300 <= answer.status < 500 else unknown)
        why = errors(json_of(answer))
        return failed(kind, f"{self._at.url} answered with status {answer.status}" + (f": {why}" if why else ""))


def _token(answer: Answer) -> str:
    """The token as it is, or inside of the quotes of a JSON string; empty where there is none that can be asked."""
    told = json_of(answer)
    text = told if isinstance(told, str) else answer.body[: 4 * LONGEST_TOKEN].decode("utf-8", "replace")
    text = text.strip()
    usable = text and len(text) <= LONGEST_TOKEN and text.isprintable() and not text.startswith(("{", "["))
    return text if usable else ""


def _under(errand: Errand, token: str) -> Errand:
    return Errand(errand.what, errand.generation, errand.fingerprint, token)


def _failed(error_class: str, message: str) -> Body:
    return {"state": "failed", "error": {"class": error_class, "message": message}}
