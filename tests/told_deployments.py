"""Is everything that a store tells of its containers and deployments what the published schemas say?"""

from __future__ import annotations

import json
from collections.abc import Iterator

from deploy_stage import DEPLOYER, Stage
from published import faults

from api.flows import containers as flow
from api.flows.happened import MOST, events, told
from engine.provision.states import ContainerStatus

NEWEST = 50
"""So many of each are looked at."""


def unlike_their_schemas(stage: Stage) -> list[str]:
    """What the schemas find wrong with containers, deployments and events, as REST tells them."""
    told = ((kind, json.loads(json.dumps(document))) for kind, document in _documents(stage))
    return [f"{kind} {why}" for kind, document in told for why in faults(document, kind)]


def _documents(stage: Stage) -> Iterator[tuple[str, dict[str, object]]]:
    every = [one.value for one in ContainerStatus]
    for one in stage.containers.page(principal=DEPLOYER, statuses=every, first=NEWEST).items:
        yield "container", _named("container", stage.container(one.id))
    page = flow.deployments(principal=DEPLOYER, containers=stage.containers, limit=NEWEST)
    yield "deployments", _named("deployments", page._asdict())
    for told_of in page.deployments:
        yield "deployment", _named("deployment", stage.deployment(str(told_of["id"])))
        course = events(str(told_of["id"]), principal=DEPLOYER, happenings=stage.happenings, limit=MOST)
        happened = [told(event) for event in course.events]
        rest = {"next": course.reached, "more": course.more, "ended": course.ended}
        yield "deployment-events", {"events": happened, **rest}
        for event in happened:
            yield "deployment-event", _named("deployment-event", event)


def _named(kind: str, body: dict[str, object]) -> dict[str, object]:
    return {"schema": f"meshgate/{kind}/1", **body}
