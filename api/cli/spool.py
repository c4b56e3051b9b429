"""Where do the entries of a report wait until every format has told them?

In memory while they are few, beyond that in a temporary file without a name: the memory of a check does not grow with
the count of its documents.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

Entry = dict[str, Any]
IN_MEMORY = 4 * 1024 * 1024
"""Bytes of entries that are kept in memory."""


class Spool:
    """Entries written once and read as often as asked, one at a time; several readers may be under way."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (closed by `close`)
        self._count = 0
        try:
            for entry in entries:
                pickle.dump(entry, self._file, pickle.HIGHEST_PROTOCOL)
                self._count += 1
        except BaseException:
            self._file.close()
            raise

    def __iter__(self) -> Iterator[Entry]:
        at = 0
        for _ in range(self._count):
            self._file.seek(at)
            entry: Entry = pickle.load(self._file)  # noqa: S301  (written above, in a file that has no name)
            at = self._file.tell()
            yield entry

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Give back the memory or the file."""
        self._file.close()
