"""Do the adapters keep through the whole flow of deploying what they promise to the kit, and can they be swapped?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
import technologies
from deploy_stage import DEPLOYER, Stage
from technologies import Technology, described

from api.flows.standing import Requested
from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.settings import Settings
from api.wiring import House
from engine.policy.environments import Binding, Environment

NAMES = ("duckdb", "postgresql", "s3")


@pytest.fixture
def warehouse(postgresql_server: str, postgresql_url: str) -> Iterator[str]:
    """A database for what adapters make; roles outlive it, and are dropped."""
    plain = postgresql_url.replace("postgresql+psycopg", "postgresql")
    asked = "SELECT rolname FROM pg_roles"
    with psycopg.connect(plain) as connection:
        before = {one[0] for one in connection.execute(asked).fetchall()}
    yield plain
    with psycopg.connect(plain, autocommit=True) as connection:
        for (one,) in connection.execute("SELECT rolname FROM pg_roles").fetchall():
            if one not in before:
                named = psycopg.sql.Identifier(one)
                connection.execute(psycopg.sql.SQL("DROP OWNED BY {} CASCADE").format(named))
                connection.execute(psycopg.sql.SQL("DROP ROLE {}").format(named))


@pytest.fixture
def technology(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Technology:
    if request.param == "duckdb":
        return technologies.duckdb(str(tmp_path / "duck"))
    if request.param == "postgresql":
        return technologies.postgresql(request.getfixturevalue("warehouse"))
    made = technologies.s3(request.getfixturevalue("s3_server"), f"d{uuid.uuid4().hex[:8]}-")
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


def deployed(stage: Stage, version: str, *, seconds: float = 120, **more: Any) -> tuple[Requested, dict[str, Any]]:
    """What was asked for, and the outputs of the port once it is there."""
    asked = stage.ask(version, **more)
    ended = stage.ended(asked.deployment_id, seconds=seconds)
    assert (ended["state"], ended["reason"]) == ("succeeded", "")
    return asked, outputs_of(stage, asked)


def outputs_of(stage: Stage, asked: Requested) -> dict[str, Any]:
    resources = stage.container(asked.container_id)["resources"]
    return dict(next(one["outputs"] for one in resources if one["name"] == "placed"))


@pytest.mark.parametrize("technology", NAMES, indirect=True)
def test_a_port_is_made_gets_a_column_keeps_its_data_under_retain_and_loses_it_when_that_is_asked_for(
    staged: Callable[..., Stage], technology: Technology
) -> None:
    stage = staged(bindings=(technology.binding,))
    for version in ("1.0.0", "1.1.0"):
        stage.accept(described(version))
    with stage.working():
        _, outputs = deployed(stage, "1.0.0")
        technology.put(outputs, "first")
        assert technology.shown(outputs) == (["id"], [("first",)])

        asked, outputs = deployed(stage, "1.1.0")
        assert technology.shown(outputs) == (["id", "amount"], [("first", None)])
        assert stage.container(asked.container_id)["in_sync"] is True

        gone = stage.retire(asked.container_id)
        assert stage.ended(gone.deployment_id)["state"] == "succeeded"
        states = {one["name"]: one["state"] for one in stage.container(asked.container_id)["resources"]}
        assert (states["placed"], technology.kept(outputs)) == ("retained", ["first"])

        again, outputs = deployed(stage, "1.1.0")
        assert technology.shown(outputs) == (["id", "amount"], [("first", None)]), "what was retained is found again"
        gone = stage.retire(again.container_id, delete_data=True)
        assert stage.ended(gone.deployment_id)["state"] == "succeeded"
        states = {one["name"]: one["state"] for one in stage.container(again.container_id)["resources"]}
        assert (states["placed"], technology.kept(outputs)) == ("deleted", [])


AWAY: dict[str, tuple[str, dict[str, Any]]] = {
    "postgresql": ("postgresql", {"dsn": "postgresql://nobody@127.0.0.1:9/none?connect_timeout=2"}),
    "s3": ("s3", {"endpoint": "http://127.0.0.1:9"}),
}


@pytest.mark.parametrize(("adapter", "configuration"), AWAY.values(), ids=AWAY)
def test_a_server_that_is_down_is_tried_again_and_then_the_deployment_ends_and_says_why(
    staged: Callable[..., Stage], adapter: str, configuration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    stage = staged(bindings=(Binding(adapter, configuration=configuration),))
    stage.accept(described("1.0.0"))
    with stage.working():
        asked = stage.ask()
        ended = stage.ended(asked.deployment_id)
    assert ended["state"] in ("failed_dirty", "failed_clean")
    assert "TRANSIENT" in ended["reason"] or "127.0.0.1" in ended["reason"]
    store = stage.container(asked.container_id)["resources"][0]
    assert (store["error_class"], store["name"]) == ("TRANSIENT", "store")
    assert stage.container(asked.container_id)["usable"] is False


SEEN = """query($environment: String!) { containers(environment: $environment) { edges { node {
  fqn status version usable inSync reason resources { fqn kind name state reason } } } } }"""


def consumer_sees(stage: Stage, folder: Path, environment: str) -> Any:
    with House(Settings(data_dir=folder)) as house:
        house.__dict__["database"] = stage.database
        asked = Request(SEEN, {"environment": environment}, None)
        answer = orjson.loads(Answering(schema(), Limits()).answer(asked, Context(house, DEPLOYER)).content)
        house.__dict__.pop("database")
    assert "errors" not in answer, answer
    return answer["data"]


def test_swapping_the_adapter_is_a_change_of_configuration_and_consumers_see_the_same(
    staged: Callable[..., Stage], warehouse: str, tmp_path: Path
) -> None:
    made = {"dev": technologies.duckdb(str(tmp_path / "duck")), "prod": technologies.postgresql(warehouse)}
    stage = staged()
    for order, (name, technology) in enumerate(made.items(), start=1):
        stage.environments[name] = Environment(name, order, (technology.binding,))
    stage.accept(described("1.1.0"))
    told = {}
    with stage.working():
        for name, technology in made.items():
            asked, outputs = deployed(stage, "1.1.0", environment=name)
            technology.put(outputs, "first")
            adapters = {one["adapter"] for one in stage.container(asked.container_id)["resources"]}
            seen = consumer_sees(stage, tmp_path / name, name)
            told[name] = (outputs["views"], technology.shown(outputs), seen)
            assert adapters == {technology.adapter}
    assert told["dev"] == told["prod"]
    assert told["dev"][:2] == (["placed__orders"], (["id", "amount"], [("first", None)]))


def test_another_adapter_in_one_environment_makes_it_anew_and_keeps_the_old_data(
    staged: Callable[..., Stage], warehouse: str, tmp_path: Path
) -> None:
    first, second = technologies.duckdb(str(tmp_path / "duck")), technologies.postgresql(warehouse)
    stage = staged(bindings=(first.binding,))
    for version in ("1.0.0", "1.1.0"):
        stage.accept(described(version))
    with stage.working():
        _, before = deployed(stage, "1.0.0")
        first.put(before, "old")
        stage.environments["dev"] = Environment("dev", 1, (second.binding,))
        asked, after = deployed(stage, "1.1.0", consent=True)
    actions = {
        one["request"]["component"]["name"]: one for one in stage.deployment(asked.deployment_id)["plan"]["actions"]
    }
    assert (actions["placed"]["action"], actions["placed"]["replaces"]) == ("replace", "duckdb")
    assert first.kept(before) == ["old"]
    assert second.shown(after) == (["id", "amount"], [])


def test_a_transformation_is_made_by_dbt_beside_its_storage_and_its_port(
    staged: Callable[..., Stage], dbt_binary: str, tmp_path: Path
) -> None:
    import duckdb

    jobs, stores = {"directory": str(tmp_path / "jobs"), "dbt": dbt_binary}, {"directory": str(tmp_path / "duck")}
    dbt = Binding("dbt", type="batch-transformation", configuration=jobs)
    stage = staged(bindings=(dbt, Binding("duckdb", configuration=stores)))
    content = described("1.0.0")
    store = content["internalComponents"]["infrastructuralComponents"][0]
    daily = {"sql": "select 7 as orders", "columns": {"orders": ["not_null"]}}
    job = {
        "name": "daily",
        "version": "1.0.0",
        "platform": "eu:dbt",
        "applicationType": "batch-transformation",
        "dependsOn": ["urn:dpds:org.example:dataproducts:orders:1:infrastructure:store"],
        "x-dbt": {"models": {"daily": daily}},
    }
    content["internalComponents"] = {"applicationComponents": [job], "infrastructuralComponents": [store]}
    stage.accept(content)
    with stage.working():
        asked, _ = deployed(stage, "1.0.0", seconds=500)
    made = {one["name"]: one for one in stage.container(asked.container_id)["resources"]}
    assert (made["daily"]["adapter"], made["daily"]["state"]) == ("dbt", "ready")
    with duckdb.connect(made["daily"]["outputs"]["file"], read_only=True) as connection:
        assert connection.execute("SELECT * FROM made.daily").fetchall() == [(7,)]
