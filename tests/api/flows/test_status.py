"""Who may change the status of a version, and to what?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import NOW, a_house, product

from api.auth.permissions import LOCAL
from api.flows.status import Standing, Status, change_status
from api.flows.submit import submit
from api.wiring import House
from engine.descriptor import Parts, Submission
from engine.errors import Forbidden, StandingInvalid
from engine.model import Principal

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
OLD = Principal("logistics", frozenset({"submitter"}), frozenset({"logistics"}))
NEW = Principal("finance", frozenset({"submitter"}), frozenset({"finance"}))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        house.database.upgrade()
        yield house


def accepted(house: House, content: bytes) -> None:
    submit(Submission("product.yaml", Parts({"product.yaml": content})), principal=LOCAL, house=house)


def test_after_a_move_the_status_of_old_versions_is_the_new_domains_to_change(house: House) -> None:
    accepted(house, product())
    withdrawn = Standing(Status.WITHDRAWN, "wrong numbers")
    with pytest.raises(Forbidden):
        change_status(LINE, "1.0.0", withdrawn, principal=NEW, house=house)
    accepted(house, product(version="1.1.0").replace(b"domain: logistics", b"domain: finance"))
    for version in ("1.0.0", "1.1.0"):
        with pytest.raises(Forbidden):
            change_status(LINE, version, withdrawn, principal=OLD, house=house)
        assert change_status(LINE, version, withdrawn, principal=NEW, house=house).status == "withdrawn"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"sunset": NOW - timedelta(days=1)}, "The sunset 2026-11-22 is before today, 2026-11-23 (UTC)."),
        ({"successor": "soon"}, "The successor `soon` is no fully qualified name of a product line."),
    ],
)
def test_a_sunset_that_is_over_and_a_successor_that_is_no_line_are_refused(
    house: House, more: dict[str, Any], told: str
) -> None:
    accepted(house, product())
    with pytest.raises(StandingInvalid) as refused:
        change_status(LINE, "1.0.0", Standing(Status.DEPRECATED, "old", **more), principal=LOCAL, house=house)
    assert refused.value.detail == told


@pytest.mark.parametrize("successor", [LINE.replace(":1", ":2"), ""])
def test_a_version_may_end_today_with_a_successor_that_is_still_to_come(house: House, successor: str) -> None:
    accepted(house, product())
    wanted = Standing(Status.DEPRECATED, "old", NOW.replace(hour=0), successor)
    assert change_status(LINE, "1.0.0", wanted, principal=LOCAL, house=house).status == "deprecated"
