"""Does `local-fs` keep to upp/1, and to its directory, whatever it is asked?"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ProvisioningFailed
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.checked import CheckedAdapter
from engine.provision.naming import resource_id

HOSTILE = [
    "../../escape",
    "..",
    ".",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "",
    " ",
    "NUL\0",
    "\ud800",
    "ä" * 300,
    "-rf",
    "~",
    "%2e%2e",
]


def request(generation: int = 1, **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "resource_id": resource_id("dev", "store"),
        "generation": generation,
        "environment": "dev",
        "container": {
            "id": "00000000-0000-4000-8000-000000000001",
            "product": "urn:dpds:org.example:dataproducts:orders:1",
            "domain": "sales",
            "name": "orders",
            "major": 1,
            "version": "1.0.0",
        },
        "component": {"fqn": "store", "kind": "infrastructure", "name": "store"},
        "definition": {"name": "store", "size": 1},
        "resolved": {},
        "config": {},
    }
    return {**told, **changes}


@pytest.fixture
def adapter(tmp_path: Path) -> CheckedAdapter:
    return CheckedAdapter("local-fs", LocalFs({"directory": str(tmp_path / "made")}))


class Killed(BaseException):
    """What ends a worker in the middle of a write."""


def killed(*_: object) -> None:
    raise Killed


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if ".generations" not in path.parts}


def test_apply_makes_a_labelled_tree_and_tells_where(adapter: CheckedAdapter, tmp_path: Path) -> None:
    seen = adapter.apply(request())
    place = Path(seen["outputs"]["directory"])
    assert seen == {
        "state": "present",
        "generation": 1,
        "fingerprint": seen["fingerprint"],
        "outputs": {"directory": str(place), "data": str(place / "data")},
        "retained": False,
    }
    assert files(place) == {"data", "component.json", "manifest.json"}
    labels = json.loads((place / "manifest.json").read_text())
    assert {name: labels[name] for name in ("managed-by", "resource_id", "container_id", "generation")} == {
        "managed-by": "meshgate",
        "resource_id": request()["resource_id"],
        "container_id": request()["container"]["id"],
        "generation": 1,
    }


def test_applying_twice_changes_nothing_and_keeps_the_data(adapter: CheckedAdapter) -> None:
    first = adapter.apply(request())
    (Path(first["outputs"]["data"]) / "rows.csv").write_text("1")
    assert adapter.apply(request()) == first
    assert (Path(first["outputs"]["data"]) / "rows.csv").read_text() == "1"


def test_a_higher_generation_updates_in_place(adapter: CheckedAdapter) -> None:
    first, second = adapter.apply(request()), adapter.apply(request(2, definition={"name": "store", "size": 2}))
    assert (second["generation"], second["outputs"]) == (2, first["outputs"])
    told = json.loads((Path(second["outputs"]["directory"]) / "component.json").read_text())
    assert told["definition"] == {"name": "store", "size": 2}


def test_a_product_that_moves_to_another_domain_keeps_its_place_and_its_data(adapter: CheckedAdapter) -> None:
    first = adapter.apply(request())
    (Path(first["outputs"]["data"]) / "rows.csv").write_text("1")
    moved = adapter.apply(request(2, container={**request()["container"], "domain": "finance"}))
    assert moved["outputs"] == first["outputs"]
    assert (Path(moved["outputs"]["data"]) / "rows.csv").read_text() == "1"


@pytest.mark.parametrize("late", ["apply", "destroy", "apply after destroy"])
def test_a_stale_generation_is_refused_even_after_the_resource_is_gone(adapter: CheckedAdapter, late: str) -> None:
    before = adapter.apply(request(3))
    if late == "apply after destroy":
        before = adapter.destroy(request(4), "delete")
    with pytest.raises(ProvisioningFailed) as refused:
        adapter.destroy(request(2), "delete") if late == "destroy" else adapter.apply(request(2))
    assert refused.value.context == {"error_class": "STALE_GENERATION"}
    assert adapter.observe(request()) == before


def test_destroying_twice_is_success_and_leaves_nothing(adapter: CheckedAdapter, tmp_path: Path) -> None:
    place = Path(adapter.apply(request())["outputs"]["directory"])
    (place / "data" / "rows.csv").write_text("1")
    assert [adapter.destroy(request(), "delete") for _ in range(2)] == [{"state": "absent"}, {"state": "absent"}]
    assert not place.exists()


def test_retained_data_outlives_the_resource_and_is_taken_up_again(adapter: CheckedAdapter) -> None:
    data = Path(adapter.apply(request())["outputs"]["data"])
    (data / "rows.csv").write_text("1")
    assert adapter.destroy(request(), "retain")["retained"] is True
    again = adapter.apply(request(2))
    assert (again["retained"], (data / "rows.csv").read_text()) == (False, "1")


def test_retaining_what_holds_no_data_leaves_nothing(adapter: CheckedAdapter) -> None:
    adapter.apply(request())
    assert adapter.destroy(request(), "retain") == {"state": "absent"}


@pytest.mark.parametrize("change", ["component.json", "manifest.json", "data"])
def test_a_change_by_hand_shows_as_another_fingerprint(adapter: CheckedAdapter, change: str) -> None:
    made = adapter.apply(request())
    touched = Path(made["outputs"]["directory"]) / change
    touched.rmdir() if change == "data" else touched.write_text("{}")
    seen = adapter.observe(request())
    assert (seen["state"], seen["fingerprint"] == made["fingerprint"]) == ("present", False)


def test_new_data_is_no_drift(adapter: CheckedAdapter) -> None:
    made = adapter.apply(request())
    (Path(made["outputs"]["data"]) / "rows.csv").write_text("1")
    assert adapter.observe(request()) == made


def test_an_apply_that_was_killed_before_its_manifest_reads_as_absent_and_heals(adapter: CheckedAdapter) -> None:
    made = adapter.apply(request())
    (Path(made["outputs"]["directory"]) / "manifest.json").unlink()
    assert adapter.observe(request()) == {"state": "absent"}
    assert adapter.apply(request()) == made


def test_the_place_of_another_resource_is_not_taken(adapter: CheckedAdapter) -> None:
    made = adapter.apply(request())
    manifest = Path(made["outputs"]["directory"]) / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "resource_id": resource_id("dev", "other")}))
    with pytest.raises(ProvisioningFailed, match="belongs to the resource"):
        adapter.apply(request(2))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("where", ["environment", "product", "domain", "component"])
def test_hostile_names_stay_inside_the_directory(
    adapter: CheckedAdapter, tmp_path: Path, name: str, where: str
) -> None:
    asked = request()
    if where == "environment":
        asked["environment"] = name
    elif where == "component":
        asked["component"] = {**asked["component"], "name": name}
    else:
        asked["container"] = {**asked["container"], ("name" if where == "product" else "domain"): name}
    try:
        place = Path(adapter.apply(asked)["outputs"]["directory"])
    except ProvisioningFailed:
        place = tmp_path / "made" / "refused"
    assert place.resolve().is_relative_to(tmp_path / "made")
    assert {one.name for one in tmp_path.iterdir()} <= {"made"}


def test_names_that_look_alike_get_places_of_their_own(adapter: CheckedAdapter) -> None:
    names = ["a/b", "a_b", "A_B", "a b"]
    places = {adapter.apply(request(environment=name))["outputs"]["directory"].lower() for name in names}
    assert len(places) == 4


def test_a_link_that_leads_out_is_not_followed(adapter: CheckedAdapter, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "dev").symlink_to(tmp_path / "outside")
    with pytest.raises(ProvisioningFailed, match="leads out of"):
        adapter.apply(request())
    assert list((tmp_path / "outside").iterdir()) == []
    assert adapter.observe(request())["state"] == "unknown"


def test_access_is_refused_honestly(adapter: CheckedAdapter) -> None:
    with pytest.raises(ProvisioningFailed) as refused:
        adapter.set_access(request(), [{"principal": "user:jo", "privilege": "read"}])
    assert (adapter.facts["capabilities"]["access"], refused.value.context["error_class"]) == (False, "UNSUPPORTED")


def test_the_adapter_itself_says_what_it_would_do(adapter: CheckedAdapter) -> None:
    assert adapter.plan(request(), None)["action"] == "create"
    seen = adapter.apply(request())
    assert adapter.plan(request(), seen)["action"] == "noop"
    assert adapter.plan(request(2, definition={"name": "store", "size": 2}), seen)["action"] == "update"


def test_of_many_at_once_the_highest_generation_stays(adapter: CheckedAdapter) -> None:
    def apply(generation: int) -> None:
        try:
            adapter.apply(request(generation))
        except ProvisioningFailed as error:
            refusals.append(error.context["error_class"])

    refusals: list[str] = []
    threads = [threading.Thread(target=apply, args=(generation,)) for generation in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert adapter.observe(request())["generation"] == 16
    assert set(refusals) <= {"STALE_GENERATION"}


def test_a_worker_killed_while_it_raises_the_fence_leaves_the_fence_as_it_was(
    adapter: CheckedAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter.apply(request(3))
    for part, name in ((os, "fsync"), (Path, "replace")):
        with monkeypatch.context() as patched:
            patched.setattr(part, name, killed)
            with pytest.raises(ProvisioningFailed, match="Killed"):
                adapter.apply(request(4))
        with pytest.raises(ProvisioningFailed) as refused:
            adapter.apply(request(2))
        assert refused.value.context == {"error_class": "STALE_GENERATION"}
    assert adapter.apply(request(4))["generation"] == 4


def test_without_a_directory_there_is_no_adapter() -> None:
    with pytest.raises(ValueError, match="needs the setting `directory`"):
        LocalFs({})
