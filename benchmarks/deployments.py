"""In which little mesh do the benchmarks of deploying work, and with which adapter?

The adapter makes nothing and looks nowhere, so what is measured is the engine around it. Deployments are asked for as
`api.flows.deploy` does it, without the decision: that is measured as `submitting`. The worker judges each plan by one
policy, a function that objects to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import policies
from api.flows.carry_out import carry_out
from api.flows.deploying.bench import Bench as Judge
from api.flows.deploying.site import Site
from api.flows.deploying.waking import again, wake
from api.worker.dbos import DbosWorker
from benchmarks.catalogs import PRINCIPAL, accepted
from benchmarks.meshes import as_json
from catalog.database import Database
from catalog.deployable import deployable
from catalog.deployments import DeploymentBook, Order
from engine.descriptor import Parts, Submission, ingest
from engine.model import Bundle
from engine.policy import governance
from engine.policy.bundle import load
from engine.policy.environments import Binding, Environment
from engine.policy.in_memory import InMemoryEngine
from engine.policy.rules import Rules
from engine.provision.durable import Script
from engine.provision.registry import Registry
from engine.provision.states import DeploymentAction, DeploymentState
from engine.report import record

POLICY = "mesh.ownership.owner_declared"
ENVIRONMENT = Environment("dev", 1, (Binding("nothing"),))


def document(name: str, components: int) -> dict[str, Any]:
    """A product whose components depend on each other in rows of ten."""
    line = f"urn:dpds:org.example:dataproducts:{name}:1"
    stores = [
        {
            "name": f"store{number:03}",
            "version": "1.0.0",
            "platform": "none",
            "infrastructureType": "storage-resource",
            "dependsOn": [f"{line}:infrastructure:store{number - 1:03}"] if number % 10 else [],
        }
        for number in range(components)
    ]
    return {
        "dataProductDescriptor": "1.0.0",
        "info": {
            "fullyQualifiedName": line,
            "name": name,
            "version": "1.0.0",
            "domain": "sales",
            "owner": {"id": "jo@example.com"},
        },
        "interfaceComponents": {"outputPorts": []},
        "internalComponents": {"applicationComponents": [], "infrastructuralComponents": stores},
    }


class Nothing:
    """An adapter that takes so many seconds for each apply and makes nothing; `called` hears of each."""

    def __init__(self, seconds: float = 0.0, called: Callable[[], object] = lambda: None) -> None:
        self._seconds, self._called = seconds, called

    def info(self) -> dict[str, Any]:
        can = dict.fromkeys(("plan", "access", "cancel", "adopt", "async", "inventory"), False)
        told = {"name": "nothing", "version": "1.0.0", "contract": "upp/1", "description": "Makes nothing."}
        return {**told, "config_schema": {}, "capabilities": {**can, "observe": True}, "limits": {"max_seconds": 600}}

    def validate(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"issues": []}

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        self._called()
        time.sleep(self._seconds)
        return {"state": "done", "changed": True, "observation": self.observe(request)}

    def observe(self, ref: dict[str, Any]) -> dict[str, Any]:
        seen = {"state": "present", "generation": ref["generation"], "fingerprint": "sha256:0", "outputs": {}}
        return {**seen, "retained": False}

    def plan(self, request: dict[str, Any], seen: object) -> dict[str, Any]:
        raise NotImplementedError

    destroy = set_access = poll = cancel = plan


def _judge() -> Judge:
    """Who judges the plan of a deployment again: one policy of the starter pack, which asks no Rego engine here."""
    policy = load([policies.DIRECTORY]).policies[POLICY]
    bundle = Bundle("benchmark", {POLICY: policy}, {})
    rules = Rules(bundle, governance.load(None, bundle))
    return Judge(lambda _, revision: rules, InMemoryEngine({POLICY: lambda document: []}), lambda: datetime.now(UTC))


class Bench:
    """A catalog with an engine over it; `script` may stand around the one that carries deployments out."""

    def __init__(
        self,
        url: str,
        adapter: Nothing,
        *,
        script: Callable[[Script], Script] = lambda script: script,
        lease_seconds: float = 15.0,
    ) -> None:
        self.database = Database(url)
        self.database.upgrade()
        registry = Registry({"nothing": lambda: lambda config: adapter})  # type: ignore[dict-item, return-value]
        self.site = Site(self.database, registry, {"dev": ENVIRONMENT}, _judge)
        self.worker = DbosWorker(
            url=url,
            script=script(partial(carry_out, site=self.site)),
            wake=partial(wake, self.database),
            anew=partial(again, database=self.database),
            sole=url.startswith("sqlite"),
            lease_seconds=lease_seconds,
        )
        self.worker.prepare()

    def accepted(self, content: Mapping[str, Any]) -> str:
        """Store this as an accepted version; its fqn."""
        read = ingest(Submission("product.json", Parts({"product.json": as_json(dict(content))})))
        assert read.identity is not None, read.problems
        decision = accepted(read.identity.name, read.identity)
        with self.database.work(PRINCIPAL) as work:
            work.decisions.add(decision, record.document(decision, file="product.json"))
            work.versions.add(read, decision.id)
            work.commit()
        return str(read.identity.fqn)

    def asked(self, fqn: str) -> str:
        """A deployment of that version, handed over."""
        subject = deployable(self.database, fqn, "1.0.0", principal=PRINCIPAL)
        with self.database.work(PRINCIPAL) as work:
            work.head()
            book = DeploymentBook(work)
            container = book.open_container(subject.slot("dev"))
            told = ("1.0.0", subject.version_id, subject.digest)
            order = Order(DeploymentAction.DEPLOY, *told, decision_id=subject.identity.name)
            made = book.request(container, order)
            held = {"generation": made["generation"], "deployment_id": made["id"]}
            book.change_container(container["id"], **held)
            self.worker.enqueue(work.connection, made["id"])
            work.commit()
        return str(made["id"])

    def running(self, deployment_id: str) -> bool:
        with self.database.work(PRINCIPAL) as work:
            found = DeploymentBook(work).deployment(deployment_id)
        assert found is not None
        state = DeploymentState(found["state"])
        assert state.running or state is DeploymentState.SUCCEEDED, found["reason"]
        return state.running

    def wait(self, *deployment_ids: str) -> None:
        for one in deployment_ids:
            while self.running(one):
                time.sleep(0.05)

    def close(self) -> None:
        self.worker.stop()
        self.database.close()


@contextmanager
def bench(url: str, adapter: Nothing, **settings: Any) -> Iterator[Bench]:
    """A bench that is closed at the end."""
    made = Bench(url, adapter, **settings)
    try:
        yield made
    finally:
        made.close()
