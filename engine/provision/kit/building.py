"""Which promise does an adapter make that builds (capability `build`)?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.provision.checked import CheckedAdapter
from engine.provision.contract import Body
from engine.provision.kit.case import Case, Skipped, ended, must
from engine.provision.tasks import BUILD


def builds_once(case: Case) -> None:
    """Two instances that are asked for one build make the same artifacts, and those of another version are others."""
    if not case.adapter().can("build"):
        raise Skipped("it has not the capability build")
    trial = case.trial()
    first = _built(case.adapter(), trial.request(stage=BUILD))
    must(bool(first.get("artifacts")), "a build tells no artifacts")
    names = [one["name"] for one in first["artifacts"]]
    must(len(set(names)) == len(names), "two artifacts of a build have one name")
    again = _built(case.adapter(), trial.request(stage=BUILD))
    must(again.get("artifacts") == first["artifacts"], "built twice, it tells other artifacts the second time")
    other = _built(case.adapter(), case.trial().request(second=True, stage=BUILD))
    digests = [{one["digest"] for one in told["artifacts"]} for told in (first, other)]
    must(digests[0] != digests[1], "another definition is built into the same artifacts")


def _built(maker: CheckedAdapter, request: Body) -> Body:
    return ended(maker, lambda: maker.apply(request), "a build")


PROMISES: Mapping[str, Callable[[Case], None]] = {"what it builds is built once, and named by its content": builds_once}
