"""meshgate db create|load: how does a catalog begin?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir
from api.cli.printing import note, show, show_json


def create(
    benchmarks: Annotated[
        bool, typer.Option("--benchmarks", help="For benchmarks, for good: it takes in synthetic records.")
    ] = False,
    config: Config = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make the catalog's database, where it is not there yet."""
    from api.auth.permissions import LOCAL
    from api.flows import loading
    from api.wiring import House

    settings = options.settings(config, data_dir=data_dir, database_url=database_url)
    with House(settings) as house, house.owning_the_data():
        loading.create(benchmarks=benchmarks, principal=LOCAL, house=house)
        show([f"{house.database.dialect}: the catalog is there{', for benchmarks' if benchmarks else ''}"])


def load(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="What `meshgate export catalog --complete` wrote.")],
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take the stream of another catalog into an empty one, or what came after its head into its copy.

    Everything is proven to be what was recorded there; nothing is decided again. Wholly or not at all.
    """
    from api.auth.permissions import LOCAL
    from api.flows import loading
    from api.wiring import House

    settings = options.settings(config, data_dir=data_dir, database_url=database_url)
    with _opened(file) as (stream, progress), House(settings) as house, house.owning_the_data():
        loaded = loading.load(stream, principal=LOCAL, house=house, progress=progress)
    head = loaded.head
    told = {"revision": head.revision, "cursor": head.cursor, "chain_hash": head.hash, "lines": dict(loaded.lines)}
    if as_json:
        show_json("loaded", told)
        return
    counts = ", ".join(f"{count} {name}" for name, count in sorted(loaded.lines.items()) if name != "link")
    show([f"revision {head.revision}, chain hash {head.hash}: {counts or 'nothing new'}"])
    note("compare with a head of the source: `meshgate db verify --head FILE`")


@contextmanager
def _opened(file: str) -> Iterator[tuple[BinaryIO, Callable[[int], None]]]:
    """The stream, and what tells how far it was read."""
    if file == "-":
        with _bar(0, lambda: 0) as progress:
            yield sys.stdin.buffer, progress
        return
    path = Path(file)
    with path.open("rb", buffering=1024 * 1024) as stream, _bar(path.stat().st_size, stream.tell) as progress:
        yield stream, progress


@contextmanager
def _bar(size: int, place: Callable[[], int]) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal: over the bytes of a file, or of unknown length. It tells lines too."""
    if not sys.stderr.isatty():
        yield lambda lines: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (BarColumn(), TextColumn("{task.fields[lines]:,} lines"), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("loading", total=size or None, lines=0)
        yield lambda lines: shown.update(task, completed=place(), lines=lines)
