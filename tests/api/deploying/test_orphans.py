"""Is everything found that bears our labels and is known to nobody, and nothing else, and is it left alone?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage, document
from moody_adapter import Moody, made

from api.flows import orphans
from api.flows.abandon import abandon
from api.flows.deploying.site import WORKER
from catalog.changes import Changes
from catalog.orphans import Orphans
from engine.errors import Forbidden, NotFound
from engine.model import Principal
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs

OLGA = Principal("olga", frozenset({"operator"}))
DAY = 86400.0


class Away(LocalFs):
    """local-fs that cannot say what there is while `away`."""

    away = False

    def inventory(self, environment: str) -> dict[str, Any]:
        if self.away:
            raise ConnectionError("the storage is away")
        return super().inventory(environment)


class Silent(LocalFs):
    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "inventory": False}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "containers"


@pytest.fixture
def away(folder: Path) -> Away:
    return Away({"directory": str(folder)})


@pytest.fixture
def stage(staged: Callable[..., Stage], away: Away) -> Stage:
    stage = staged(adapters={"away": lambda config: away}, bindings=(Binding("away"),))
    stage.accept(document())
    return stage


def look(stage: Stage, environment: str = "dev", *, later: int = 0) -> Any:
    now = datetime.now(UTC) + timedelta(seconds=later)
    return orphans.looked_through(environment, principal=WORKER, site=stage.site, now=now, every=DAY)


def news(stage: Stage) -> list[list[str]]:
    every = Changes(stage.database).after(principal=DEPLOYER, limit=1000)
    return [[one["why"] for one in change.payload["orphans"]] for change in every if change.kind == "orphan.found"]


def deploy(stage: Stage) -> str:
    with stage.working():
        asked = stage.ask()
        assert stage.ended(asked.deployment_id)["state"] == "succeeded"
    return asked.container_id


def forgotten(folder: Path) -> Path:
    """A thing with labels of a resource that the catalog never made."""
    known = next(folder.glob("dev/*/placed-*"))
    copied = known.with_name("forgotten")
    shutil.copytree(known, copied)
    text = (copied / "manifest.json").read_text()
    own = text.partition('"resource_id": "')[2].partition('"')[0]
    (copied / "manifest.json").write_text(text.replace(own, "11111111-1111-4111-8111-111111111111"))
    return copied


def test_what_the_catalog_made_is_no_orphan_and_is_not_missing(stage: Stage) -> None:
    deploy(stage)
    found = look(stage)
    assert (found.orphans, found.missing, found.unknown, news(stage)) == ((), (), (), [])


def test_what_no_row_knows_is_reported_once_as_news_and_never_removed(stage: Stage, folder: Path) -> None:
    deploy(stage)
    left = forgotten(folder)
    for _ in range(2):
        (one,) = look(stage).orphans
        assert (one["adapter"], one["why"]) == ("away", "no row of the catalog knows it")
        assert one["name"].endswith("forgotten")
    assert (left / "manifest.json").is_file()
    assert news(stage) == [["no row of the catalog knows it"]]
    shutil.rmtree(left)
    assert look(stage).orphans == ()
    forgotten(folder)
    assert len(look(stage).orphans) == len(news(stage)[1]) == 1  # it came back, and that is news


def test_what_has_a_row_and_is_not_there_is_missing(stage: Stage, folder: Path) -> None:
    container = deploy(stage)
    shutil.rmtree(next(folder.glob("dev/*/placed-*")))
    (one,) = look(stage, later=1).missing
    assert (one["fqn"].rpartition(":")[2], one["container_id"], one["state"]) == ("placed", container, "ready")


def test_an_adapter_that_cannot_say_is_told_as_unknown_and_what_it_said_last_stays(
    stage: Stage, folder: Path, away: Away
) -> None:
    deploy(stage)
    forgotten(folder)
    before = look(stage)
    away.away = True
    found = look(stage, later=60)
    assert found.unknown == ({"adapter": "away", "reason": "away raised ConnectionError: the storage is away"},)
    assert (found.orphans, found.missing) == (before.orphans, ())
    assert found.orphans[0]["seen"] == before.at.isoformat()
    away.away = False
    look(stage)
    assert len(news(stage)) == 1


def test_an_adapter_without_the_capability_and_one_that_is_not_there_are_unknown(
    staged: Callable[..., Stage], folder: Path
) -> None:
    silent = Silent({"directory": str(folder)})
    stage = staged(adapters={"silent": lambda config: silent}, bindings=(Binding("silent"), Binding("gone", "x:*")))
    reasons = {one["adapter"]: one["reason"] for one in look(stage).unknown}
    assert reasons["silent"] == "silent has not the capability inventory"
    assert reasons["gone"].startswith("no adapter is called gone")


def test_what_is_retained_on_purpose_is_no_orphan(stage: Stage, folder: Path) -> None:
    container = deploy(stage)
    (next(folder.glob("dev/*/placed-*/data")) / "rows.csv").write_text("1")
    with stage.working():
        assert stage.ended(stage.retire(container).deployment_id)["state"] == "succeeded"
    assert len(list(folder.glob("dev/*/*/manifest.json"))) == 1
    assert look(stage, later=1).orphans == ()


def test_what_an_abandoned_container_left_is_an_orphan(staged: Callable[..., Stage], folder: Path) -> None:
    moody = Moody({"directory": str(folder)})
    stage = made(staged, moody)
    moody.stuck = {"placed"}
    with stage.working():
        asked = stage.ask()
        stage.ended(asked.deployment_id)
        assert stage.ended(stage.retire(asked.container_id).deployment_id)["state"] == "failed_dirty"
    assert look(stage, later=1).orphans == ()
    abandon(asked.container_id, reason="nobody can", principal=OLGA, database=stage.database)
    assert {one["why"] for one in look(stage, later=2).orphans} == {"its container was let go of (abandoned)"}


def test_on_a_schedule_one_worker_looks_through_each_environment_once(stage: Stage) -> None:
    deploy(stage)
    asked = {"principal": WORKER, "site": stage.site, "now": datetime.now(UTC), "every": DAY}
    assert [orphans.due(**asked) for _ in range(4)] == [True, True, False, False]  # type: ignore[arg-type]
    assert [one.environment for one in Orphans(stage.database).reports()] == ["dev", "prod"]


def test_only_operators_look_and_only_at_environments_that_there_are(stage: Stage) -> None:
    house: Any = SimpleNamespace(
        site=stage.site,
        orphans=Orphans(stage.database),
        settings=SimpleNamespace(orphans_hours=24),
        clock=lambda: datetime.now(UTC),
    )
    calls: Mapping[str, Callable[..., Any]] = {"last": orphans.last, "look": orphans.look}
    for call in calls.values():
        with pytest.raises(Forbidden):
            call(None, principal=DEPLOYER, house=house)
        with pytest.raises(NotFound, match="There is no environment `moon`"):
            call("moon", principal=OLGA, house=house)
    assert orphans.last(None, principal=OLGA, house=house) == []
    looked = orphans.look(None, principal=OLGA, house=house)
    assert [one["environment"] for one in looked] == ["dev", "prod"]
    assert orphans.last("prod", principal=OLGA, house=house) == looked[1:]
