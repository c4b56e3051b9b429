"""Does a waiver excuse exactly what it names, for as long as it says, and nothing mandatory?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import make
import pytest

from engine.model import Disposition, Enforcement, Finding
from engine.policy.components import Spot
from engine.policy.enforcement import Level
from engine.policy.waivers import Waiver, expiring, resolve, same_component, unused

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
PLACED = f"{ORDERS}:outputports:placed"
SPOT = Spot(PLACED, "/promises/api/columns/email")
DAY = timedelta(days=1)
SHADOW, ADVISORY, BLOCKING, MANDATORY = Enforcement


def waiver(id: str = "W-1", **changes: Any) -> Waiver:
    told: dict[str, Any] = {
        "policy": "mesh.ownership.owner_declared",
        "product": ORDERS,
        "reason": "moving",
        "requested_by": "ann",
        "approved_by": "bob",
        "begins": make.NOW - DAY,
        "ends": make.NOW + DAY,
    }
    return Waiver(id=id, **{**told, **changes})


def resolved(*waivers: Waiver, spot: Spot = SPOT, level: Level | None = None, **changes: Any) -> str | None:
    told: dict[str, Any] = {"product": make.identity(), "now": make.NOW, **changes}
    found = resolve(waivers, make.finding(), spot, level=level or Level(BLOCKING, BLOCKING), **told)
    return found.id if found else None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"code": "owner_missing"},
        {"component": PLACED},
        {"component": "urn:org.example:dataproducts:orders:1.2.0:outputports:placed:1.0.0"},
        {"component": PLACED, "within": "/promises"},
        {"within": "/promises/api/columns/email"},
        {"product": "urn:dpds:org.example:dataproducts:orders"},
        {"product": "urn:org.example:dataproducts:orders"},
    ],
)
def test_a_waiver_covers_what_it_names_and_all_below_it(changes: dict[str, Any]) -> None:
    assert resolved(waiver(**changes)) == "W-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "mesh.ownership"},
        {"code": "owner_unknown"},
        {"component": f"{ORDERS}:outputports:other"},
        {"component": f"{ORDERS}:inputports:placed"},
        {"component": "urn:dpds:org.example:dataproducts:orders:2:outputports:placed"},
        {"component": "something"},
        {"component": ORDERS},
        {"within": "/promises/api/columns/em"},
        {"within": "/promises/api/columns/email/tags"},
        {"product": "urn:dpds:org.example:dataproducts:orders:2"},
        {"product": "urn:dpds:org.other:dataproducts:orders:1"},
        {"begins": make.NOW + timedelta(seconds=1)},
        {"ends": make.NOW},
    ],
)
def test_a_waiver_covers_nothing_else(changes: dict[str, Any]) -> None:
    assert resolved(waiver(**changes)) is None


@pytest.mark.parametrize(
    ("level", "found"),
    [
        (Level(BLOCKING, BLOCKING), "W-1"),
        (Level(ADVISORY, ADVISORY), "W-1"),
        (Level(ADVISORY, BLOCKING), "W-1"),
        (Level(MANDATORY, MANDATORY), None),
        (Level(ADVISORY, MANDATORY), None),
        (Level(SHADOW, SHADOW), None),
    ],
)
def test_a_mandatory_finding_is_never_excused_and_a_shadow_needs_no_excuse(level: Level, found: str | None) -> None:
    assert resolved(waiver(), level=level) == found


def test_the_first_waiver_that_covers_excuses() -> None:
    assert resolved(waiver("W-1", code="other"), waiver("W-2"), waiver("W-3")) == "W-2"


def test_a_document_without_identity_has_no_waivers() -> None:
    assert resolved(waiver(), product=None) is None


def test_an_unused_waiver_is_one_in_force_for_this_product_that_excused_nothing() -> None:
    waivers = [
        waiver("used"),
        waiver("idle", code="owner_unknown"),
        waiver("over", ends=make.NOW),
        waiver("elsewhere", product="urn:dpds:org.example:dataproducts:invoices:1"),
    ]
    findings = [make.judged(disposition=Disposition.WAIVED, waiver="used")]
    assert [one.id for one in unused(waivers, findings, product=make.identity(), now=make.NOW)] == ["idle"]


def test_expiring_waivers_are_those_in_force_that_end_soon_the_earliest_first() -> None:
    ends = {"b": 14 * DAY, "a": 3 * DAY, "late": 15 * DAY, "over": 0 * DAY, "c": 3 * DAY}
    waivers = [waiver(name, ends=make.NOW + left) for name, left in ends.items()]
    assert [one.id for one in expiring(waivers, now=make.NOW)] == ["a", "c", "b"]
    assert [one.id for one in expiring(waivers, now=make.NOW, soon=2 * DAY)] == []


def test_names_that_nobody_can_read_are_the_same_only_when_equal() -> None:
    assert same_component("x", "x")
    assert not same_component("x", "y")
    assert not same_component(ORDERS, "urn:org.example:dataproducts:orders")


def test_a_finding_without_a_component_is_not_covered_by_a_waiver_of_a_component() -> None:
    product_wide = Spot("", "/info/owner")
    assert resolved(waiver(component=PLACED), spot=product_wide) is None
    assert resolved(waiver(within="/info/owner"), spot=product_wide) == "W-1"
    assert isinstance(make.finding(), Finding)
