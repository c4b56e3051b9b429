"""Is every body checked on its way to and from an adapter, and every adapter found or honestly missing?"""

from __future__ import annotations

import ast
import threading
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine import extensions
from engine.errors import PlanInvalid, ProvisioningFailed
from engine.provision import registry
from engine.provision.adapters import local_fs
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.checked import CheckedAdapter, Pending
from engine.provision.contract import failed, faults, schema
from engine.provision.naming import resource_id
from engine.provision.registry import BUILT_IN, Registry
from engine.provision.states import LIVE, RUNNING, ContainerStatus, DeploymentState

REF: dict[str, Any] = {
    "resource_id": resource_id("dev", "store"),
    "generation": 1,
    "environment": "dev",
    "container": {
        "id": resource_id("dev", "c"),
        "product": "p",
        "domain": "d",
        "name": "n",
        "major": 1,
        "version": "1",
    },
    "component": {"fqn": "store", "kind": "infrastructure", "name": "store"},
}
REQUEST = {**REF, "definition": {}, "resolved": {}, "config": {}}
PRESENT = {"state": "present", "generation": 1, "fingerprint": "f", "outputs": {}}


class Telling(LocalFs):
    """Says what the test wants it to say."""

    def __init__(self, answer: Any) -> None:
        super().__init__({"directory": "/nowhere"})
        self.answer = answer

    def _tell(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def apply(self, request: Mapping[str, Any]) -> Any:
        return self._tell()

    def observe(self, ref: Mapping[str, Any]) -> Any:
        return self._tell()

    def validate(self, request: Mapping[str, Any]) -> Any:
        return self._tell()


def refusal(answer: Any, request: dict[str, Any] = REQUEST) -> tuple[str, str]:
    with pytest.raises(ProvisioningFailed) as error:
        CheckedAdapter("telling", Telling(answer)).apply(request)
    return error.value.context["error_class"], error.value.detail


def test_the_published_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert set(schema()["$defs"]) >= {"AdapterInfo", "ResourceRequest", "Outcome", "Observation", "Grants", "Operation"}


def test_local_fs_imports_nothing_of_ours_but_its_neighbours() -> None:
    waiting, neighbours = [Path(local_fs.__file__)], "engine.provision.adapters."
    while waiting:
        tree = ast.parse(waiting.pop().read_text())
        imported = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        ours = {name for name in imported if name.partition(".")[0] in ("engine", "catalog", "api")}
        assert {name for name in ours if not name.startswith(f"{neighbours}local_")} == set()
        waiting += [Path(local_fs.__file__).parent / f"{name.removeprefix(neighbours)}.py" for name in ours]


@pytest.mark.parametrize(
    ("answer", "error_class"),
    [
        (None, "INTERNAL"),
        ({}, "INTERNAL"),
        ({"state": "done"}, "INTERNAL"),
        ({"state": "done", "changed": True, "observation": {"state": "present"}}, "INTERNAL"),
        ({"state": "failed", "error": {"class": "OOPS", "message": "m"}}, "INTERNAL"),
        ({"state": "failed", "error": {"class": "QUOTA", "message": "m"}}, "QUOTA"),
        ({"state": "pending", "operation": ""}, "INTERNAL"),
        (OSError("gone"), "UNKNOWN_OUTCOME"),
    ],
)
def test_an_answer_is_success_only_in_the_agreed_form(answer: Any, error_class: str) -> None:
    told, detail = refusal(answer)
    assert told == error_class
    assert "telling" in detail


def test_a_request_that_we_made_wrong_never_reaches_an_adapter() -> None:
    told, detail = refusal(OSError("reached"), {**REQUEST, "resource_id": "../escape"})
    assert told == "INTERNAL"
    assert detail.startswith("meshgate does not keep to upp/1 ResourceRequest: /resource_id")


def test_a_good_answer_gives_the_observation() -> None:
    done = {"state": "done", "changed": True, "observation": PRESENT}
    assert CheckedAdapter("telling", Telling(done)).apply(REQUEST) == PRESENT


def test_what_goes_on_is_told_with_its_operation_and_when_to_ask_again() -> None:
    for retry_after in (None, 1.5):
        told = {"retry_after": retry_after} if retry_after else {}
        answer = {"state": "pending", "operation": "o1", **told}
        assert CheckedAdapter("telling", Telling(answer)).apply(REQUEST) == Pending("o1", retry_after)


def test_a_call_that_does_not_come_back_ends_with_its_time_and_nobody_knows_what_it_did() -> None:
    class Hanging(LocalFs):
        def info(self) -> dict[str, Any]:
            return {**super().info(), "limits": {"max_seconds": 1}}

        def apply(self, request: dict[str, Any]) -> Any:
            hung.wait(60)

    hung = threading.Event()
    adapter = CheckedAdapter("hanging", Hanging({"directory": "/nowhere"}))
    adapter.seconds = 0.05
    with pytest.raises(ProvisioningFailed, match=r"hanging did not answer within 0\.05 s") as error:
        adapter.apply(REQUEST)
    hung.set()
    assert error.value.context["error_class"] == "TIMEOUT"


def test_what_an_adapter_cannot_do_is_not_asked_of_it() -> None:
    adapter = CheckedAdapter("telling", Telling(OSError("reached")))
    adapter.facts["capabilities"]["adopt"] = False
    with pytest.raises(ProvisioningFailed) as error:
        adapter.adopt(REQUEST, "x")
    assert error.value.context["error_class"] == "UNSUPPORTED"


@pytest.mark.parametrize("answer", [OSError("gone"), {"state": "present"}, 7])
def test_what_could_not_be_observed_is_unknown_never_absent(answer: Any) -> None:
    seen = CheckedAdapter("telling", Telling(answer)).observe(REF)
    assert (seen["state"], "telling" in seen["reason"]) == ("unknown", True)


def test_issues_are_handed_on() -> None:
    issue = {"severity": "error", "message": "too small", "path": "/config/size"}
    assert CheckedAdapter("telling", Telling({"issues": [issue]})).issues(REQUEST) == [issue]


@pytest.mark.parametrize(
    ("body", "value", "places"),
    [
        ("Grants", [{"principal": "jo", "privilege": "read"}], 1),
        ("Grants", [{"principal": "user:jo", "privilege": "read"}], 0),
        ("DeletionPolicy", "shred", 1),
        ("Operation", {"state": "running", "percent": 101}, 1),
        ("Operation", {"state": "succeeded", "observation": PRESENT}, 0),
    ],
)
def test_faults_name_what_is_wrong(body: str, value: Any, places: int) -> None:
    assert len(faults(body, value)) == places


# --- the registry -----------------------------------------------------------------------------------------------------


def test_installed_adapters_are_found_by_their_entry_point_and_ours_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        EntryPoint("mine", "engine.provision.adapters.local_fs:LocalFs", registry.GROUP),
        EntryPoint("broken", "no.such.module:Thing", registry.GROUP),
        EntryPoint("local-fs", "no.such.module:Thing", registry.GROUP),
    ]
    monkeypatch.setattr(extensions, "entry_points", lambda group: found if group == registry.GROUP else [])
    installed = Registry.installed(defaults={"local-fs": {"directory": "/d"}, "mine": {"directory": "/d"}})
    assert installed.names == sorted({*BUILT_IN, "broken", "mine"})
    report = {row["name"]: row for row in installed.report()}
    assert [name for name in ("broken", "local-fs", "mine") if report[name]["info"] is not None] == ["local-fs", "mine"]
    assert "No module named" in report["broken"]["reason"]
    with pytest.raises(PlanInvalid, match="the adapter broken cannot be used: ModuleNotFoundError"):
        installed.adapter("broken", {})


def test_an_unknown_adapter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PlanInvalid, match=f"no adapter is called s4; there are {', '.join(sorted(BUILT_IN))}"):
        Registry(BUILT_IN).adapter("s4", {})


def test_an_adapter_of_another_contract_is_refused() -> None:
    class Future(LocalFs):
        def info(self) -> dict[str, Any]:
            return {**super().info(), "contract": "upp/2"}

    with pytest.raises(PlanInvalid, match="does not keep to upp/1 AdapterInfo: /contract"):
        Registry({"future": lambda: Future}).adapter("future", {"directory": "/d"})


def test_a_binding_overrides_the_defaults() -> None:
    one = Registry(BUILT_IN, defaults={"local-fs": {"directory": "/default"}})
    adapter: Any = one.adapter("local-fs", {"directory": "/bound"})
    assert str(adapter._adapter.directory) == "/bound"


def test_an_error_bears_its_class() -> None:
    assert failed("QUOTA", "full").context == {"error_class": "QUOTA"}


# --- the states -------------------------------------------------------------------------------------------------------


def test_the_database_counts_exactly_the_states_that_hold_a_slot() -> None:
    from catalog.tables.deployment import LIVE_CONTAINER, RUNNING_DEPLOYMENT

    def counted(condition: str) -> set[str]:
        return set(ast.literal_eval(condition.partition(" IN ")[2]))

    assert counted(LIVE_CONTAINER) == {one.value for one in LIVE} == {s.value for s in ContainerStatus if s.live}
    assert (
        counted(RUNNING_DEPLOYMENT) == {one.value for one in RUNNING} == {s.value for s in DeploymentState if s.running}
    )
