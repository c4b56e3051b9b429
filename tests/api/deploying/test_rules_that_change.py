"""Is a deployment cleared only under the rules that hold when it begins?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, count, repeat
from typing import Any

import make
import pytest
from deploy_stage import POLICY, Stage, document
from sqlalchemy import text

from engine.errors import CatalogMoved, NotCleared
from engine.policy import governance
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
