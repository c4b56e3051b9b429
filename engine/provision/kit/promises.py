"""Which promises does an adapter make by speaking upp/1, and how is each of them tried?

Each promise is one function: it returns where the adapter keeps it, and raises Broken or Skipped. Together they
follow provisioning §2.1 to §2.6: PUT semantics, fence, idempotent removal, honest looks, full sets of access, labels.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from engine.errors import ProvisioningFailed
from engine.provision.checked import Pending
from engine.provision.contract import Body
from engine.provision.kit.case import (
    SECRET,
    Case,
    Skipped,
    Trial,
    ended,
    followed,
    listed,
    listed_once,
    must,
    refused,
)
from engine.provision.kit.killing import killed_while_applying

Promise = Callable[[Case], None]
PROMISES: dict[str, Promise] = {}

HOSTILE = ('"; DROP TABLE x; --', "../../etc", "a'b", "-rf", "ä ö\u202e", "x" * 200, "%s{0}$(id)", "select")
"""Names that people may give to components, and that must never be more than names."""


def promise(says: str) -> Callable[[Promise], Promise]:
    """Enter a promise with the sentence that it keeps."""

    def entered(one: Promise) -> Promise:
        PROMISES[says] = one
        return one

    return entered


@promise("it says what it is, and that it speaks upp/1")
def says_what_it_is(case: Case) -> None:
    adapter = case.adapter()
    must(adapter.facts == case.adapter().facts, "two instances tell different facts")
    for capability in ("adopt", "inventory"):
        told = hasattr(case.made(), capability)
        must(told or not adapter.can(capability), f"it claims the capability {capability} and has not the call")


@promise("validate and plan change nothing")
def looking_changes_nothing(case: Case) -> None:
    trial, adapter = case.trial(), case.adapter()
    before = trial.observe()
    adapter.issues(trial.request())
    adapter.plan(trial.request(), None)
    must(trial.observe() == before, f"after validate and plan it sees {trial.observe()}, before {before}")


@promise("what was never made is absent, and can be removed")
def never_made(case: Case) -> None:
    trial = case.trial()
    seen = trial.observe()
    if not case.adapter().can("observe"):
        must(seen["state"] == "unknown", f"it cannot observe, and says {seen['state']}")
        raise Skipped("it has not the capability observe")
    must(seen["state"] == "absent", f"it sees {seen['state']}")
    must(trial.destroy()["state"] == "absent", "after destroy it is not absent")


@promise("apply makes it, and a new instance sees it")
def made_and_seen(case: Case) -> None:
    with _made(case) as (trial, seen):
        _observed(case, trial, seen)


@promise("apply twice changes nothing the second time")
def applied_twice(case: Case) -> None:
    with _made(case) as (trial, first):
        second = trial.apply(1)
        must(second == first, f"the second apply tells {second}, the first {first}")
        adapter = case.adapter()
        if adapter.can("plan"):
            seen = adapter.observe(trial.request()) if adapter.can("observe") else second
            action = adapter.plan(trial.request(), seen)["action"]
            must(action in ("noop", "opaque"), f"the plan for what is there says {action}")


@promise("another definition at the next generation is seen as another thing")
def changed_definition(case: Case) -> None:
    with _made(case) as (trial, first):
        second = trial.apply(2, second=True)
        must(second["generation"] == 2, f"after generation 2 it tells generation {second['generation']}")
        must(second["fingerprint"] != first["fingerprint"], "the fingerprint does not change with the definition")


@promise("a lower generation than the one applied is stale, for every call that writes")
def stale_generation(case: Case) -> None:
    trial, adapter = case.trial(), case.fenced()
    trial.apply(3)
    try:
        old = trial.request(2, second=True)
        refused(adapter, lambda: adapter.apply(old), "apply of a lower generation", "STALE_GENERATION")
        refused(adapter, lambda: adapter.destroy(old, "delete"), "destroy of a lower generation", "STALE_GENERATION")
        if adapter.can("access"):
            given = [dict(one) for one in case.grants]
            refused(adapter, lambda: adapter.set_access(old, given), "access of a lower generation", "STALE_GENERATION")
        must(not adapter.can("observe") or trial.observe()["state"] == "present", "after that it is not there any more")
    finally:
        trial.destroy(9)


@promise("a removal that came later outlives the thing: an older apply makes nothing")
def fence_outlives(case: Case) -> None:
    trial, adapter = case.trial(), case.fenced()
    trial.apply(1)
    trial.destroy(2)
    refused(adapter, lambda: adapter.apply(trial.request(1)), "apply after a newer removal", "STALE_GENERATION")
    must(not adapter.can("observe") or trial.observe()["state"] == "absent", "it is there again")


@promise("destroy twice is destroy once, and absent is seen")
def destroyed_twice(case: Case) -> None:
    trial = case.trial()
    trial.apply(1)
    for _ in range(2):
        seen = trial.destroy(2)
        must(seen["state"] == "absent", f"after destroy it tells {seen['state']}")
    must(not case.adapter().can("observe") or trial.observe()["state"] == "absent", "it is still seen")


@promise("retain keeps data, or says that there is none")
def retained(case: Case) -> None:
    trial = case.trial()
    trial.apply(1)
    try:
        seen = trial.destroy(2, "retain")
        kept = seen["state"] == "present" and seen.get("retained") is True
        must(kept or seen["state"] == "absent", f"after destroy with retain it tells {seen}")
        again = trial.apply(3)
        must(again["state"] == "present" and not again.get("retained"), "it cannot be made again after that")
    finally:
        trial.destroy(9)


@promise("what was changed by hand is seen as drift, and apply mends it")
def drift(case: Case) -> None:
    if not case.adapter().can("observe"):
        raise Skipped("it has not the capability observe")
    with _made(case) as (trial, first):
        trial.tampered()
        seen = trial.observe()
        must(seen != first, "nothing of the change by hand is seen")
        mended = trial.apply(1)
        must(mended["fingerprint"] == first["fingerprint"], "after apply it is still not what was made")


@promise("killed at any moment of an apply, the next apply makes it once")
def killed(case: Case) -> None:
    for moment in killed_while_applying(case):
        trial = moment.trial
        try:
            seen = trial.apply(1)
            must(seen["state"] == "present", f"after a kill at {moment.after:g} s it is {seen['state']}")
            must(trial.apply(1) == seen, f"after a kill at {moment.after:g} s a second apply changes something")
            listed_once(trial, f"after a kill at {moment.after:g} s")
        finally:
            trial.destroy(9)


@promise("eight applies at once make it once")
def at_once(case: Case) -> None:
    trial = case.trial()
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: _tried(case, trial), range(8)))
    try:
        must(None in tries, f"none of eight succeeded: {sorted({one for one in tries if one})}")
        must(set(tries) <= {None, "CONFLICT", "TRANSIENT"}, f"some end with {sorted({one for one in tries if one})}")
        trial.apply(1)
        listed_once(trial, "after eight applies at once")
    finally:
        trial.destroy(9)


@promise("access is the full set that was asked for: it grows, shrinks and ends")
def access(case: Case) -> None:
    adapter = case.adapter()
    grants = [dict(one) for one in case.grants]
    if not adapter.can("access"):
        with _made(case) as (trial, _):
            refused(adapter, lambda: adapter.set_access(trial.request(), grants), "access", "UNSUPPORTED")
        raise Skipped("it has not the capability access, and says so")
    with _made(case) as (trial, _):
        told = []
        for wanted in (grants, grants, grants[:1], []):
            told.append(ended(adapter, lambda w=wanted: adapter.set_access(trial.request(), w), "set_access"))  # type: ignore[misc]
        must(told[0] == told[1], "the same set twice changes something")
        must(len({one["fingerprint"] for one in (told[1], told[2], told[3])}) == 3, "a smaller set looks like a larger")
        must(not adapter.can("observe") or trial.observe() == told[3], "a new instance sees another access")


@promise("nothing that it makes is without labels")
def labelled(case: Case) -> None:
    adapter = case.adapter()
    if not adapter.can("inventory"):
        raise Skipped("it has not the capability inventory")
    with _made(case) as (trial, _):
        mine = listed(adapter, trial)
        must(len(mine) == 1, f"the inventory lists it {len(mine)} times")
        must(mine[0].get("container_id", trial.container) == trial.container, "its label names another container")
    must(not listed(adapter, trial), "the inventory lists it after it was removed")


@promise("no secret is in anything that it says")
def discreet(case: Case) -> None:
    trial, adapter = case.trial(), case.adapter()
    request = {**trial.request(), "secrets": {**case.secrets, "kit": SECRET}}
    said: list[object] = [adapter.facts, adapter.issues(request), adapter.plan(request, None)]
    try:
        said.append(ended(adapter, lambda: adapter.apply(request), "apply"))
        said += [adapter.observe(request), adapter.can("inventory") and adapter.inventory(case.environment)]
        broken = {**request, "definition": {"name": 7, "columns": "none"}, "generation": 2}
        try:
            said.append(adapter.apply(broken))
        except ProvisioningFailed as error:
            said.append(error.detail)
        told = json.dumps(said, default=str)
        for secret in (SECRET, *case.secrets.values()):
            must(secret not in told, "a secret of the request stands in an answer")
    finally:
        trial.destroy(9)


@promise("a hostile name is only a name")
def hostile_names(case: Case) -> None:
    for name in HOSTILE:
        base = case.trial()
        trial = Trial(case, {**base.component, "name": name, "fqn": f"{base.component['fqn']}:{name}"}, base.container)
        adapter = case.adapter()
        try:
            told = adapter.apply(trial.request())
            seen = followed(adapter, told) if isinstance(told, Pending) else told
        except ProvisioningFailed as error:
            found = error.context.get("error_class")
            must(found == "INVALID", f"the name {name!r} is neither made nor refused as INVALID: {error.detail}")
            continue
        must(seen["state"] == "present", f"the name {name!r} is not made")
        must(trial.destroy(2)["state"] == "absent", f"what the name {name!r} made is not removed")


@promise("an operation that nobody began is told apart from one that fails")
def unknown_operation(case: Case) -> None:
    adapter = case.adapter()
    for ask in (adapter.poll, adapter.cancel):
        try:
            told = ask("kit-no-such-operation")
        except ProvisioningFailed:
            continue
        must(told["state"] in ("failed", "cancelled"), f"an operation that nobody began is {told['state']}")


class _made:
    """A trial that was made, and is removed at the end whatever happens."""

    def __init__(self, case: Case) -> None:
        self._trial = case.trial()

    def __enter__(self) -> tuple[Trial, Body]:
        return self._trial, self._trial.apply(1)

    def __exit__(self, *_: object) -> None:
        self._trial.destroy(9)


def _observed(case: Case, trial: Trial, told: Body) -> None:
    must(told["state"] == "present", f"apply tells {told['state']}")
    must(told["generation"] == 1, f"apply of generation 1 tells generation {told['generation']}")
    if case.adapter().can("observe"):
        must(trial.observe() == told, f"a new instance sees {trial.observe()}, apply told {told}")


def _tried(case: Case, trial: Trial) -> str | None:
    """The class of the error of one apply among others; None where it succeeded."""
    adapter = case.adapter()
    try:
        told = adapter.apply(trial.request())
        if isinstance(told, Pending):
            ended(adapter, lambda: told, "apply")
    except ProvisioningFailed as error:
        return str(error.context.get("error_class"))
    return None
