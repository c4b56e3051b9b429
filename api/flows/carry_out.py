"""How is one turn of a deployment carried out, so that a crash anywhere repeats nothing in the world?

Forward: plan → build what was not built of the version → apply each action in order → verify → finish. What fails or
is cancelled turns back: plan the way back → undo each action → end. A turn that has to wait is parked as its last
step, and the next one begins again from the top: every step looks before it acts, so what was done is passed over. The
durable engine repeats only the step that a crash interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from api.flows.deploying.applying import perform
from api.flows.deploying.building import build
from api.flows.deploying.ending import finish, verify
from api.flows.deploying.places import in_environment
from api.flows.deploying.planning import prepare
from api.flows.deploying.site import Ended, Site, fault_of
from api.flows.deploying.undoing import end, give_up, turn_back
from catalog.deployments import BACK, FORWARD
from catalog.slots import park
from catalog.turns import Pause, Turn
from engine.errors import CatalogUnavailable, GovernanceError
from engine.model import Json
from engine.provision.durable import Step
from engine.provision.states import UNDOING, DeploymentState

Answer = Mapping[str, Any]


def carry_out(deployment_id: str, step: Step, *, site: Site) -> None:
    """The script of the durable engine (`engine.provision.durable.Script`) once `site` is given.

    Returns normally however the turn ends: the deployment's row says how, or its next turn is due some time.
    """
    begun = step("begin", _answering(partial(_begin, deployment_id, site=site)))
    if begun.get("ended"):
        return
    here = "wait" in begun
    answer = begun if begun["undoing"] or here else _tried(lambda: _forward(deployment_id, step, site))
    if not here and (begun["undoing"] or "fault" in answer or "cancel" in answer):
        fault = answer.get("fault")
        answer = _tried(lambda: _back(deployment_id, fault, step, site))
    if "fault" in answer:
        why = answer["fault"]["reason"]
        step("give up", _answering(partial(give_up, deployment_id, why, site=site)))
    if "wait" in answer:
        turn = Turn(**begun["turn"])
        step("park", _answering(partial(_park, deployment_id, turn, answer["wait"], site=site)))


def _begin(deployment_id: str, *, site: Site) -> dict[str, Json]:
    """Which turn this is, in which direction it goes, and whether it has to wait for a place in its environment."""
    turn = site.turns.of(deployment_id)
    with site.running(deployment_id) as (book, deployment):
        undoing = deployment["state"] in UNDOING - {DeploymentState.CANCELLING}
        full = in_environment(book, deployment, site) or {}
    return {"turn": {**asdict(turn), "seconds_left": 0.0}, "undoing": undoing, **full}


def _forward(deployment_id: str, step: Step, site: Site) -> Iterator[Answer]:
    """The answers of the steps to the end, as far as it goes."""
    planned = step("plan", _answering(partial(prepare, deployment_id, site=site)))
    yield planned
    for number, fqn in enumerate(planned.get("builds", ())):
        yield step(f"build {fqn}", _answering(partial(build, deployment_id, number, site=site)))
    for number, fqn in enumerate(planned.get("actions", ())):
        yield step(f"apply {fqn}", _answering(partial(perform, deployment_id, number, leg=FORWARD, site=site)))
    yield step("verify", _answering(partial(verify, deployment_id, site=site)))
    yield step("finish", _answering(partial(finish, deployment_id, site=site)))


def _back(deployment_id: str, fault: Mapping[str, str] | None, step: Step, site: Site) -> Iterator[Answer]:
    """The answers of the steps of the way back, as far as it goes."""
    planned = step("turn back", _answering(partial(turn_back, deployment_id, fault, site=site)))
    yield planned
    for number, fqn in enumerate(planned.get("actions", ())):
        yield step(f"undo {fqn}", _answering(partial(perform, deployment_id, number, leg=BACK, site=site)))
    yield step("end", _answering(partial(end, deployment_id, site=site)))


def _tried(steps: Callable[[], Iterator[Answer]]) -> Answer:
    """The answer after which nothing follows: a fault, a wait, an end, or the last of all."""
    last: Answer = {}
    try:
        for last in steps():
            if last.keys() & {"fault", "wait", "cancel", "ended"}:
                break
    except Exception as error:  # whatever it is, the deployment must not stay half done for ever
        return {"fault": fault_of(error)}
    return last


def _park(deployment_id: str, turn: Turn, told: Mapping[str, Json], *, site: Site) -> dict[str, Json]:
    pause = Pause(told["seconds"], told["for"], told["reason"], told.get("details", {}))
    park(site.database, deployment_id, turn, pause)
    return {}


def _answering(action: Callable[[], dict[str, Json]]) -> Callable[[], Json]:
    """The action with what it says and what went wrong both as an answer that the engine remembers.

    Other exceptions than ours pass: they mean that the step could not be done at all, and the engine tries again.
    """

    def answer() -> Json:
        try:
            return action()
        except Ended:
            return {"ended": True}
        except GovernanceError as error:
            if isinstance(error, CatalogUnavailable):
                raise
            return {"fault": fault_of(error)}

    return answer
