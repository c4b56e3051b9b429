"""Does the kit tell an adapter that adopts from one that only says so, or that loses what it takes over?"""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.flows.adapter_cases import case_of
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.kit.adopting import NOBODYS, PROMISES
from engine.provision.kit.case import Adoptable, Case
from engine.provision.kit.trying import Kept, one
from engine.provision.registry import BUILT_IN, Registry

ROOT = Path(__file__).resolve().parents[3]
AS_MADE, NOT_THERE, LEFT_ALONE = PROMISES
COMPONENT = {"kind": "infrastructure", "name": "store", "platform": "local:files", "type": "storage-resource"}
MADE = """
import pathlib, uuid
name = f"legacy-{uuid.uuid4().hex}"
place = pathlib.Path(FOLDER, name); place.mkdir(parents=True); (place / "rows.csv").write_text(name)
print(name)
"""
KEPT = """
import json, pathlib, sys
asked = json.load(sys.stdin)
seen = asked["observation"]
place = pathlib.Path(seen["outputs"]["data"] if seen else pathlib.Path(FOLDER, asked["external"]))
sys.exit((place / "rows.csv").read_text() != asked["external"])
"""


def adoptable(folder: Path) -> Adoptable:
    made, kept = ((sys.executable, "-c", text.replace("FOLDER", repr(str(folder)))) for text in (MADE, KEPT))
    return Adoptable(made, kept)


def tried_with(kind: type[LocalFs], folder: Path) -> Case:
    made = lambda: kind({"directory": str(folder)})  # noqa: E731
    return Case("tried", made, COMPONENT, ({"size": 1}, {"size": 2}), adoptable=adoptable(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made"


@pytest.mark.parametrize("promise", PROMISES)
def test_local_fs_keeps_its_promises(folder: Path, promise: str) -> None:
    result = one(promise, tried_with(LocalFs, folder))
    assert (result.kept, result.reason) == (Kept.KEPT, "")
    assert not [*folder.glob("kit/*/*/manifest.json")], "the kit removes what was adopted"


class Losing(LocalFs):
    """Takes over, and empties what it took."""

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        told = super().adopt(request, external)
        if told["state"] == "done":
            data = Path(told["observation"]["outputs"]["data"])
            shutil.rmtree(data)
            data.mkdir()
            return {**told, "observation": self.observe(request)}
        return told


class Making(LocalFs):
    """Makes a new one instead of taking over."""

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        return self.apply(request)


class Blurting(LocalFs):
    """Tells the first adoption as done with another state than an apply leaves."""

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        told = super().adopt(request, external)
        place = self._place(request)
        if told["state"] == "done":
            (place / "component.json").write_text(json.dumps({"adopted": external}))
            return {**told, "observation": self.observe(request)}
        return told


class Once(LocalFs):
    """Adopts once, and knows nothing of it when it is asked again."""

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        if self.observe(request)["state"] == "present":
            return {"state": "failed", "error": {"class": "CONFLICT", "message": "it is there"}}
        return super().adopt(request, external)


class Patient(LocalFs):
    """Takes what is not there for what is not there yet."""

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        if external == NOBODYS:
            return {"state": "failed", "error": {"class": "TRANSIENT", "message": "perhaps later"}}
        return super().adopt(request, external)


class Greedy(LocalFs):
    """Takes over for a resource that is there already, and drops what that had."""

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        if self.observe(request)["state"] == "present" and (self.directory / external).is_dir():
            self.destroy(request, "delete")
        return super().adopt(request, external)


class Unfenced(LocalFs):
    """Forgets, when it adopts, which generation was the highest."""

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        for file in (self.directory / ".generations").glob("*"):
            file.unlink()
        return super().adopt(request, external)


BREAKS: list[tuple[type[LocalFs], str, str]] = [
    (Losing, AS_MADE, "is not there any more"),
    (Making, AS_MADE, "is not there any more"),
    (Making, NOT_THERE, "is to be refused, and was not"),
    (Blurting, AS_MADE, "changes something"),
    (Once, AS_MADE, "adopt fails with CONFLICT"),
    (Patient, NOT_THERE, "INVALID, and was with TRANSIENT"),
    (Greedy, LEFT_ALONE, "a resource that is there already"),
    (Unfenced, LEFT_ALONE, "adopting at a lower generation"),
]


@pytest.mark.parametrize(("broken", "promise", "why"), BREAKS, ids=lambda one: getattr(one, "__name__", None))
def test_an_adapter_that_breaks_one_is_found_out(folder: Path, broken: type[LocalFs], promise: str, why: str) -> None:
    result = one(promise, tried_with(broken, folder))
    assert (result.kept, why in result.reason) == (Kept.BROKEN, True), result


class Unable(LocalFs):
    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "adopt": False}}


def test_one_that_does_not_adopt_is_tried_for_none_and_says_so(folder: Path) -> None:
    results = [one(says, tried_with(Unable, folder)) for says in PROMISES]
    assert {(each.kept, each.reason) for each in results} == {(Kept.SKIPPED, "it has not the capability adopt")}


def test_without_something_that_somebody_else_made_only_what_is_not_there_is_tried(folder: Path) -> None:
    case = replace(tried_with(LocalFs, folder), adoptable=None)
    assert [one(says, case).kept for says in PROMISES] == [Kept.SKIPPED, Kept.KEPT, Kept.SKIPPED]


def test_the_case_of_the_page_is_kept(tmp_path: Path, folder: Path) -> None:
    page = (ROOT / "docs" / "howto" / "adapters.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(adapter: local-fs\n.*?)```", page, re.DOTALL)
    folder.mkdir()
    (tmp_path / "case.yaml").write_text(text.replace("/srv/kit", str(folder)))
    case = case_of(str(tmp_path / "case.yaml"), None, registry=Registry(BUILT_IN))
    assert {one(says, case).kept for says in PROMISES} == {Kept.KEPT}


def test_a_case_file_says_how_somebody_else_makes_it(tmp_path: Path, folder: Path) -> None:
    told = adoptable(folder)
    content = {
        "adapter": "local-fs",
        "config": {"directory": str(folder)},
        "adoptable": {"made": list(told.made), "kept": list(told.kept)},
    }
    (tmp_path / "case.json").write_text(json.dumps(content))
    case = case_of(str(tmp_path / "case.json"), None, registry=Registry(BUILT_IN))
    assert case.adoptable == told
    assert one(AS_MADE, case).kept is Kept.KEPT
