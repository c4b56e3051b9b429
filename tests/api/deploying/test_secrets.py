"""Does a secret get from its reference to the adapter, and to no other place whatever happens?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import Stage, document
from sqlalchemy import inspect, text

from api.secret_references import resolved
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs

SECRET = "swordfish-4711"
BINDING = Binding("chatty", secrets={"password": "env:LAKE_PASSWORD"})


class Chatty(LocalFs):
    """local-fs that shows the secret in everything that it says, and may fail with it."""

    given: list[tuple[str, Any]]
    fails = ""

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        self.given.append(("apply", request.get("secrets")))
        if self.fails:
            return {"state": "failed", "error": {"class": self.fails, "message": f"login with {SECRET} failed"}}
        told = super().apply(request)
        told["observation"] = self._shown(told["observation"])
        return told

    def observe(self, ref: dict[str, Any]) -> dict[str, Any]:
        self.given.append(("observe", ref.get("secrets")))
        return self._shown(super().observe(ref))

    def destroy(self, ref: dict[str, Any], policy: str) -> dict[str, Any]:
        self.given.append(("destroy", ref.get("secrets")))
        return super().destroy(ref, policy)

    def _shown(self, seen: dict[str, Any]) -> dict[str, Any]:
        if seen["state"] == "present":
            seen["outputs"] = {**seen["outputs"], "url": f"pg://me:{SECRET}@host"}
        return seen


@pytest.fixture
def chatty(tmp_path: Path) -> Chatty:
    made = Chatty({"directory": str(tmp_path / "containers")})
    made.given = []
    return made


@pytest.fixture
def mesh(staged: Callable[..., Stage], chatty: Chatty) -> Stage:
    stage = staged(adapters={"chatty": lambda config: chatty}, bindings=(BINDING,), secrets=resolved)
    stage.accept(document())
    return stage


def everything(stage: Stage) -> str:
    """All that stands in the database, the tables of the durable engine included."""
    told = []
    with stage.database.reading() as connection:
        looks = inspect(connection)
        schemas = looks.get_schema_names() if stage.database.dialect == "postgresql" else [None]
        for schema in schemas:
            if schema in ("information_schema", "pg_catalog"):
                continue
            for name in looks.get_table_names(schema=schema):
                where = f'"{schema}"."{name}"' if schema else f'"{name}"'
                told += [str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {where}"))]
    return "\n".join(told)


def test_the_adapter_gets_the_secret_and_the_catalog_only_the_reference(
    mesh: Stage, chatty: Chatty, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LAKE_PASSWORD", SECRET)
    with mesh.working():
        ended = mesh.ended(mesh.ask().deployment_id)
        assert (ended["state"], ended["reason"]) == ("succeeded", "")
        assert ended["resources"][0]["outputs"]["url"] == "pg://me:***@host"
        assert ended["plan"]["actions"][0]["request"]["secrets"] == {"password": "env:LAKE_PASSWORD"}
        again = mesh.ask()
        assert again.standing == "live"
        mesh.ended(mesh.retire(ended["container_id"]).deployment_id)
    assert {call for call, _ in chatty.given} == {"apply", "observe", "destroy"}
    assert all(told == {"password": SECRET} for _, told in chatty.given)
    kept = everything(mesh)
    assert (SECRET in kept, "env:LAKE_PASSWORD" in kept, "carry_out" in kept) == (False, True, True)
    assert SECRET not in caplog.text


def test_what_fails_is_told_without_the_secret(
    mesh: Stage, chatty: Chatty, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LAKE_PASSWORD", SECRET)
    chatty.fails = "UNAUTHORIZED"
    with mesh.working():
        ended = mesh.ended(mesh.ask().deployment_id)
    assert (ended["state"], ended["error_class"]) == ("failed_clean", "UNAUTHORIZED")
    assert ended["reason"] == "chatty: login with *** failed"
    assert SECRET not in everything(mesh) + caplog.text


def test_a_reference_that_leads_nowhere_fails_at_once_with_its_name_and_nothing_is_asked(
    mesh: Stage, chatty: Chatty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAKE_PASSWORD", raising=False)
    with mesh.working():
        ended = mesh.ended(mesh.ask().deployment_id)
        assert (ended["state"], ended["error_class"], chatty.given) == ("failed_clean", "INVALID", [])
        assert ended["reason"] == "chatty is not asked: the secret `env:LAKE_PASSWORD` is not there"
        monkeypatch.setenv("LAKE_PASSWORD", SECRET)
        assert mesh.ended(mesh.ask().deployment_id)["state"] == "succeeded"


def test_a_secret_that_is_changed_is_the_new_one_from_the_next_call_on_and_changes_no_plan(
    mesh: Stage, chatty: Chatty, tmp_path: Path
) -> None:
    kept = tmp_path / "password"
    kept.write_text("first-secret\n")
    for name, one in list(mesh.environments.items()):
        binding = Binding("chatty", secrets={"password": f"file:{kept}"})
        mesh.environments[name] = type(one)(name, one.order, (binding,))
    with mesh.working():
        ended = mesh.ended(mesh.ask().deployment_id)
        kept.write_text("second-secret\n")
        container = mesh.container(ended["container_id"])
        mesh.ended(mesh.retire(container["id"]).deployment_id)
    assert [told["password"] for call, told in chatty.given if call == "apply"] == ["first-secret"] * 3
    assert {told["password"] for call, told in chatty.given if call == "destroy"} == {"second-secret"}


def test_an_adapter_that_is_replaced_is_told_its_own_secret_and_not_that_of_the_next_one(
    staged: Callable[..., Stage], chatty: Chatty, tmp_path: Path
) -> None:
    other = Chatty({"directory": str(tmp_path / "containers" / "other")})
    other.given = []
    made = {"chatty": lambda config: chatty, "other": lambda config: other}
    stage = staged(adapters=made, bindings=(), secrets=resolved)
    for name in ("old", "new"):
        (tmp_path / name).write_text(f"{name}-secret")

    def bound(adapter: str, secret: str) -> None:
        binding = Binding(adapter, secrets={"password": f"file:{tmp_path / secret}"})
        stage.environments["dev"] = type(stage.environments["dev"])("dev", 1, (binding,))

    with stage.working():
        for version, adapter, secret in (("1.0.0", "chatty", "old"), ("1.1.0", "other", "new")):
            bound(adapter, secret)
            stage.accept(document(version))
            assert stage.ended(stage.ask(version, consent=True).deployment_id)["state"] == "succeeded"
    assert {told["password"] for _, told in chatty.given} == {"old-secret"}
    assert {told["password"] for _, told in other.given} == {"new-secret"}
    assert "destroy" in {call for call, _ in chatty.given}
