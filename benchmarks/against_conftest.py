"""How long do a thousand files take beside `conftest test` on the same files and policies?

conftest is looked up on PATH, else in GOBIN's usual place; where it is missing the row says so and has no number.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.meshes import as_json, as_yaml, products
from benchmarks.timing import Row
from policies import DIRECTORY

FILES = 1000


def rows() -> Iterator[Row]:
    conftest = shutil.which("conftest") or shutil.which("conftest", path=str(Path.home() / "go" / "bin"))
    if conftest is None:
        print("no conftest on PATH: `go install github.com/open-policy-agent/conftest@latest`", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        files = _written(Path(folder))
        rival = [conftest, "test", "--all-namespaces", "--no-color", "--policy", str(DIRECTORY / "mesh"), *files]
        meshgate = str(Path(sys.executable).parent / "meshgate")
        ours = [meshgate, "check", "--quiet", "--format", "json", "-j", "2", folder]
        # once: a thousand files even out what a moment of the machine costs, and conftest takes half a minute
        one, other = _seconds(ours), _seconds(rival)
    yield Row(f"check {FILES} files, 2 workers / conftest", one / other, 1.0, note=f"{one:.2f} s against {other:.2f} s")


def _written(folder: Path) -> list[str]:
    for number, descriptor in enumerate(products(FILES)):
        kind, content = (".yaml", as_yaml(descriptor)) if number % 2 else (".json", as_json(descriptor))
        (folder / f"product-{number}{kind}").write_bytes(content)
    return [str(path) for path in sorted(folder.iterdir())]


def _seconds(command: list[str]) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode not in (0, 1):
        raise AssertionError(f"{command[0]} ended with {done.returncode}")
    return seconds
