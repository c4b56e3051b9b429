"""One stage for each store; the schema is made once for each store and copied for every test."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from deploy_stage import Stage
from granting_mesh import Gate
from moody_adapter import Moody
from told_deployments import unlike_their_schemas


def _made(url: str, folder: Path) -> None:
    """Bring an empty store to what a stage needs."""
    Stage(url, folder).close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    _made(f"sqlite:///{folder / 'template.db'}", folder)
    return folder / "template.db"


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The name of a database with the schema, and the address of its server up to the name."""
    name = f"template_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    _, _, rest = postgresql_server.partition("://")
    address, _, options = rest.partition("?")
    url = f"postgresql+psycopg://{address.rpartition('/')[0]}/{{name}}" + (f"?{options}" if options else "")
    _made(url.format(name=name), tmp_path_factory.mktemp("template"))
    return name, url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store with the schema and nothing else."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "meshgate.db")
        yield f"sqlite:///{tmp_path / 'meshgate.db'}"
        return
    template, url = request.getfixturevalue("postgresql_template")
    server, name = request.getfixturevalue("postgresql_server"), f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield url.format(name=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def staged(store_url: str, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Makes stages on the same store and folder; all are closed at the end, and told all as it is published."""
    stages: list[Stage] = []

    def made(**settings: Any) -> Stage:
        stages.append(Stage(store_url, tmp_path / "containers", **settings))
        return stages[-1]

    yield made
    told = unlike_their_schemas(stages[0]) if stages else []
    for one in stages:
        one.close()
    assert told == []


@pytest.fixture
def stage(staged: Callable[..., Stage]) -> Stage:
    return staged()


@pytest.fixture
def moody(tmp_path: Path) -> Moody:
    """An adapter for bad days, for `moody_adapter.made`."""
    return Moody({"directory": str(tmp_path / "containers")})


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """An adapter that lets in, for `granting_mesh.Mesh`."""
    return Gate({"directory": str(tmp_path / "containers")})
