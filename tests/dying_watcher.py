"""A watcher process that kills itself just before or just after it commits what it found out: `FILE FOLDER WHEN`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from consumers import a_house

from api.flows import watching
from catalog.database import Database
from catalog.watches import WatchBook
from catalog.work import UnitOfWork


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    database, when = Database(sys.argv[1]), sys.argv[3]
    wrote = WatchBook.write
    commit = UnitOfWork.commit

    def write(self: WatchBook, *given: object, **told: object) -> None:
        wrote(self, *given, **told)  # type: ignore[arg-type]
        UnitOfWork.commit = die if when == "before" else committed  # type: ignore[assignment,method-assign]

    def committed(self: UnitOfWork) -> None:
        commit(self)
        die()

    WatchBook.write = write  # type: ignore[method-assign]
    with a_house(database, Path(sys.argv[2])) as house:
        watching.follow(house, "dying")
    print("it lived")
