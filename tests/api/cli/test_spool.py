"""Do the entries of a report come back as they were, from memory and from disk, as often as asked?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from api.cli import spool
from api.cli.spool import Spool

ENTRIES: list[dict[str, Any]] = [{"file": f"\udcff{number}", "big": 2**70, "text": "x" * 1000} for number in range(20)]


@pytest.mark.parametrize(("room", "on_disk"), [(1_000_000, False), (5_000, True)])
def test_entries_are_read_in_their_order_by_several_at_once(
    room: int, on_disk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", room)
    with closing(Spool(iter(ENTRIES))) as entries:
        assert entries._file._rolled is on_disk
        assert len(entries) == 20
        assert list(zip(entries, entries, strict=True)) == [(one, one) for one in ENTRIES]
        assert list(entries) == ENTRIES


def test_what_fails_while_entries_are_made_leaves_nothing_open() -> None:
    def failing() -> Iterator[dict[str, Any]]:
        yield ENTRIES[0]
        raise OSError("no more")

    # A file left open would be a ResourceWarning, which is an error in these tests.
    with pytest.raises(OSError, match="no more"):
        Spool(failing())
