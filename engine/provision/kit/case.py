"""What is an adapter tried with, and how is it looked at?"""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ProvisioningFailed
from engine.provision.checked import CheckedAdapter, Pending
from engine.provision.contract import Body, Provisioner, failed
from engine.provision.naming import resource_id

PATIENCE = 120.0
"""Seconds for which an operation that goes on is followed."""

SECRET = "kit-secret-5f1d8c0e"  # noqa: S105 (it is looked for in what the adapter says)


GRANTS: tuple[Mapping[str, Any], ...] = (
    {"principal": "user:kit-anna", "privilege": "read"},
    {"principal": "user:kit-ben", "privilege": "read"},
)


class Broken(AssertionError):
    """The adapter breaks a promise; the message says which."""


class Skipped(Exception):
    """The promise does not concern this adapter, or cannot be tried here; the message says why."""


def must(kept: bool, otherwise: str) -> None:
    """Raises Broken with what is so otherwise."""
    if not kept:
        raise Broken(otherwise)


@dataclass(frozen=True, slots=True)
class Adoptable:
    """What somebody else makes, for an adapter to adopt: two commands.

    `made` makes another one each time, with something in it, and prints what the adapter calls it. `kept` ends with 0
    where that is still in it: on its standard input it has `{"external", "observation"}`, the observation null as long
    as nobody adopted it.
    """

    made: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """An adapter with a component that it can make.

    `made` gives a new instance each time: none of them may remember what another one did. `tamper` changes by hand
    what was made (it is run with the observation on its standard input); `changed` are the definitions of two versions.
    """

    name: str
    made: Callable[[], Provisioner]
    component: Mapping[str, Any]
    definitions: tuple[Mapping[str, Any], Mapping[str, Any]]
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: str = "kit"
    tamper: tuple[str, ...] = ()
    grants: tuple[Mapping[str, Any], ...] = GRANTS
    adoptable: Adoptable | None = None

    def adapter(self) -> CheckedAdapter:
        """A new instance, whose every body is checked."""
        return CheckedAdapter(self.name, self.made())

    def fenced(self) -> CheckedAdapter:
        """A new instance that refuses lower generations. Raises Skipped where it says that it cannot."""
        adapter = self.adapter()
        if adapter.facts["capabilities"].get("fence", True) is False:
            raise Skipped("it has not the capability fence, and says so")
        return adapter

    def foreign(self) -> str:
        """What the adapter calls something that somebody else has just made."""
        assert self.adoptable is not None
        told = subprocess.run(self.adoptable.made, check=True, capture_output=True, timeout=60)
        return told.stdout.decode().strip()

    def kept(self, external: str, seen: Mapping[str, Any] | None) -> bool:
        """Whether what was in it is still there; `seen` is the resource that it is now."""
        assert self.adoptable is not None
        asked = json.dumps({"external": external, "observation": seen}).encode()
        done = subprocess.run(self.adoptable.kept, input=asked, check=False, capture_output=True, timeout=60)
        return done.returncode == 0

    def trial(self) -> Trial:
        """A resource of its own that nobody else has."""
        name = f"{self.component.get('name', 'kit')}{uuid.uuid4().hex[:10]}"
        fqn = f"urn:dpds:org.example:dataproducts:kit:1:{self.component.get('kind', 'infrastructure')}:{name}"
        component = {"kind": "infrastructure", **self.component, "fqn": fqn, "name": name}
        return Trial(self, component, str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Trial:
    """One resource that is made, changed and removed."""

    case: Case
    component: Mapping[str, Any]
    container: str

    def request(self, generation: int = 1, *, second: bool = False, **more: Any) -> Body:
        """The request for the first or the second definition of the component."""
        container = {"product": "urn:dpds:org.example:dataproducts:kit:1", "domain": "kit", "name": "kit", "major": 1}
        return {
            "resource_id": resource_id(self.case.environment, str(self.component["fqn"])),
            "generation": generation,
            "environment": self.case.environment,
            "stage": self.case.environment,
            "container": {**container, "id": self.container, "version": "1.1.0" if second else "1.0.0"},
            "component": dict(self.component),
            "definition": {**self.case.definitions[int(second)], "name": self.component["name"]},
            "resolved": {},
            "artifacts": [],
            "config": dict(self.case.config),
            **({"secrets": dict(self.case.secrets)} if self.case.secrets else {}),
            **more,
        }

    def apply(self, generation: int = 1, *, second: bool = False, adapter: CheckedAdapter | None = None) -> Body:
        """What is seen after it was made. Raises Broken where it could not be made."""
        maker = adapter or self.case.adapter()
        request = self.request(generation, second=second)
        return ended(maker, lambda: maker.apply(request), "apply")

    def destroy(self, generation: int = 1, policy: str = "delete") -> Body:
        """What is seen after it was removed."""
        maker = self.case.adapter()
        return ended(maker, lambda: maker.destroy(self.request(generation), policy), "destroy")

    def observe(self) -> Body:
        """What a new instance sees of it."""
        return self.case.adapter().observe(self.request())

    def tampered(self) -> None:
        """Change it by hand. Raises Skipped where nobody said how."""
        if not self.case.tamper:
            raise Skipped("nothing says how it is changed by hand (`tamper`)")
        told = json.dumps(self.observe()).encode()
        subprocess.run(self.case.tamper, input=told, check=True, capture_output=True, timeout=60)


def ended(maker: CheckedAdapter, call: Callable[[], Body | Pending], what: str) -> Body:
    """What is seen once the call, and the operation that it may begin, has ended well. Raises Broken otherwise."""
    try:
        told = call()
        return told if isinstance(told, dict) else followed(maker, told)
    except ProvisioningFailed as error:
        raise Broken(f"{what} fails with {error.context.get('error_class')}: {error.detail}") from error


def refused(maker: CheckedAdapter, call: Callable[[], Body | Pending], what: str, *classes: str) -> None:
    """Raises Broken unless the call fails with one of these classes."""
    wanted = " or ".join(classes)
    try:
        told = call()
        if isinstance(told, Pending):
            followed(maker, told)
    except ProvisioningFailed as error:
        found = error.context.get("error_class")
        if found not in classes:
            raise Broken(f"{what} is to be refused with {wanted}, and was with {found}: {error.detail}") from error
        return
    raise Broken(f"{what} is to be refused, and was not: it has to fail with {wanted}")


def followed(maker: CheckedAdapter, pending: Pending) -> Body:
    """What is seen once an operation has ended; raises ProvisioningFailed where it failed."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        told = maker.poll(pending.operation)
        if told["state"] == "succeeded":
            seen: Body | None = told.get("observation")
            if seen is None:
                raise Broken("an operation that succeeded tells no observation")
            return seen
        if told["state"] in ("failed", "cancelled"):
            error = told.get("error") or {"class": "INTERNAL", "message": told["state"]}
            raise failed(error["class"], error["message"])
        time.sleep(min(1.0, float(told.get("retry_after", pending.retry_after or 0.1))))
    raise Broken(f"the operation {pending.operation} did not end within {PATIENCE:g} s")


def listed_once(trial: Trial, when: str) -> None:
    """Raises Broken where an adapter that has an inventory lists the resource another number of times."""
    adapter = trial.case.adapter()
    if adapter.can("inventory"):
        count = len(listed(adapter, trial))
        must(count == 1, f"{when} the inventory lists it {count} times")


def listed(adapter: CheckedAdapter, trial: Trial) -> list[Body]:
    """What the inventory says of the resource of a trial."""
    wanted = trial.request()["resource_id"]
    return [one for one in adapter.inventory(trial.case.environment) if one["resource_id"] == wanted]
