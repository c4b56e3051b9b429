"""A catalog of little products, and a house in which consumers ask whether these fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import make
import remembered
from remembered import ANNA

from api.settings import Settings
from api.wiring import House
from catalog.database import Database
from catalog.shown import Change
from engine.fitness.verdict import Verdict
from engine.model import Principal

CARL = Principal("carl", roles=frozenset({"submitter"}))
OTTO = Principal("otto", roles=frozenset({"operator"}))
READER = Principal("rita", roles=frozenset({"reader"}))
FQN = "urn:dpds:org.example:dataproducts:{}:1"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = make.NOW

    def __call__(self) -> datetime:
        return self.now

    def days(self, count: int) -> None:
        self.now += timedelta(days=count)


@contextmanager
def a_house(database: Database, data_dir: Path, clock: Clock | None = None) -> Iterator[House]:
    """A house over this catalog."""
    with House(Settings(data_dir=data_dir), clock=clock or Clock()) as house:
        house.__dict__["database"] = database
        yield house


def put(database: Database, name: str, version: str = "1.0.0", *tags: str, **told: Any) -> None:
    """Accept a version of a product with these tags."""
    remembered.accept(database, remembered.product(name, version, tags=tags, **told))


def withdraw(database: Database, name: str, version: str = "1.0.0") -> None:
    with database.work(ANNA) as work:
        work.versions.set_status(remembered.identity(name, version), "withdrawn", reason="it is over")
        work.commit()


def told(house: House, principal: Principal = CARL, after: int = 0) -> list[Change]:
    """What the feed says of requirements to this principal, but for their being saved and deleted."""
    changes = house.changes.after(after, principal=principal, limit=1000)
    return [one for one in changes if one.kind in ("requirement.fits", "requirement.unfits")]


def verdicts(fits: Any) -> Mapping[str, Verdict]:
    """The verdict on each candidate by its name, in their order."""
    return {one.hit.product.name: one.fitness.verdict for one in fits.candidates}
