"""Are adapters found that somebody installed beside meshgate, and can none pass for another?"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import PlanInvalid
from engine.provision.registry import Registry

ADAPTER = """
from engine.provision.adapters.local_fs import LocalFs


class Mine(LocalFs):
    pass
"""


def install(site: Path, distribution: str, **adapters: str) -> None:
    """A distribution as pip leaves it behind: its metadata with entry points, and a module of its own."""
    folder = site / f"{distribution}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    points = [f"{name.replace('_', '-')} = {target}" for name, target in adapters.items()]
    (folder / "entry_points.txt").write_text("\n".join(["[meshgate.provisioners]", *points]) + "\n")
    (site / f"{distribution}_module.py").write_text(ADAPTER)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages on the path."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def registry(folder: Path) -> Registry:
    config = {"directory": str(folder)}
    return Registry.installed(defaults=dict.fromkeys(("local-fs", "their-fs", "twice"), config))


def test_without_anything_beside_there_is_what_we_ship(site: Path) -> None:
    assert Registry.installed().names == ["command", "dbt", "duckdb", "local-fs", "postgresql", "s3"]


def test_an_installed_adapter_is_found_by_its_entry_point(site: Path) -> None:
    install(site, "theirs", their_fs="theirs_module:Mine")
    found = registry(site)
    assert found.names == ["command", "dbt", "duckdb", "local-fs", "postgresql", "s3", "their-fs"]
    rows = {row["name"]: row["reason"] for row in found.report()}
    unset = {name: rows.pop(name) is not None for name in ("command", "dbt", "duckdb", "postgresql", "s3")}
    default = {"postgresql": False, "s3": False}
    assert unset == {"command": True, "dbt": True, "duckdb": True, **default}, "libpq and boto3 have defaults"
    assert rows == {"local-fs": None, "their-fs": None}


def test_an_installed_adapter_does_not_stand_in_for_ours(site: Path) -> None:
    install(site, "false", local_fs="nowhere:Missing")
    found = registry(site)
    assert found.names == ["command", "dbt", "duckdb", "local-fs", "postgresql", "s3"]
    assert {row["name"]: row["reason"] for row in found.report()}["local-fs"] is None


def test_a_name_that_two_distributions_claim_is_refused(site: Path) -> None:
    install(site, "one", twice="one_module:Mine")
    install(site, "two", twice="two_module:Mine")
    with pytest.raises(PlanInvalid, match="one_module:Mine of one, two_module:Mine of two"):
        registry(site).adapter("twice", {})


def test_an_adapter_that_cannot_be_loaded_is_reported_with_the_reason(site: Path) -> None:
    install(site, "broken", their_fs="nowhere:Missing")
    reasons = {row["name"]: row["reason"] for row in registry(site).report()}
    assert reasons["local-fs"] is None
    assert "ModuleNotFoundError: No module named 'nowhere'" in reasons["their-fs"]
