"""Is a deployment cleared only on what still holds when it begins: rules, neighbours and the version before it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import chain, count, repeat
from typing import Any

import make
import pytest
from deploy_stage import POLICY, Stage, document
from sqlalchemy import text

from api.flows.deploy import ATTEMPTS
from engine.errors import CatalogMoved, NotCleared
from engine.policy import governance
from engine.policy.in_memory import InMemoryEngine
from engine.policy.rules import Rules
from engine.policy.waivers import Waiver

LINE = "urn:dpds:org.example:dataproducts:orders:1"


def rules(stage: Stage, *waivers: str) -> Rules:
    """The rules of the stage with these waivers, each of which excuses everything in orders."""
    told: dict[str, Any] = {"policy": POLICY, "product": LINE, "reason": "x", "requested_by": "a", "approved_by": "b"}
    span = {"begins": make.NOW - timedelta(1), "ends": make.NOW + timedelta(1)}
    return Rules(stage.bundle, governance.of(waivers=[Waiver(id=one, **told, **span) for one in waivers]))


def deployments(stage: Stage) -> int:
    with stage.database.reading() as connection:
        return int(connection.execute(text("SELECT count(*) FROM deployment")).scalar_one())


def ask(stage: Stage, found: Iterator[Rules]) -> Any:
    return stage.ask(environment="prod", rules_on=lambda _, revision: next(found))


def test_a_waiver_that_still_holds_clears(stage: Stage) -> None:
    stage.accept(document())
    assert ask(stage, repeat(rules(stage, "W-1"))).deployment_id
    assert deployments(stage) == 1


def test_a_waiver_revoked_while_it_is_decided_clears_nothing(stage: Stage) -> None:
    stage.accept(document())
    with pytest.raises(NotCleared):
        ask(stage, chain([rules(stage, "W-1")], repeat(rules(stage))))
    assert deployments(stage) == 0


def test_rules_that_never_rest_are_an_error_and_begin_nothing(stage: Stage) -> None:
    stage.accept(document())
    with pytest.raises(CatalogMoved):
        ask(stage, (rules(stage, f"W-{number}") for number in count()))
    assert deployments(stage) == 0


def reading(number: int = 1) -> dict[str, Any]:
    """Another product, which reads from the port of orders."""
    port = {"name": "in", "version": "1.0.0", "dependsOn": f"{LINE}:outputports:placed"}
    faces = {"inputPorts": [port], "outputPorts": document()["interfaceComponents"]["outputPorts"]}
    return document(name=f"reader{number}", interfaceComponents=faces)


def watched(stage: Stage, says: Callable[[Mapping[str, Any]], bool], meanwhile: Callable[[int], None]) -> list[Any]:
    """Let the policy find fault where `says` does, and something happen in the catalog each time it was asked."""
    contexts: list[Any] = []

    def rule(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
        if shown["_context"]["event"] != "deploy":
            return []
        contexts.append(shown["_context"])
        found = [{"code": "no", "msg": "no", "path": ["info"]}] if says(shown["_context"]) else []
        meanwhile(len(contexts))
        return found

    stage.engine = InMemoryEngine({POLICY: rule})
    return contexts


def read_from(context: Mapping[str, Any]) -> bool:
    return bool(context["mesh"]["consumers"])


def test_a_neighbour_that_came_while_it_was_decided_is_looked_at_before_anything_begins(stage: Stage) -> None:
    stage.accept(document())
    contexts = watched(stage, read_from, lambda number: stage.accept(reading()) if number == 1 else None)
    with pytest.raises(NotCleared):
        stage.ask()
    assert [len(one["mesh"]["consumers"]) for one in contexts] == [0, 1]
    assert deployments(stage) == 0


def test_a_version_before_it_that_came_while_it_was_decided_is_looked_at_too(stage: Stage) -> None:
    stage.accept(document("1.1.0"))
    patch = document("1.0.0", interfaceComponents=reading()["interfaceComponents"])
    contexts = watched(
        stage, lambda context: context["previous"] is not None, lambda n: stage.accept(patch) if n == 1 else None
    )
    with pytest.raises(NotCleared):
        stage.ask("1.1.0")
    assert [one["previous"] and one["previous"]["info"]["version"] for one in contexts] == [None, "1.0.0"]
    assert deployments(stage) == 0


def test_what_happens_elsewhere_in_the_mesh_costs_no_second_decision(stage: Stage) -> None:
    stage.accept(document())
    contexts = watched(stage, read_from, lambda _: stage.accept(document(name="letters")))
    assert stage.ask().deployment_id
    assert (len(contexts), deployments(stage)) == (1, 1)


def test_neighbours_that_never_rest_are_an_error_and_begin_nothing(stage: Stage) -> None:
    stage.accept(document())
    contexts = watched(stage, lambda _: False, lambda number: stage.accept(reading(number)))
    with pytest.raises(CatalogMoved):
        stage.ask()
    assert (len(contexts), deployments(stage)) == (ATTEMPTS, 0)
