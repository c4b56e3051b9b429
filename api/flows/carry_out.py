"""How is one deployment carried out, step by step, so that a crash anywhere repeats nothing in the world?

Steps: plan → apply each action in order → verify → finish; what fails leads to compensate. Every step looks before it
acts, so doing it twice does it once: the durable engine repeats only the step that a crash interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from api.flows.deploying.applying import perform
from api.flows.deploying.ending import finish, verify
from api.flows.deploying.failing import compensate, give_up
from api.flows.deploying.planning import prepare
from api.flows.deploying.site import Ended, Site, fault_of
from engine.errors import CatalogUnavailable, GovernanceError
from engine.model import Json
from engine.provision.durable import Step


def carry_out(deployment_id: str, step: Step, *, site: Site) -> None:
    """The script of the durable engine (`engine.provision.durable.Script`) once `site` is given.

    Returns normally however the deployment ends: its row says how.
    """
    fault = _to_the_end(deployment_id, step, site)
    if fault is None:
        return
    try:
        step("compensate", _answering(partial(compensate, deployment_id, fault, site=site)))
    except Exception as error:  # as below: nothing stays half done for ever
        told = {**fault, "reason": f"{fault['reason']}; then compensating failed: {fault_of(error)['reason']}"}
        step("give up", _answering(partial(give_up, deployment_id, told, site=site)))


def _to_the_end(deployment_id: str, step: Step, site: Site) -> Mapping[str, str] | None:
    """The fault that stopped the deployment on its way; None when it reached its end, now or before."""
    try:
        planned = step("plan", _answering(partial(prepare, deployment_id, site=site)))
        answer = planned
        for number, fqn in enumerate(planned.get("actions", [])):
            if not _goes_on(answer):
                break
            answer = step(f"apply {fqn}", _answering(partial(perform, deployment_id, number, site=site)))
        for name, action in (("verify", verify), ("finish", finish)):
            if _goes_on(answer):
                answer = step(name, _answering(partial(action, deployment_id, site=site)))
    except Exception as error:  # whatever it is, the deployment must not stay half done for ever
        return fault_of(error)
    fault: Mapping[str, str] | None = answer.get("fault")
    return fault


def _goes_on(answer: Mapping[str, Json]) -> bool:
    return "fault" not in answer and not answer.get("ended")


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
