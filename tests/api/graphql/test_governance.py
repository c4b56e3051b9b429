"""Does GraphQL lead from a rule in words to policies, products, findings and waivers, and back?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import make
import pytest
from remembered import ANNA

from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database
from catalog.waivers import WaiverBook
from engine.model import Enforcement, FindingCode, Principal
from engine.policy import governance
from engine.policy.assignments import Assignment
from engine.policy.global_policies import Attestation, GlobalPolicy, Status
from engine.policy.waivers import Waiver

OWNER, NAMES = "mesh.ownership.owner_declared", "mesh.naming.names_follow_pattern"
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
DAY = timedelta(days=1)


@pytest.fixture
def house(database: Database, house: House, mesh: Database) -> House:
    told = {"title": "Owners", "owner": "gov", "scope": "mesh", "rationale": "So.", "review_by": make.NOW + DAY}
    words: list[Any] = [
        GlobalPolicy(id="GP-1", status=Status.ACTIVE, policies=(OWNER,), text="# Owners", **told),  # type: ignore[arg-type]
        GlobalPolicy(id="GP-2", status=Status.ACTIVE, **told),  # type: ignore[arg-type]
    ]
    people: dict[str, Any] = {"requested_by": "ann", "approved_by": "bob", "reason": "known"}
    filed = Waiver("W-1", NAMES, ORDERS, begins=make.NOW - DAY, ends=make.NOW + DAY, file="w.yaml", line=3, **people)
    assigned = Assignment(OWNER, "mesh", Enforcement.ADVISORY, file="a.yaml", line=7)
    policies = (make.policy(), make.policy(NAMES, findings={"owner_missing": FindingCode("x")}))
    house.clock = lambda: make.NOW
    house.__dict__.update(bundle=make.bundle(*policies), governance=governance.of([assigned], [filed], words=words))
    return house


def request(database: Database, *, state: str | None = None, policy: str = OWNER) -> str:
    with database.work(ANNA, at=make.NOW) as work:
        asked = {"policy": policy, "product": ORDERS, "reason": "Moving."}
        made = WaiverBook(work).request(asked, domain="sales", begins=make.NOW, ends=make.NOW + 30 * DAY)
        work.commit()
    if state:
        with database.work(Principal("bob"), at=make.NOW) as work:
            work.head()
            WaiverBook(work).step(made.id, state, note="")
            work.commit()
    return made.id


def test_from_a_sentence_to_its_findings(house: House, data: Any) -> None:
    query = """{ globalPolicy(id: "GP-1") { title status text gaps { code }
      policies { policyId enforcement assignments { scope enforcement file }
        coverage { products passed failed waived complete domains { domain products } }
        findings(first: 2) { pageInfo { hasNextPage } edges { node { product version code disposition } } }
        globalPolicies { globalId } } } }"""
    told = data(query)["globalPolicy"]
    (policy,) = told.pop("policies")
    assert told == {"title": "Owners", "status": "ACTIVE", "text": "# Owners", "gaps": []}
    assert policy["globalPolicies"] == [{"globalId": "GP-1"}]
    assert policy["assignments"] == [{"scope": "mesh", "enforcement": "ADVISORY", "file": "a.yaml:7"}]
    domains = [{"domain": name, "products": 1} for name in ("customer", "finance", "sales")]
    whole = {"products": 3, "passed": 0, "failed": 3, "waived": 0, "complete": True}
    assert policy["coverage"] == {**whole, "domains": domains}
    edges = [edge["node"] for edge in policy["findings"]["edges"]]
    assert [one["product"].split(":")[4] for one in edges] == ["customers", "orders"]
    assert policy["findings"]["pageInfo"]["hasNextPage"]


def test_what_is_missing_is_named_in_both_directions(house: House, data: Any) -> None:
    query = """{ globalPolicies { edges { node { globalId gaps { code message } } } }
      policies { edges { node { policyId gaps { code } } } } }"""
    told = data(query)
    words = {edge["node"]["globalId"]: edge["node"]["gaps"] for edge in told["globalPolicies"]["edges"]}
    assert words == {
        "GP-1": [],
        "GP-2": [{"code": "NOT_COMPUTED", "message": "no policy computes it, and nobody vouches for it"}],
    }
    policies = {edge["node"]["policyId"]: edge["node"]["gaps"] for edge in told["policies"]["edges"]}
    assert policies == {OWNER: [], NAMES: [{"code": "NO_MANDATE"}]}


def test_an_attestation_is_shown_with_whether_it_holds(house: House, data: Any) -> None:
    one = house.governance.global_policies[1]
    word = Attestation("ann", make.NOW - DAY, make.NOW, "minutes")
    house.__dict__["governance"] = governance.of(words=[replace(one, attestation=word)])
    told = data('{ globalPolicy(id: "GP-2") { attestation { by inForce evidence } } }')["globalPolicy"]
    assert told == {"attestation": {"by": "ann", "inForce": False, "evidence": "minutes"}}


def test_nothing_has_another_id(house: House, data: Any) -> None:
    assert data('{ policy(id: "no") { title } globalPolicy(id: "no") { title } }') == {
        "policy": None,
        "globalPolicy": None,
    }


def test_a_policy_shows_its_waivers_and_how_it_is_set_aside(house: House, database: Database, data: Any) -> None:
    from catalog.suspensions import SuspensionBook

    with database.work(Principal("olga"), at=make.NOW) as work:
        work.head()
        SuspensionBook(work).suspend(NAMES, reason="errs", ends=make.NOW + DAY)
        work.commit()
    query = """query Q($id: String!) { policy(id: $id) { suspension { reason suspendedBy }
      waivers { edges { node { waiverId unused } } } } }"""
    told = data(query, id=NAMES)["policy"]
    assert told["suspension"] == {"reason": "errs", "suspendedBy": "olga"}
    assert told["waivers"]["edges"] == [{"node": {"waiverId": "W-1", "unused": False}}]


WAIVERS = """query W(
  $state: WaiverState, $unused: Boolean, $days: Int, $policy: String, $first: Int = 20, $after: String) {
  waivers(state: $state, unused: $unused, expiringWithinDays: $days, policy: $policy, first: $first, after: $after) {
    pageInfo { endCursor hasNextPage } edges { node { waiverId origin state expiring unused file } } } }"""


def test_waivers_are_listed_with_the_same_marks_as_over_http(house: House, database: Database, data: Any) -> None:
    open_, idle = request(database), request(database, state="approved")

    def ids(**wanted: Any) -> list[str]:
        return [edge["node"]["waiverId"] for edge in data(WAIVERS, **wanted)["waivers"]["edges"]]

    nodes = {edge["node"]["waiverId"]: edge["node"] for edge in data(WAIVERS)["waivers"]["edges"]}
    common = {"waiverId": "W-1", "origin": "FILE", "state": "IN_FORCE", "file": "w.yaml:3"}
    assert nodes["W-1"] == {**common, "expiring": True, "unused": False}
    assert (nodes[open_]["state"], nodes[idle]["unused"], nodes[idle]["expiring"]) == ("REQUESTED", True, False)
    assert ids(state="REQUESTED") == [open_]
    assert ids(unused=True) == [idle]
    assert ids(days=14) == ["W-1"]
    assert ids(policy=NAMES) == ["W-1"]
    first = data(WAIVERS, first=1)["waivers"]
    rest = data(WAIVERS, first=5, after=first["pageInfo"]["endCursor"])["waivers"]
    assert len(rest["edges"]) == 2


@pytest.fixture
def crowded(house: House, database: Database) -> House:
    """Twenty policies more, each with a rule in words and a waiver by request."""
    held = house.governance
    told = {"title": "x", "owner": "gov", "scope": "mesh", "rationale": "So.", "review_by": make.NOW + DAY}
    names = [f"mesh.extra.p{number:02}" for number in range(20)]
    words = [
        GlobalPolicy(id=f"GP-9{number:02}", status=Status.ACTIVE, policies=(name,), **told)  # type: ignore[arg-type]
        for number, name in enumerate(names)
    ]
    policies = [*house.bundle.policies.values(), *map(make.policy, names)]
    everything = governance.of(held.assignments, held.waivers, words=[*held.global_policies, *words])
    house.__dict__.update(bundle=make.bundle(*policies), governance=everything)
    for name in names:
        request(database, state="approved", policy=name)
    return house


OF_A_POLICY = """coverage { products domains { domain products } } suspension { reason } gaps { code }
  assignments { file } findings(first: 2) { edges { node { code } } } waivers(first: 2) { edges { node { unused } } }
  globalPolicies { globalId policies { policyId } }"""
GOVERNING = {
    # the mark, the revision of what is counted, the waivers, which of them are used
    "policies": (f"{{ policies(first: $n) {{ edges {{ node {{ policyId {OF_A_POLICY} }} }} }} }}", 4),
    "global policies": (
        "{ globalPolicies(first: $n) { edges { node { globalId gaps { code } attestation { by } policies {"
        " policyId coverage { products } waivers(first: 2) { edges { node { waiverId } } } } } } } }",
        4,
    ),
    "waivers": ("{ waivers(first: $n) { edges { node { waiverId origin state expiring unused file } } } }", 2),
}


@pytest.mark.parametrize("shape", GOVERNING)
def test_statements_do_not_grow_with_policies_and_pages(crowded: House, data: Any, counted: Any, shape: str) -> None:
    query, expected = GOVERNING[shape]
    query = "query Q($n: Int!) " + query
    data(query, n=1)
    sent = []
    for size in (1, 5, 20):
        with counted() as statements:
            data(query, n=size)
        sent.append(len(statements))
    assert sent == [expected] * 3


def test_the_new_types_are_in_the_schema() -> None:
    names = ("GlobalPolicy", "Policy", "PolicyCoverage", "Waiver", "WaiverConnection")
    assert [name for name in names if name not in schema().type_map] == []
