"""Does the kit tell an adapter that builds once from one that only says so?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.provision.adapters.local_fs import LocalFs
from engine.provision.kit.building import PROMISES
from engine.provision.kit.case import Case
from engine.provision.kit.trying import Kept, one

[SAYS] = PROMISES


class Building(LocalFs):
    """local-fs that builds: an artifact is named by the definition it was built from."""

    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "build": True}}

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        told = super().apply(request)
        if request.get("stage") == "build" and told["state"] == "done":
            told["observation"]["artifacts"] = self.artifacts(request, told["observation"]["fingerprint"])
        return told

    def artifacts(self, request: dict[str, Any], fingerprint: str) -> list[dict[str, Any]]:
        return [{"name": "image", "digest": fingerprint, "location": "file:///image"}]


class Forgetful(Building):
    """Builds anew each time."""

    def artifacts(self, request: dict[str, Any], fingerprint: str) -> list[dict[str, Any]]:
        import uuid

        return [{"name": "image", "digest": f"sha256:{uuid.uuid4().hex * 2}", "location": "file:///image"}]


class Constant(Building):
    """Names what it builds by nothing that it is built from."""

    def artifacts(self, request: dict[str, Any], fingerprint: str) -> list[dict[str, Any]]:
        return [{"name": "image", "digest": "sha256:" + "0" * 64, "location": "file:///image"}]


class Idle(Building):
    """Says that it builds, and makes nothing."""

    def artifacts(self, request: dict[str, Any], fingerprint: str) -> list[dict[str, Any]]:
        return []


class Twice(Building):
    """Two artifacts of one name."""

    def artifacts(self, request: dict[str, Any], fingerprint: str) -> list[dict[str, Any]]:
        return super().artifacts(request, fingerprint) * 2


def case(adapter: type[LocalFs], folder: Path) -> Case:
    definitions: tuple[Mapping[str, Any], ...] = ({"description": "the first"}, {"description": "the second"})
    made = {"platform": "kit", "type": "storage-resource", "name": "kit"}
    return Case("building", lambda: adapter({"directory": str(folder)}), made, (definitions[0], definitions[1]))


@pytest.mark.parametrize(
    ("adapter", "kept", "reason"),
    [
        (LocalFs, Kept.SKIPPED, "it has not the capability build"),
        (Building, Kept.KEPT, ""),
        (Forgetful, Kept.BROKEN, "built twice, it tells other artifacts the second time"),
        (Constant, Kept.BROKEN, "another definition is built into the same artifacts"),
        (Idle, Kept.BROKEN, "a build tells no artifacts"),
        (Twice, Kept.BROKEN, "two artifacts of a build have one name"),
    ],
)
def test_an_adapter_that_builds_keeps_its_promise_or_is_told_which_it_breaks(
    adapter: type[LocalFs], kept: Kept, reason: str, tmp_path: Path
) -> None:
    told = one(SAYS, case(adapter, tmp_path))
    assert (told.kept, told.reason) == (kept, reason)
