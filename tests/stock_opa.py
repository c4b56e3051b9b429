"""A stock OPA server that knows nothing but a configuration file of its own."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import outside_parts


@dataclass(frozen=True)
class Stock:
    """A running `opa run --server`."""

    address: str

    def data(self, path: str, document: Mapping[str, Any] | None = None) -> Any:
        content = json.dumps({"input": document}).encode() if document is not None else None
        asked = urllib.request.Request(f"{self.address}/v1/data/{path}", content)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    @property
    def revision(self) -> str | None:
        """The revision that it decides by; None when it has none."""
        told: str | None = self.data("meshgate/query/revision").get("result")
        return told


@contextmanager
def stock(
    binary: str, configuration: Path, *, port: int | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Stock]:
    """An OPA of this configuration file; its log is written beside it."""
    here = f"127.0.0.1:{port or outside_parts.free_port()}"
    command = [binary, "run", "--server", "--disable-telemetry", "--addr", here, "-c", str(configuration)]
    told = {**os.environ, **(environment or {})}
    with configuration.with_suffix(".log").open("wb") as log:
        process = outside_parts.started(
            command, f"http://{here}/health", stdout=log, stderr=log, cwd=configuration.parent, env=told
        )
        try:
            yield Stock(f"http://{here}")
        finally:
            process.terminate()
            process.wait(10)
