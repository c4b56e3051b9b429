"""Which promises does an adapter make that adopts (capability `adopt`)?

What it takes over becomes its own as if it had made it; what was in it stays; and what is not there, is another's or
was asked for too late becomes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from engine.errors import ProvisioningFailed
from engine.provision.checked import CheckedAdapter, Pending
from engine.provision.contract import Body
from engine.provision.kit.case import Broken, Case, Skipped, Trial, ended, followed
from engine.provision.kit.promises import must

NOBODYS = "kit-nobody-made-this"
NOT_THERE = frozenset({"INVALID", "CONFLICT"})
"""What says that this will never be adopted, so that nobody asks again and again."""


def adopted_as_made(case: Case) -> None:
    """After it was adopted it is what an apply would have made, once and with its data, however often it is asked."""
    adapter, external = _adopting(case), case.foreign()
    with _removed(case) as trial:
        first = _taken(adapter, trial, external)
        must(first["state"] == "present", f"after adopt it is {first['state']}")
        must(first["generation"] == 1, f"adopt at generation 1 tells generation {first['generation']}")
        _keeps(case, external, first, "adopt")
        must(_seen(case, trial, first) == first, "a new instance sees something else than adopt told")
        must(_taken(case.adapter(), trial, external) == first, "adopting it again changes something")
        must(trial.apply(1) == first, "an apply of the same changes something: it was not adopted as it would be made")
        _keeps(case, external, first, "adopting it again, and an apply")
        _listed_once(case, trial)


def nothing_adopted(case: Case) -> None:
    """What is not there becomes nothing, and that is told by a class that nobody tries again."""
    adapter = _can(case)
    with _removed(case) as trial:
        _refused(adapter, trial, NOBODYS, NOT_THERE, "adopting what is not there")
        must(not adapter.can("observe") or trial.observe()["state"] == "absent", "it is there after that")


def left_alone(case: Case) -> None:
    """What another resource adopted, what comes too late and what is there already are left as they are."""
    adapter, external = _adopting(case), case.foreign()
    with _removed(case) as owner, _removed(case) as other:
        other.apply(3)
        other.destroy(4)
        _refused(adapter, other, external, frozenset({"STALE_GENERATION"}), "adopting at a lower generation")
        _keeps(case, external, None, "a refusal")
        before = _taken(adapter, owner, external)
        _refused(adapter, other, external, NOT_THERE, "adopting what is another's", generation=5)
        second = case.foreign()
        _refused(adapter, owner, second, NOT_THERE, "adopting for a resource that is there already")
        must(_seen(case, owner, before) == before, "after a refusal the resource is another")
        _keeps(case, external, before, "a refusal")
        _keeps(case, second, None, "a refusal")


def _can(case: Case) -> CheckedAdapter:
    adapter = case.adapter()
    if not adapter.can("adopt"):
        raise Skipped("it has not the capability adopt")
    return adapter


def _adopting(case: Case) -> CheckedAdapter:
    adapter = _can(case)
    if case.adoptable is None:
        raise Skipped("nothing says how somebody else makes what it adopts (`adoptable`)")
    return adapter


@contextmanager
def _removed(case: Case) -> Iterator[Trial]:
    """A trial that is removed at the end whatever happens."""
    trial = case.trial()
    try:
        yield trial
    finally:
        trial.destroy(9)


def _taken(adapter: CheckedAdapter, trial: Trial, external: str) -> Body:
    return ended(adapter, lambda: adapter.adopt(trial.request(), external), "adopt")


def _seen(case: Case, trial: Trial, told: Body) -> Body:
    """What a new instance sees; what was told, where it cannot observe."""
    return trial.observe() if case.adapter().can("observe") else told


def _keeps(case: Case, external: str, seen: Body | None, after: str) -> None:
    must(case.kept(external, seen), f"after {after} what was in {external} is not there any more")


def _refused(
    adapter: CheckedAdapter, trial: Trial, external: str, classes: frozenset[str], what: str, generation: int = 1
) -> None:
    try:
        told = adapter.adopt(trial.request(generation), external)
        if isinstance(told, Pending):
            followed(adapter, told)
    except ProvisioningFailed as error:
        found = error.context.get("error_class")
        must(found in classes, f"{what} is to be refused with {' or '.join(sorted(classes))}, and was with {found}")
        return
    raise Broken(f"{what} is to be refused, and was not")


def _listed_once(case: Case, trial: Trial) -> None:
    adapter = case.adapter()
    if adapter.can("inventory"):
        wanted = trial.request()["resource_id"]
        mine = [one for one in adapter.inventory(case.environment) if one["resource_id"] == wanted]
        must(len(mine) == 1, f"after adopt the inventory lists it {len(mine)} times")


PROMISES: Mapping[str, Callable[[Case], None]] = {
    "what it adopts is as if it had made it, data and all, also when asked again": adopted_as_made,
    "what is not there is adopted by nobody": nothing_adopted,
    "what is another's, or asked for too late, is left alone": left_alone,
}
