"""What does a transformation ask for (`x-dbt`), and how is it written as a project of dbt?

Names come from the closed set that both dbt and DuckDB take unquoted, so no name leads out of the project or of a
statement. Every file is JSON where dbt wants YAML, which is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.provision.adapters.local_place import digest

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
PARTS = ("models", "tests", "sources")
MOST, LONGEST = 500, 200_000
SCHEMA = "made"
DATABASE = "warehouse.duckdb"
KEPT = ("table", "incremental")
"""Kinds of models that stay: a view would need what it reads in the same file."""


class Unreadable(ValueError):
    """The component does not say what to make; `path` is a JSON Pointer into the request."""

    def __init__(self, message: str, path: str = "/definition/x-dbt") -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its SQL, how it is kept, and per column the generic tests of dbt."""

    sql: str
    materialized: str
    columns: Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the component asks for; `sources` are the tables that it reads of each component that it depends on."""

    models: Mapping[str, Model]
    tests: Mapping[str, str]
    sources: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the tables of a component are: a DuckDB file and a schema in it."""

    file: str
    schema: str


def asked(request: Mapping[str, Any]) -> Asked:
    """Raises Unreadable."""
    told = request["definition"].get("x-dbt")
    if not isinstance(told, Mapping) or not told.get("models"):
        raise Unreadable("the component does not say what it transforms: `x-dbt.models` is missing")
    if unknown := sorted(set(told) - set(PARTS)):
        raise Unreadable(f"`x-dbt` has no {unknown[0]}; it has {', '.join(PARTS)}")
    parts = {part: _named(told.get(part, {}), part) for part in PARTS}
    models = {name: _model(name, one) for name, one in parts["models"].items()}
    tests = {name: _text(one, f"tests/{name}") for name, one in parts["tests"].items()}
    sources = {name: _tables(name, one) for name, one in parts["sources"].items()}
    return Asked(models, tests, sources)


def specification(request: Mapping[str, Any]) -> str:
    """What the definition comes to, as a hash; where the sources stand is not in it."""
    return digest({key: request[key] for key in ("component", "definition")})


def sources_of(told: Asked, resolved: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Source], list[str]]:
    """The sources that are there, by what they are called in the project; and those that are not."""
    there = {
        fqn.rpartition(":")[2]: Source(str(outputs["file"]), str(outputs["schema"]))
        for fqn, outputs in resolved.items()
        if isinstance(outputs.get("file"), str) and isinstance(outputs.get("schema"), str)
    }
    found = {name: there[name] for name in told.sources if name in there}
    return found, sorted(set(told.sources) - set(found))


def write_project(folder: Path, told: Asked, sources: Mapping[str, Source]) -> None:
    """Write project and profile; the database is made beside them."""
    _write(folder / "dbt_project.yml", _project())
    _write(folder / "profiles.yml", _profile(folder, sources))
    _write(folder / "models" / "schema.yml", _described(told, sources))
    for name, model in told.models.items():
        _text_file(folder / "models" / f"{name}.sql", model.sql)
    for name, text in told.tests.items():
        _text_file(folder / "tests" / f"{name}.sql", text)


def _project() -> dict[str, Any]:
    paths = {"model-paths": ["models"], "seed-paths": [], "test-paths": ["tests"], "macro-paths": []}
    paths |= {"analysis-paths": [], "snapshot-paths": []}
    flags = {"send_anonymous_usage_stats": False}
    return {"name": "meshgate", "version": "1.0", "config-version": 2, "profile": "meshgate", **paths, "flags": flags}


def _profile(folder: Path, sources: Mapping[str, Source]) -> dict[str, Any]:
    """The connection: nothing but the database itself and the sources, read only, is within its reach."""
    attached = [{"path": one.file, "alias": name, "read_only": True} for name, one in sorted(sources.items())]
    made = {"type": "duckdb", "path": str(folder / DATABASE), "schema": SCHEMA, "threads": 1, "attach": attached}
    made |= {"settings": {"enable_external_access": False}}
    return {"meshgate": {"target": "made", "outputs": {"made": made}}}


def _described(told: Asked, sources: Mapping[str, Source]) -> dict[str, Any]:
    models = [
        {
            "name": name,
            "config": {"materialized": model.materialized},
            "columns": [{"name": column, "data_tests": tests} for column, tests in model.columns.items()],
        }
        for name, model in told.models.items()
    ]
    read = [
        {
            "name": name,
            "database": name,
            "schema": sources[name].schema if name in sources else SCHEMA,
            "quoting": {"database": True, "schema": True, "identifier": True},
            "tables": [{"name": table} for table in tables],
        }
        for name, tables in told.sources.items()
    ]
    return {"version": 2, "models": models, **({"sources": read} if read else {})}


def _model(name: str, told: Any) -> Model:
    if isinstance(told, str):
        told = {"sql": told}
    if not isinstance(told, Mapping) or set(told) - {"sql", "materialized", "columns"}:
        raise Unreadable(
            "a model is its SQL, or `sql`, `materialized` and `columns`", f"/definition/x-dbt/models/{name}"
        )
    kind = told.get("materialized", "table")
    if kind not in (*KEPT, "ephemeral"):
        raise Unreadable(f"{kind!r} is no way to keep a model here: {', '.join(KEPT)} or ephemeral")
    columns = _named(told.get("columns", {}), f"models/{name}/columns", any_name=True)
    return Model(_text(told.get("sql"), f"models/{name}"), kind, {key: _tests(one) for key, one in columns.items()})


def _tests(told: Any) -> list[Any]:
    if not isinstance(told, list) or not all(isinstance(one, str | Mapping) for one in told):
        raise Unreadable("the tests of a column are a list, as in dbt")
    return told


def _tables(name: str, told: Any) -> list[str]:
    if not isinstance(told, list) or not told or not all(isinstance(one, str) and one for one in told):
        raise Unreadable("a source names the tables that are read of it", f"/definition/x-dbt/sources/{name}")
    return told


def _named(told: Any, part: str, *, any_name: bool = False) -> Mapping[str, Any]:
    path = f"/definition/x-dbt/{part}"
    if not isinstance(told, Mapping) or len(told) > MOST:
        raise Unreadable(f"`{part}` is no object with at most {MOST} names", path)
    wrong = [] if any_name else [name for name in told if not NAME.fullmatch(str(name))]
    if wrong:
        raise Unreadable(f"{wrong[0]!r} cannot be a name: letters, digits and underscores, at most 63", path)
    return told


def _text(told: Any, part: str) -> str:
    if not isinstance(told, str) or not told.strip() or len(told) > LONGEST:
        raise Unreadable(f"`{part}` is no text of at most {LONGEST} characters", f"/definition/x-dbt/{part}")
    return told


def _write(file: Path, value: Mapping[str, Any]) -> None:
    _text_file(file, json.dumps(value, indent=1, sort_keys=True))


def _text_file(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
