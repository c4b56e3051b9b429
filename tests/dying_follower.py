"""A follower that kills itself just before or just after it commits what follows from a change: `FOLDER URL WHEN`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from doors import a_house

from api.flows import on_accept
from catalog.work import UnitOfWork


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    folder, when = Path(sys.argv[1]), sys.argv[3]
    keep, commit = on_accept.Moving.keep, UnitOfWork.commit

    def kept(self: on_accept.Moving, work: UnitOfWork, result: object) -> None:
        keep(self, work, result)
        UnitOfWork.commit = die if when == "before" else committed  # type: ignore[assignment,method-assign]

    def committed(self: UnitOfWork) -> None:
        commit(self)
        die()

    on_accept.Moving.keep = kept  # type: ignore[method-assign]
    flags = {"database_url": sys.argv[2]} if sys.argv[2] else {}
    folders = {"policies": [str(folder / "policies")], "governance": str(folder / "governance")}
    with a_house(folder, **folders, **flags) as house:
        on_accept.follow(house)
    print("it lived")
