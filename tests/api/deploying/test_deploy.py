"""Does a request to deploy get exactly the answers of DESIGN §6, and does the container come to be?"""

from __future__ import annotations

from pathlib import Path

import pytest
from deploy_stage import Stage, document

from api.flows.standing import Standing
from engine.errors import CatalogMoved


def test_a_first_deployment_makes_the_container_with_its_resources_in_order(stage: Stage) -> None:
    stage.accept(document())
    with stage.working():
        asked = stage.ask()
        ended = stage.ended(asked.deployment_id)
    assert (ended["state"], ended["reason"]) == ("succeeded", "")
    container = stage.container(asked.container_id)
    assert {name: container[name] for name in ("status", "version", "generation", "usable", "in_sync")} == {
        "status": "active",
        "version": "1.0.0",
        "generation": 1,
        "usable": True,
        "in_sync": True,
    }
    assert [(one["name"], one["state"]) for one in container["resources"]] == [
        ("store", "ready"),
        ("fill", "ready"),
        ("placed", "ready"),
    ]
    assert all(Path(one["outputs"]["data"]).is_dir() for one in container["resources"])
    assert asked.standing is Standing.STARTED
    assert stage.feed() == [
        ("deployment.requested", "1.0.0"),
        ("deployment.succeeded", "1.0.0"),
        ("container.created", "1.0.0"),
    ]


def test_what_was_cleared_by_rules_that_hold_no_more_is_not_begun(stage: Stage) -> None:
    stage.accept(document())
    with pytest.raises(CatalogMoved, match="Other rules came into force while this was cleared"):
        stage.ask(hold=lambda rules, _: rules.bundle is not stage.bundle)
    assert stage.feed() == []
