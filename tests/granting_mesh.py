"""A small mesh whose ports let in who was granted access: an adapter with bad days, and rounds when a test says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from deploy_stage import DEPLOYER, Stage
from sqlalchemy import update

from api.flows.access import deciding, requesting, showing
from api.flows.access.granting import Granting
from api.flows.access.wish import Wish
from catalog.access import AccessRequest, AccessRequests, Sought
from catalog.access_sets import SET, AccessSets
from catalog.changes import Changes
from catalog.products import Products
from engine.model import Principal
from engine.policy.rules import Rules
from engine.provision.adapters.local_fs import LocalFs

LINE = "urn:dpds:org.example:dataproducts:orders:1"
ANA, STEWARD = Principal("ana", frozenset({"consumer"})), Principal("steward", frozenset({"approver"}))


class Gate(LocalFs):
    """local-fs with a list of who may read beside each component; it answers as real platforms do on bad days."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.answers: list[str] = []  # error classes, `pending`, or `die` of the next calls
        self.unknown: set[str] = set()
        self.calls: list[tuple[int, list[str]]] = []
        self.operations: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}

    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "access": True, "async": True}}

    def set_access(self, ref: dict[str, Any], grants: list[dict[str, Any]]) -> dict[str, Any]:
        names = [one["principal"] for one in grants]
        self.calls.append((ref["generation"], names))
        how = self.answers.pop(0) if self.answers else "done"
        if how == "pending":
            self.operations["let-in"] = (ref, grants)
            return {"state": "pending", "operation": "let-in", "retry_after": 0.01}
        if how not in ("done", "die"):
            return {"state": "failed", "error": {"class": how, "message": "a bad day"}}
        if missing := self.unknown & set(names):
            return {"state": "failed", "error": {"class": "INVALID", "message": f"nobody knows {sorted(missing)}"}}
        self._let_in(ref, names)
        if how == "die":
            raise KeyboardInterrupt
        return {"state": "done", "changed": True, "observation": self.observe(ref)}

    def poll(self, operation: str) -> dict[str, Any]:
        ref, grants = self.operations.pop(operation)
        self._let_in(ref, [one["principal"] for one in grants])
        return {"state": "succeeded", "observation": self.observe(ref)}

    def observe(self, ref: dict[str, Any]) -> dict[str, Any]:
        seen = super().observe(ref)
        return (
            seen if seen["state"] != "present" else {**seen, "fingerprint": f"{seen['fingerprint']} {self.read(ref)}"}
        )

    def read(self, ref: dict[str, Any]) -> list[str]:
        file = self._place(ref) / "readers.json"
        return list(json.loads(file.read_text())) if file.exists() else []

    def _let_in(self, ref: dict[str, Any], names: list[str]) -> None:
        (self._place(ref) / "readers.json").write_text(json.dumps(names))


class Mesh:
    """A stage with an approver, a clock that a test turns, and rounds that are done when it says so."""

    def __init__(self, stage: Stage, gate: Gate | None) -> None:
        self.stage, self.gate, self.now = stage, gate, datetime.now(UTC)
        self.house: Any = SimpleNamespace(
            clock=lambda: self.now,
            settings=SimpleNamespace(access_days=365),
            environments=stage.environments,
            products=Products(stage.database),
            containers=stage.containers,
            database=stage.database,
            rules_on=lambda _, revision: Rules(stage.bundle, stage.governance),
            engine=stage.engine,
            access_requests=AccessRequests(stage.database),
            access_sets=AccessSets(stage.database),
        )
        self.granting = self.another()

    def another(self) -> Granting:
        """Another worker's rounds."""
        return Granting(self.stage.site, lambda: self.now)

    def grant(self, subject: str = "user:ana", *, until: str = "", port: str = "placed") -> AccessRequest:
        wish = Wish(LINE, port, "dev", subject, "to know", until)
        made = requesting.request(wish, principal=ANA, house=self.house)
        return self.step("approve", made)

    def step(self, name: str, made: AccessRequest, why: str = "so") -> AccessRequest:
        return deciding.take(deciding.Step(name), made.id, note=why, principal=STEWARD, house=self.house)

    def settle(self, granting: Granting | None = None) -> None:
        for _ in range(50):
            if not (granting or self.granting).round():
                return
        raise AssertionError("there is always something to do")

    def deploy(self, version: str = "1.0.0") -> str:
        asked = self.stage.ask(version)
        assert self.stage.ended(asked.deployment_id)["state"] == "succeeded"
        return asked.container_id

    def port(self, container_id: str) -> dict[str, Any]:
        with self.stage.site.writing() as book:
            return next(one for one in book.resources(container_id) if one["kind"] == "outputport")

    def readers(self, container_id: str) -> list[str]:
        assert self.gate is not None
        return self.gate.read(self.port(container_id)["request"])

    def effects(self) -> dict[str, tuple[str, str]]:
        found = showing.page(Sought(), principal=DEPLOYER, house=self.house).requests
        return {one.request.subject: (one.effect.value, one.effect_reason) for one in found}

    def told(self, *kinds: str) -> list[Any]:
        every = Changes(self.stage.database).after(principal=DEPLOYER, limit=1000)
        return [
            (one.kind, one.payload.get("subjects", one.payload.get("reason"))) for one in every if one.kind in kinds
        ]


def let_claims_run_out(mesh: Mesh) -> None:
    with mesh.stage.database.writing() as connection:
        connection.execute(update(SET).values(due_at=0.0))
        connection.commit()
