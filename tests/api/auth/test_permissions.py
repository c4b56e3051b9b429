"""Does each role open exactly its own doors?"""

from __future__ import annotations

import pytest

from api.auth.permissions import LOCAL, ROLES, Action, require
from engine.errors import Forbidden
from engine.model import Principal


def allowed(role: str) -> set[Action]:
    opened = set()
    for action in Action:
        try:
            require(Principal("somebody", frozenset({role})), action)
        except Forbidden:
            continue
        opened.add(action)
    return opened


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("reader", {Action.READ, Action.CHECK}),
        (
            "submitter",
            {
                *(Action.READ, Action.CHECK, Action.SUBMIT, Action.CHANGE_STATUS, Action.SUBSCRIBE),
                *(Action.REQUEST_WAIVER, Action.REQUEST_ACCESS),
            },
        ),
        ("consumer", {Action.READ, Action.CHECK, Action.REQUEST_ACCESS, Action.SUBSCRIBE}),
        (
            "approver",
            {
                *(Action.READ, Action.CHECK, Action.SUBSCRIBE),
                *(Action.APPROVE_WAIVER, Action.APPROVE_DEPLOYMENT, Action.APPROVE_ACCESS),
            },
        ),
        ("deployer", {Action.READ, Action.CHECK, Action.DEPLOY, Action.SUBSCRIBE}),
        ("auditor", {Action.READ, Action.CHECK, Action.AUDIT, Action.SUBSCRIBE}),
        ("opa", {Action.READ, Action.REPORT}),
        ("operator", set(Action)),
        ("unheard of", set()),
    ],
)
def test_a_role_opens_its_own_doors_only(role: str, actions: set[Action]) -> None:
    assert allowed(role) == actions


def test_the_person_at_this_machine_has_every_role() -> None:
    assert Principal(id="local", roles=frozenset(ROLES)) == LOCAL


def test_a_principal_of_a_domain_writes_nowhere_else() -> None:
    team = Principal("sales-team", frozenset({"submitter"}), frozenset({"sales"}))
    require(team, Action.SUBMIT, domain="sales")
    with pytest.raises(Forbidden) as refused:
        require(team, Action.SUBMIT, domain="finance")
    assert refused.value.context == {"principal": "sales-team", "action": Action.SUBMIT, "domain": "finance"}


def test_a_principal_without_domains_writes_everywhere() -> None:
    require(Principal("platform", frozenset({"submitter"})), Action.SUBMIT, domain="finance")


def test_a_domain_opens_no_door_that_the_role_keeps_shut() -> None:
    with pytest.raises(Forbidden):
        require(Principal("reader", frozenset({"reader"}), frozenset({"sales"})), Action.SUBMIT, domain="sales")
