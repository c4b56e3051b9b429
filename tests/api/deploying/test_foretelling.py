"""Is what an adapter says that it would take away asked about before it is taken away, on either store?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import SWIFT, Stage, wait_for
from inline_durable import inline, work
from moody_adapter import Moody, made

from engine.provision.pace import Pace
from engine.provision.states import DeploymentState


class Frank(Moody):
    """Says of updates of `fill` what it is told to say, and keeps what it was asked with."""

    def __init__(self, config: Any, says: dict[str, Any]) -> None:
        super().__init__(config)
        self.says, self.heard = says, list[tuple[dict[str, Any], Any]]()

    def plan(self, request: dict[str, Any], seen: Any) -> dict[str, Any]:
        self.heard.append((request, seen))
        if "raises" in self.says:
            raise self.says["raises"]
        return {"action": "update", "destructive": False, "reason": "another column", **self.says}


Staged = Callable[..., Stage]


def _updated(staged: Staged, tmp_path: Path, *, pace: Pace = SWIFT, **says: Any) -> tuple[Stage, Frank, str]:
    """A stage where 1.0.0 is live and 1.1.0, which changes `fill`, was asked for."""
    frank = Frank({"directory": str(tmp_path / "made")}, says)
    stage = made(staged, frank, pace=pace)
    inline(stage)
    assert stage.ask("1.0.0").deployment_id
    work(stage)
    assert frank.heard == []  # what is made where nothing is takes nothing away
    frank.calls.clear()
    asked = stage.ask("1.1.0")
    work(stage)
    return stage, frank, asked.deployment_id


@pytest.mark.parametrize("says", [{"destructive": True}, {"action": "replace"}, {"action": "delete"}], ids=str)
def test_an_update_that_takes_something_away_waits_for_consent(
    staged: Staged, tmp_path: Path, says: dict[str, Any]
) -> None:
    stage, frank, waits = _updated(staged, tmp_path, **says)
    found = stage.deployment(waits)
    assert (found["state"], found["asks"]) == ("awaiting_approval", "consent")
    assert "update urn:dpds:org.example:dataproducts:orders:1:applications:fill" in found["reason"]
    assert frank.calls == []  # and nothing was touched
    told = next(one for one in found["plan"]["actions"] if one["destructive"])
    assert told["reason"].endswith("(moody: another column)")


def test_with_consent_it_is_carried_out(staged: Staged, tmp_path: Path) -> None:
    frank = Frank({"directory": str(tmp_path / "made")}, {"destructive": True})
    stage = made(staged, frank)
    inline(stage)
    for version in ("1.0.0", "1.1.0"):
        asked = stage.ask(version, consent=True)
        work(stage)
        assert stage.deployment(asked.deployment_id)["state"] == "succeeded"


def test_an_update_that_only_changes_waits_for_nobody(staged: Staged, tmp_path: Path) -> None:
    stage, frank, ends = _updated(staged, tmp_path)
    assert stage.deployment(ends)["state"] == "succeeded"
    request, seen = frank.heard[0]
    assert request["component"]["name"] == "fill"
    assert [name.rpartition(":")[2] for name in request["resolved"]] == ["store"]
    assert seen["state"] == "present"


def test_an_adapter_that_answers_later_is_asked_again(staged: Staged, tmp_path: Path) -> None:
    stage, frank, waits = _updated(staged, tmp_path, pace=Pace(first=4.0), raises=ConnectionError("no way there"))
    found = stage.deployment(waits)
    assert found["state"] == "planning"
    assert "no way there" in found["waiting"]["reason"]
    assert frank.calls == []
    del frank.says["raises"]
    wait_for(lambda: work(stage) and not DeploymentState(stage.deployment(waits)["state"]).running, "its end")
    assert stage.deployment(waits)["state"] == "succeeded"


def test_where_the_adapter_never_says_nothing_is_done(staged: Staged, tmp_path: Path) -> None:
    stage, frank, ends = _updated(staged, tmp_path, raises=ConnectionError("no way there"))
    wait_for(lambda: work(stage) and not DeploymentState(stage.deployment(ends)["state"]).running, "its end")
    found = stage.deployment(ends)
    assert (found["state"], found["error_class"]) == ("failed_clean", "UNKNOWN_OUTCOME")
    assert "no way there" in found["reason"]
    assert frank.calls == []
    container = stage.container(found["container_id"])
    assert (container["version"], container["status"]) == ("1.0.0", "active")
