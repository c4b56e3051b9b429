"""Is a cursor that somebody made up refused before a store is asked with it?"""

from __future__ import annotations

import pytest

from catalog import cursor
from engine.errors import CursorInvalid


@pytest.mark.parametrize("key", ["a\0b", 2**63, 2**64 - 1])
def test_what_no_store_can_compare_with_is_refused(key: str | int) -> None:
    made_up = cursor.written([key], scope="list")
    with pytest.raises(CursorInvalid):
        cursor.read(made_up, scope="list", shape=(type(key),))


@pytest.mark.parametrize("key", ["", "a", 0, -(2**63), 2**63 - 1])
def test_what_was_written_is_read_again(key: str | int) -> None:
    assert cursor.read(cursor.written([key], scope="list"), scope="list", shape=(type(key),)) == [key]
