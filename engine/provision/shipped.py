"""Which adapters come with meshgate, and how is each of them configured?

`python -m engine.provision.shipped` writes the table of docs/reference/adapters.md; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from engine.model import Json

MODULES: Mapping[str, str] = {
    "local-fs": "local_fs",
    "duckdb": "duckdb",
    "postgresql": "postgresql",
    "s3": "s3_settings",
    "dbt": "dbt",
    "command": "command",
    "http": "http",
    "odm-executor": "odm_executor",
    "witboost-http": "witboost_http",
}
"""The adapter → the module of `engine.provision.adapters` that has the JSON Schema of its CONFIGURATION."""


def settings(adapter: str) -> Mapping[str, Json]:
    """The JSON Schema of the configuration of an adapter that comes with meshgate."""
    found: Mapping[str, Json] = import_module(f"engine.provision.adapters.{MODULES[adapter]}").CONFIGURATION
    return found


def table() -> str:
    """Every setting of every adapter as a Markdown table."""
    head = "| adapter | setting | kind | what it is |\n|---|---|---|---|\n"
    return head + "".join(row for adapter in MODULES for row in _rows(adapter))


def _rows(adapter: str) -> Iterator[str]:
    told = settings(adapter)
    for name, one in told["properties"].items():
        needed = "**needed**: " if name in told.get("required", ()) else ""
        kind = one.get("type") or " or ".join(f"`{word}`" for word in one["enum"])
        yield f"| `{adapter}` | `{name}` | {kind} | {needed}{one['description']} |\n"


if __name__ == "__main__":
    print(table(), end="")
