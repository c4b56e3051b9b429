"""Does the page of the adapters tell the truth about every one that is shipped?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.provision.adapters.dbt import DbtTransformation
from engine.provision.adapters.duckdb import DuckDb
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.adapters.postgresql import PostgreSql
from engine.provision.adapters.s3 import S3
from engine.provision.registry import asking_over
from engine.provision.shipped import MODULES, settings, table

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "adapters.md"
MADE: dict[str, Any] = {
    "local-fs": lambda: LocalFs({"directory": "x"}),
    "duckdb": lambda: DuckDb({"directory": "x"}),
    "postgresql": lambda: PostgreSql({}),
    "s3": lambda: S3({"principals": {"user": "arn:{name}"}}),
    "dbt": lambda: DbtTransformation({"directory": "x", "dbt": "/bin/true"}),
}


def test_every_adapter_that_comes_with_meshgate_is_on_the_page() -> None:
    assert {*MODULES} == {*asking_over(nobody)}
    text = PAGE.read_text()
    assert text.split("<!-- settings -->")[1].strip() == table().strip()
    assert re.findall(r"^## `([a-z0-9-]+)`", text, re.M) == [*MODULES]


@pytest.mark.parametrize("adapter", MADE)
def test_what_an_adapter_says_of_itself_is_what_the_page_says(adapter: str) -> None:
    told = MADE[adapter]().info()
    assert (told["name"], told["config_schema"]) == (adapter, settings(adapter))
    section = PAGE.read_text().split(f"\n## `{adapter}`")[1].split("\n## ")[0]
    able = sorted(name for name, can in told["capabilities"].items() if can)
    assert f"Can: {', '.join(able)}." in section
    for match in told.get("matches", ()):
        assert all(f"`{one}`" in section for one in match.values())


READ = {
    "http": ("address",),
    "odm-executor": ("odm_executor", "address"),
    "witboost-http": ("witboost_http", "witboost_form", "address"),
}
"""Where the settings are read, if not in the module that tells them."""


def nobody(*_: Any, **__: Any) -> Any:
    raise AssertionError("nobody is asked here")


@pytest.mark.parametrize("adapter", MODULES)
def test_every_setting_is_read_by_the_adapter_and_every_one_that_is_read_is_told(adapter: str) -> None:
    folder = ROOT / "engine" / "provision" / "adapters"
    source = "".join((folder / f"{one}.py").read_text() for one in READ.get(adapter, (MODULES[adapter],)))
    read = {*re.findall(r'config(?:\.get\(|\[)"(\w+)"', source)}
    read |= {*re.findall(r'"(\w+)"', "".join(re.findall(r"(?:for name in|names =) \(([^)]*)\)", source)))}
    assert read == {*settings(adapter)["properties"]}
