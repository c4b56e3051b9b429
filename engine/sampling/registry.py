"""Which connectors are there, and which of them can be used?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine import extensions
from engine.sampling.contract import GROUP, Connector


def _duckdb() -> Connector:
    from engine.sampling.connectors.files import Files

    return Files


def _postgresql() -> Connector:
    from engine.sampling.connectors.postgresql import Postgresql

    return Postgresql


BUILT_IN: Mapping[str, Callable[[], Connector]] = {"duckdb": _duckdb, "postgresql": _postgresql}
NEEDS: Mapping[str, str] = {"duckdb": "duckdb", "postgresql": "psycopg"}
"""The library that each of ours reads with."""


def connectors() -> dict[str, Callable[[], Connector]]:
    """What loads each connector: those installed under `meshgate.connectors`, and our own."""
    return extensions.installed(GROUP, BUILT_IN, refused=ValueError)


def report() -> dict[str, str]:
    """Each connector with the reason why it cannot be used, empty where it can (`meshgate doctor`)."""
    return {name: _flaw(name, load) for name, load in sorted(connectors().items())}


def _flaw(name: str, load: Callable[[], Connector]) -> str:
    from importlib.util import find_spec

    library = NEEDS.get(name)
    if library is not None and find_spec(library) is None:
        return f"the package {library} is not installed: install meshgate[{library}]"
    try:
        load()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
