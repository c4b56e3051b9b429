"""Which promises does an adapter make that adopts (capability `adopt`)?

What it takes over becomes its own as if it had made it; what was in it stays; and what is not there, is another's or
was asked for too late becomes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from engine.provision.checked import CheckedAdapter
from engine.provision.contract import Body
from engine.provision.kit.case import Case, Skipped, Trial, ended, listed_once, must, refused

NOBODYS = "kit-nobody-made-this"
NOT_THERE = ("CONFLICT", "INVALID")
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
        listed_once(trial, "after adopt")


def nothing_adopted(case: Case) -> None:
    """What is not there becomes nothing, and that is told by a class that nobody tries again."""
    adapter = _can(case)
    with _removed(case) as trial:
        _refused(adapter, trial, NOBODYS, "adopting what is not there", *NOT_THERE)
        must(not adapter.can("observe") or trial.observe()["state"] == "absent", "it is there after that")


def left_alone(case: Case) -> None:
    """What another resource adopted, what comes too late and what is there already are left as they are."""
    adapter, external = _adopting(case), case.foreign()
    with _removed(case) as owner, _removed(case) as other:
        other.apply(3)
        other.destroy(4)
        _refused(adapter, other, external, "adopting at a lower generation", "STALE_GENERATION")
        _keeps(case, external, None, "a refusal")
        before = _taken(adapter, owner, external)
        _refused(adapter, other, external, "adopting what is another's", *NOT_THERE, generation=5)
        second = case.foreign()
        _refused(adapter, owner, second, "adopting for a resource that is there already", *NOT_THERE)
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
    adapter: CheckedAdapter, trial: Trial, external: str, what: str, *classes: str, generation: int = 1
) -> None:
    refused(adapter, lambda: adapter.adopt(trial.request(generation), external), what, *classes)


PROMISES: Mapping[str, Callable[[Case], None]] = {
    "what it adopts is as if it had made it, data and all, also when asked again": adopted_as_made,
    "what is not there is adopted by nobody": nothing_adopted,
    "what is another's, or asked for too late, is left alone": left_alone,
}
