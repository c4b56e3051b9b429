"""A tech adapter of Witboost, as its interface is published."""

from __future__ import annotations

import uuid
from typing import Any

from scripted_server import Scripted

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits

INFO = {
    "publicInfo": {"bucket": {"type": "string", "label": "Bucket", "value": "s3://orders"}},
    "privateInfo": {"password": {"type": "string", "value": "hunter2"}, "keys": ["k1"]},
}


class TechAdapter(Scripted):
    """Makes what it is told. With `looks` it goes on under a token, told in the way of `token`."""

    def __init__(self, *, looks: int | None = None, ends: str = "COMPLETED") -> None:
        super().__init__()
        self.looks, self.ends = looks, ends
        self.token: Any = "plain"  # or "json", or what is told instead
        self.did: list[tuple[str, Any]] = []
        self.left: dict[str, int] = {}
        self.invalid: list[str] = []
        self.refusal: tuple[int, Any] | None = None

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if method == "GET" and parts[-1] == "status":
            return self.status(parts[1], parts[-2])
        if path in ("/v1/validate", "/v2/validate"):
            return self.validate(path, body)
        if method == "POST" and parts[-1] in ("provision", "unprovision", "updateacl", "reverse-provisioning"):
            return self.work(parts[-1], body)
        return 404, {"error": "not found"}

    def validate(self, path: str, body: Any) -> tuple[int, Any]:
        read(body["descriptor"])
        if path == "/v2/validate":
            return 202, self.under()
        return 200, {"valid": not self.invalid, "error": {"errors": self.invalid}}

    def work(self, what: str, body: Any) -> tuple[int, Any]:
        if self.refusal:
            return self.refusal
        with self.lock:
            self.did.append((what, body))
        if self.looks is not None:
            return 202, self.under()
        return 200, self.told(what)

    def under(self) -> Any:
        token = uuid.uuid4().hex
        self.left[token] = self.looks or 0
        if self.token == "plain":
            return f"{token}\n".encode()
        return token if self.token == "json" else self.token

    def status(self, of: str, token: str) -> tuple[int, Any]:
        if token not in self.left:
            return 400, {"errors": ["no such token"]}
        self.left[token] -= 1
        if self.left[token] >= 0:
            return 200, {"status": "RUNNING", "result": ""}
        if of == "validate":
            return 200, {
                "status": "COMPLETED",
                "result": {"valid": not self.invalid, "error": {"errors": self.invalid}},
            }
        return 200, self.told(self.did[-1][0])

    def told(self, what: str) -> dict[str, Any]:
        if self.ends == "FAILED":
            return {"status": "FAILED", "result": "no space left"}
        return {"status": self.ends, "result": "", "info": INFO if what == "provision" else None}


def read(descriptor: str) -> Any:
    """The descriptor that travelled as YAML."""
    return yaml_source.read(descriptor, Limits())[0]
