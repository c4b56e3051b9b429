"""Does each policy apply where, how hard and with what its assignments say?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import make
import pytest

from engine.model import Enforcement, Event, Policy
from engine.policy.assignments import Assignment, Match
from engine.policy.selection import Ruling, select

OWNER = "mesh.ownership.owner_declared"
SHADOW, ADVISORY, BLOCKING, MANDATORY = Enforcement
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def ruled(*assignments: Assignment, policy: Policy | None = None, document: Any = None, **facts: Any) -> Ruling:
    (ruling,) = select(
        make.descriptor(document),
        facts=make.facts(**facts),
        bundle=make.bundle(policy or make.policy()),
        assignments=assignments,
    )
    return ruling


def mesh(enforcement: Enforcement, **changes: Any) -> Assignment:
    return Assignment(OWNER, "mesh", enforcement, **changes)


def sales(enforcement: Enforcement, **changes: Any) -> Assignment:
    return Assignment(OWNER, "sales", enforcement, **changes)


def test_without_an_assignment_the_annotation_holds() -> None:
    ruling = ruled()
    assert (ruling.enforcement, ruling.parameters, ruling.skipped) == (BLOCKING, {}, "")


def test_only_policies_that_hear_the_event_are_selected_in_the_order_of_their_ids() -> None:
    policies = [make.policy("b"), make.policy("a"), make.policy("c", events=frozenset({Event.RESCAN}))]
    rulings = select(make.descriptor(), facts=make.facts(), bundle=make.bundle(*policies), assignments=())
    assert [ruling.policy.id for ruling in rulings] == ["a", "b"]


def test_the_first_match_of_a_scope_gives_everything_together() -> None:
    ruling = ruled(
        mesh(SHADOW, match=Match(domains=("hr",)), parameters={"x": 1}),
        mesh(ADVISORY, match=Match(domains=("sales",))),
        mesh(MANDATORY, parameters={"x": 2}),
    )
    assert (ruling.enforcement, ruling.parameters) == (ADVISORY, {})


def test_across_scopes_the_harder_holds_and_local_parameters_join() -> None:
    ruling = ruled(mesh(ADVISORY, parameters={"x": 1}), sales(BLOCKING, parameters={"hint": "ask Jo"}))
    assert (ruling.enforcement, ruling.parameters) == (BLOCKING, {"x": 1, "hint": "ask Jo"})
    assert ruled(mesh(MANDATORY), sales(BLOCKING)).enforcement is MANDATORY


def test_the_assignments_of_another_domain_do_not_count() -> None:
    assert ruled(Assignment(OWNER, "hr", MANDATORY)).enforcement is BLOCKING


TAGGED = make.effective(tags=["gold", 7])
OTHER = "urn:dpds:org.example:dataproducts:invoices:1"


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        (Match(), True),
        (Match(domains=("hr", "sales")), True),
        (Match(domains=("hr",)), False),
        (Match(environments=("prod",)), True),
        (Match(environments=("dev",)), False),
        (Match(events=("submit",)), True),
        (Match(events=("deploy", "rescan")), False),
        (Match(tags=("gold", "silver")), True),
        (Match(tags=("silver",)), False),
        (Match(products=("urn:dpds:org.example:dataproducts:orders:1",)), True),
        (Match(products=("urn:dpds:org.example:dataproducts:orders",)), True),
        (Match(products=("urn:dpds:org.example:dataproducts:orders:2",)), False),
        (Match(products=(OTHER,)), False),
        (Match(domains=("sales",), tags=("silver",)), False),
    ],
)
def test_lists_are_or_within_a_key_and_and_between_keys(match: Match, holds: bool) -> None:
    ruling = ruled(mesh(SHADOW, match=match), document=TAGGED, environment="prod")
    assert ruling.enforcement is (SHADOW if holds else BLOCKING)
    excluded = ruled(mesh(SHADOW, exclude=match), document=TAGGED, environment="prod")
    assert excluded.enforcement is (BLOCKING if holds else SHADOW)


def test_an_assignment_to_an_environment_does_not_hold_where_none_is_given() -> None:
    assert ruled(mesh(SHADOW, match=Match(environments=("dev",)))).enforcement is BLOCKING


@pytest.mark.parametrize(
    ("assigned", "now"),
    [(SHADOW, SHADOW), (ADVISORY, ADVISORY), (BLOCKING, ADVISORY), (MANDATORY, ADVISORY)],
)
def test_before_its_date_nothing_is_harder_than_advisory(assigned: Enforcement, now: Enforcement) -> None:
    ruling = ruled(mesh(assigned, effective_from=LATER))
    assert ruling.enforcement is now
    assert ruling.level.reason == (f"advisory until 2027-01-01, then {assigned}" if assigned.rejects else "")


def test_from_the_first_moment_of_its_date_on_an_assignment_holds() -> None:
    one = mesh(BLOCKING, effective_from=LATER)
    assert ruled(one, now=LATER - timedelta(microseconds=1)).enforcement is ADVISORY
    assert ruled(one, now=LATER).enforcement is BLOCKING


def test_the_date_of_the_policy_holds_unless_an_assignment_gives_its_own() -> None:
    late = make.policy(effective_on=LATER)
    assert ruled(policy=late).enforcement is ADVISORY
    assert ruled(mesh(MANDATORY), policy=late).enforcement is ADVISORY
    assert ruled(mesh(MANDATORY, effective_from=make.NOW), policy=late).enforcement is MANDATORY


def test_a_grace_is_for_products_that_were_there_before_the_date() -> None:
    one = mesh(BLOCKING, effective_from=LATER, grace_for_existing=timedelta(days=90))
    after = LATER + timedelta(days=30)
    assert ruled(one, now=after).enforcement is BLOCKING
    assert ruled(one, now=after, accepted_at=LATER).enforcement is BLOCKING
    existing = ruled(one, now=after, accepted_at=LATER - timedelta(days=1))
    assert (existing.enforcement, existing.level.reason) == (ADVISORY, "advisory until 2027-04-01, then blocking")
    assert ruled(one, now=LATER + timedelta(days=90), accepted_at=make.NOW).enforcement is BLOCKING


def test_a_grace_beyond_the_calendar_never_ends() -> None:
    last = datetime(9999, 12, 31, tzinfo=UTC)
    one = mesh(BLOCKING, effective_from=last, grace_for_existing=timedelta(days=90))
    assert ruled(one, accepted_at=make.NOW).level.reason == "advisory until 9999-12-31, then blocking"


def test_a_domains_date_does_not_soften_what_the_mesh_says_today() -> None:
    later = sales(MANDATORY, effective_from=LATER)
    assert ruled(later).enforcement is BLOCKING
    assert ruled(mesh(BLOCKING), later).enforcement is BLOCKING
    assert ruled(mesh(BLOCKING), later, now=LATER).enforcement is MANDATORY
    assert ruled(mesh(SHADOW), later).enforcement is ADVISORY


def test_a_domain_says_alone_how_hard_its_own_policy_is() -> None:
    own = make.policy("sales.naming.prefix")
    assert ruled(Assignment(own.id, "sales", SHADOW), policy=own).enforcement is SHADOW


@pytest.mark.parametrize(
    ("needs", "facts", "skipped", "missed"),
    [
        ("mesh", {}, "needs the mesh, and no catalog is at hand", True),
        ("mesh", {"mesh": {}}, "", False),
        ("previous", {}, "needs the previous version, and no catalog is at hand", True),
        ("previous", {"previous": {}}, "", False),
        ("previous", {"mesh": {}}, "there is no previous version", False),
        ("previous", {"authoritative": True}, "there is no previous version", False),
    ],
)
def test_a_policy_whose_needs_are_not_at_hand_is_skipped(
    needs: str, facts: dict[str, Any], skipped: str, missed: bool
) -> None:
    ruling = ruled(policy=make.policy(needs=frozenset({needs})), **facts)
    assert (ruling.skipped, ruling.missed) == (skipped, missed)


def test_a_document_without_identity_is_still_of_its_domain() -> None:
    rulings = select(
        make.descriptor(identity=None),
        facts=make.facts(),
        bundle=make.bundle(make.policy()),
        assignments=[sales(MANDATORY), mesh(SHADOW, match=Match(products=(OTHER,)))],
    )
    assert [ruling.enforcement for ruling in rulings] == [MANDATORY]


@pytest.mark.parametrize("document", [{"info": "text", "tags": "gold"}, {"info": {"domain": 7, "tags": {}}}, {}])
def test_a_document_of_any_shape_can_be_selected_for(document: dict[str, Any]) -> None:
    rulings = select(
        make.descriptor(document, identity=None),
        facts=make.facts(),
        bundle=make.bundle(make.policy()),
        assignments=[mesh(SHADOW, match=Match(domains=("sales",), tags=("gold",)))],
    )
    assert [ruling.enforcement for ruling in rulings] == [BLOCKING]


def selected(policy: Policy, *assignments: Assignment, domain: str = "sales") -> list[str]:
    descriptor = make.descriptor(identity=make.identity(domain=domain))
    rulings = select(descriptor, facts=make.facts(), bundle=make.bundle(policy), assignments=assignments)
    return [ruling.policy.id for ruling in rulings]


def test_a_policy_of_a_domain_holds_in_that_domain_only_unless_it_is_assigned_elsewhere() -> None:
    closing = make.policy("finance.closing.notice")
    assert selected(closing, domain="finance") == [closing.id]
    assert selected(closing, domain="sales") == []
    everywhere = Assignment(closing.id, "mesh", ADVISORY)
    assert selected(closing, everywhere, domain="sales") == [closing.id]
    adopted = Assignment(closing.id, "sales", BLOCKING)
    assert (selected(closing, adopted, domain="sales"), selected(closing, adopted, domain="hr")) == ([closing.id], [])


def test_a_domain_is_found_in_a_package_as_rego_lets_it_be_written() -> None:
    assert selected(make.policy("customer_success.x.y"), domain="Customer-Success") == ["customer_success.x.y"]


def test_a_package_of_one_step_belongs_to_no_domain_and_holds_everywhere() -> None:
    assert selected(make.policy("main"), domain="hr") == ["main"]
