"""Does the page about bridges say what is so? Its environments are read, its caller is run against the real door."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from called_back import SECRET, door
from deploy_stage import Stage

from api.wiring.deciding import _environments
from engine.errors import SettingsInvalid

PAGE = Path(__file__).resolve().parents[3] / "docs" / "howto" / "bridges.md"


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_environments_that_are_shown_are_ones(tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text(block("yaml"))
    dev = _environments(tmp_path / "environments.yaml")["dev"]
    assert [one.adapter for one in dev.adapters] == ["odm-executor", "witboost-http", "http", "local-fs"]
    assert dev.adapters[2].callback_secret == "env:MESHGATE_CALLBACK_GCP"


def test_the_caller_that_is_shown_is_heard(
    stage: Stage, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESHGATE_CALLBACK_GCP", SECRET)
    shown: dict[str, Any] = {}
    exec(compile(block("python"), str(PAGE), "exec"), shown)
    token = stage.callbacks.offer("deployment", "resource", 1, secret="env:MESHGATE_CALLBACK_GCP", seconds=60)
    with door(store_url, tmp_path / "door") as address:
        assert shown["call_back"](f"{address}/v1/callbacks/{token}", SECRET) == 202


@pytest.mark.parametrize("url", ["meshgate.example.org", "ftp://x", "https://x/?a=b", "https://x/#a", "https://u:p@x"])
def test_a_public_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    from doors import a_house

    with a_house(tmp_path, public_url=url) as house, pytest.raises(SettingsInvalid, match="public_url"):
        _ = house.durable
