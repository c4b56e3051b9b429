"""How does a catalog begin as the copy of another one, or as one for benchmarks?"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast

from api.auth.permissions import Action, require
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.stream.framing import Source
    from catalog.stream.load import Loaded

_GZIP = b"\x1f\x8b"


def load(
    stream: BinaryIO, *, principal: Principal, house: House, progress: Callable[[int], None] = lambda lines: None
) -> Loaded:
    """Take a complete stream into the catalog of this house, plain or packed with gzip; wholly or not at all.

    Nothing is decided again: everything is proven to be what was recorded. `progress` is told how many lines were read.
    Raises Forbidden (operators only), the refusals of `catalog.stream`, CatalogUnavailable.
    """
    from catalog.stream import load as loading

    require(principal, Action.OPERATE)
    house.database.ready()
    with _unpacked(stream) as source:
        return loading.load(house.database, source, progress=progress)


def create(*, benchmarks: bool, principal: Principal, house: House) -> None:
    """Make the catalog's database; for benchmarks it is marked for good. Raises Forbidden, UsageError, …"""
    from catalog.origin import mark_for_benchmarks

    require(principal, Action.OPERATE)
    house.database.upgrade()
    if benchmarks:
        mark_for_benchmarks(house.database)


@contextmanager
def _unpacked(stream: BinaryIO) -> Iterator[Source]:
    begun = BufferedReader(cast(RawIOBase, stream)) if not isinstance(stream, BufferedReader) else stream
    if begun.peek(2)[:2] != _GZIP:
        yield begun
        return
    with gzip.GzipFile(fileobj=begun) as unpacked:
        yield cast("Source", unpacked)
