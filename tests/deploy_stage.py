"""A small real mesh to deploy in: catalog, one policy, local files, the durable engine; on either store."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import make

from api.flows import containers, deploy
from api.flows.carry_out import carry_out
from api.flows.deploying.bench import Bench
from api.flows.deploying.calling_back import CallingBack
from api.flows.deploying.site import Site
from api.flows.deploying.waking import again, wake
from api.flows.standing import Requested, Wish
from api.worker.dbos import DbosWorker
from catalog.access_sets import AccessSets
from catalog.callbacks import Callbacks
from catalog.containers import Containers
from catalog.database import Database
from catalog.happenings import Happening, Happenings
from catalog.looks import Looks
from engine.decide import decide
from engine.descriptor import Parts, Submission, ingest
from engine.model import Event, Facts, Principal
from engine.policy import governance
from engine.policy.environments import Binding, Environment
from engine.policy.in_memory import InMemoryEngine
from engine.policy.rules import Rules
from engine.provision.contract import Provisioner
from engine.provision.durable import Script
from engine.provision.pace import Pace
from engine.provision.registry import BUILT_IN, Registry, nobody
from engine.provision.states import DeploymentState

SWIFT = Pace(first=0.01, most=0.05, tries=3, look=0.02)
"""As fast as a test wants it."""

POLICY = "mesh.test.named_for_prod"
DEPLOYER = Principal("dora", frozenset({"deployer"}))


def document(version: str = "1.0.0", name: str = "orders", **changes: Any) -> dict[str, Any]:
    """A product with a store, a job that fills it, and a port that shows it."""
    major = version.partition(".")[0]
    line = f"urn:dpds:org.example:dataproducts:{name}:{major}"
    store = {"name": "store", "version": "1.0.0", "platform": "local:files", "infrastructureType": "storage-resource"}
    job = {
        "name": "fill",
        "version": "1.0.0",
        "platform": "local:python",
        "applicationType": "batch-transformation",
        "dependsOn": [f"{line}:infrastructure:store"],
        "providesTo": [f"{line}:outputports:placed"],
    }
    port = {"name": "placed", "version": "1.0.0", "promises": {"platform": "local:files"}}
    return {
        "dataProductDescriptor": "1.0.0",
        "info": {
            "fullyQualifiedName": line,
            "name": name,
            "version": version,
            "domain": "sales",
            "owner": {"id": "jo@example.com"},
        },
        "interfaceComponents": {"outputPorts": [port]},
        "internalComponents": {"applicationComponents": [job], "infrastructuralComponents": [store]},
        **changes,
    }


def named_for_prod(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Deploys to prod want a description; nothing else matters."""
    if shown["_context"]["environment"] != "prod" or shown["info"].get("description"):
        return []
    return [{"code": "undescribed", "msg": "prod wants a description", "path": ["info", "description"]}]


class Stage:
    """Everything that deploying needs; `script` and `adapters` let a test stand between."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        adapters: Mapping[str, Callable[[Mapping[str, Any]], Provisioner]] | None = None,
        script: Callable[[Script], Script] = lambda script: script,
        bindings: tuple[Binding, ...] = (Binding("local-fs"),),
        lease_seconds: float = 15.0,
        sole: bool | None = None,
        pace: Pace = SWIFT,
        public_url: str | None = None,
        secrets: Callable[[str], str] = nobody,
        poll_seconds: float = 0.05,
        **environment: Any,
    ) -> None:
        self.folder = folder
        self.bundle = make.bundle(make.policy(POLICY))
        self.governance = governance.of()
        self.engine = InMemoryEngine({POLICY: named_for_prod})
        self.environments = {
            name: Environment(name, place, bindings, **environment) for place, name in enumerate(("dev", "prod"), 1)
        }
        self.database = Database(url)
        self.database.upgrade()
        loaders = {name: (lambda made=made: made) for name, made in (adapters or {}).items()}
        directory = {"local-fs": {"directory": str(folder)}}
        self.registry = Registry({**BUILT_IN, **loaders}, defaults=directory, secrets=secrets)
        self.callbacks = Callbacks(self.database)
        calling_back = None if public_url is None else CallingBack(public_url, self.callbacks)
        self.site = Site(self.database, self.registry, self.environments, self._bench, pace, calling_back)
        self.worker = DbosWorker(
            url=url,
            script=script(partial(carry_out, site=self.site)),
            wake=partial(wake, self.database),
            anew=partial(again, database=self.database),
            sole=url.startswith("sqlite") if sole is None else sole,
            lease_seconds=lease_seconds,
            poll_seconds=poll_seconds,
        )
        self.worker.prepare()
        self.containers = Containers(self.database)
        self.looks, self.happenings = Looks(self.database), Happenings(self.database)

    @property
    def durable(self) -> Any:
        """What takes deployments, under the name that it has in a house."""
        return self.worker

    def rules_on(self, connection: Any, *, revision: int | None = None) -> Rules:
        return Rules(self.bundle, self.governance)

    def clock(self) -> datetime:
        return make.NOW

    def _bench(self) -> Bench:
        return Bench(lambda _, revision: self.rules, self.engine, lambda: make.NOW)

    @property
    def rules(self) -> Rules:
        return Rules(self.bundle, self.governance)

    def accept(self, content: Mapping[str, Any]) -> None:
        """Make this descriptor an accepted version, as submitting does."""
        parts = Parts({"dp.json": json.dumps(content).encode()})
        descriptor = ingest(Submission("dp.json", parts))
        facts = Facts(event=Event.SUBMIT, now=make.NOW, mesh={}, authoritative=True)
        decision = decide(descriptor, facts=facts, bundle=self.bundle, governance=self.governance, engine=self.engine)
        assert decision.outcome == "accepted", (decision.problems, decision.policies)
        with self.database.work(Principal("sam")) as work:
            work.decisions.add(decision, {"file": "dp.json"})
            work.versions.add(descriptor, decision.id)
            work.commit()

    def ask(self, version: str = "1.0.0", environment: str = "dev", *, name: str = "orders", **more: Any) -> Requested:
        line = f"urn:dpds:org.example:dataproducts:{name}:{version.partition('.')[0]}"
        wished = {one: more.pop(one) for one in ("rollback", "consent", "plan") if one in more}
        return deploy.request(
            Wish(line, version, environment, **wished),
            **{"principal": DEPLOYER, "rules_on": self.rules_on, **more},
            database=self.database,
            durable=self.worker,
            engine=self.engine,
            environments=self.environments,
            now=make.NOW,
        )

    def retire(self, container_id: str, **more: Any) -> Requested:
        asked = {"principal": DEPLOYER, **more}
        return containers.retire(container_id, database=self.database, durable=self.worker, **asked)

    def deployment(self, deployment_id: str) -> dict[str, Any]:
        return containers.deployment(deployment_id, principal=DEPLOYER, containers=self.containers)

    def container(self, container_id: str) -> dict[str, Any]:
        sets = AccessSets(self.database)
        return containers.container(container_id, principal=DEPLOYER, containers=self.containers, sets=sets)

    def events(self, deployment_id: str) -> list[Happening]:
        """Everything that was told of a deployment."""
        found = self.happenings.after(deployment_id, 0, principal=DEPLOYER, limit=10_000)
        assert found is not None
        return list(found.events)

    def ended(self, deployment_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """The deployment once it has ended; fails when it does not."""
        return wait_for(lambda: self._over(deployment_id), f"the end of {deployment_id}", seconds=seconds)

    def _over(self, deployment_id: str) -> dict[str, Any] | None:
        found = self.deployment(deployment_id)
        return None if DeploymentState(found["state"]).running else found

    def feed(self, *kinds: str) -> list[tuple[str, str]]:
        """Kind and version of the changes of deploying, in order."""
        from catalog.changes import Changes

        told = Changes(self.database).after(principal=DEPLOYER, limit=1000)
        mine = [one for one in told if one.kind.partition(".")[0] in ("deployment", "container")]
        return [(one.kind, one.payload["version"]) for one in mine if not kinds or one.kind in kinds]

    @contextmanager
    def working(self) -> Iterator[None]:
        self.worker.start()
        try:
            yield
        finally:
            self.worker.stop()

    def close(self) -> None:
        self.worker.stop()
        self.database.close()


def wait_for(look: Callable[[], Any], what: str, *, seconds: float = 60, every: float = 0.02) -> Any:
    """What `look` sees once it sees something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(every)
    raise AssertionError(f"{what} did not come within {seconds} s")
