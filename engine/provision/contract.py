"""What do meshgate and a provisioning adapter say to each other (`upp/1`), and is it said in the agreed form?

The bodies are plain dicts valid against `schemas/upp-1.json`, so an adapter imports nothing of ours.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Protocol

from engine.errors import ProvisioningFailed
from engine.model import Json

CONTRACT = "upp/1"

Body = dict[str, Json]


class Provisioner(Protocol):
    """An adapter: every method is idempotent, and none keeps state in memory (provisioning §2.1)."""

    def info(self) -> Body: ...
    def validate(self, request: Body) -> Body: ...
    def plan(self, request: Body, seen: Body | None) -> Body: ...
    def apply(self, request: Body) -> Body: ...
    def destroy(self, ref: Body, policy: str) -> Body: ...
    def observe(self, ref: Body) -> Body: ...
    def set_access(self, ref: Body, grants: list[Body]) -> Body: ...
    def poll(self, operation: str) -> Body: ...
    def cancel(self, operation: str) -> Body: ...


class Adopting(Provisioner, Protocol):
    """An adapter with the capability `adopt`: it takes over what somebody else made, and labels it."""

    def adopt(self, request: Body, external: str) -> Body: ...


class Listing(Provisioner, Protocol):
    """An adapter with the capability `inventory`: it lists what bears our labels in an environment."""

    def inventory(self, environment: str) -> Body: ...


@cache
def schema() -> Body:
    """The published JSON Schema of all bodies."""
    text = resources.files("engine.provision").joinpath("schemas/upp-1.json").read_text(encoding="utf-8")
    loaded: Body = json.loads(text)
    return loaded


@cache
def _validator(body: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for({**schema(), "$ref": f"#/$defs/{body}"})


def faults(body: str, value: Json) -> list[str]:
    """Where `value` is not a valid `body` of upp/1, as `pointer: message`; empty when it is."""
    return [
        "/" + "/".join(map(str, error.instance_path)) + ": " + error.message
        for error in _validator(body).iter_errors(value)
    ]


def valid(body: str, value: Json, *, said_by: str) -> Any:
    """The value itself when it is a valid `body`; raises ProvisioningFailed with class INTERNAL when it is not."""
    wrong = faults(body, value)
    if wrong:
        raise failed("INTERNAL", f"{said_by} does not keep to {CONTRACT} {body}: {'; '.join(wrong[:3])}")
    return value


def failed(error_class: str, message: str) -> ProvisioningFailed:
    """The error of one resource; `error_class` is of the closed enum that alone drives retries."""
    return ProvisioningFailed(message, error_class=error_class)
