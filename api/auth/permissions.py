"""Who may do what?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from engine.errors import Forbidden
from engine.model import Principal


class Action(StrEnum):
    """What a flow asks permission for."""

    READ = "read"
    CHECK = "check"
    SUBMIT = "submit"
    CHANGE_STATUS = "change the status of a version"
    DEPLOY = "deploy"
    APPROVE_DEPLOYMENT = "approve or reject a deployment"
    SUBSCRIBE = "subscribe to changes"
    AUDIT = "see what the mask policy hides"
    SAMPLE = "see data of ports"
    ERASE = "erase the input of a decision"
    REQUEST_WAIVER = "request a waiver"
    APPROVE_WAIVER = "approve, reject or revoke a waiver"
    REQUEST_ACCESS = "request access to a port"
    APPROVE_ACCESS = "approve, reject or revoke access to a port"
    SUSPEND_POLICY = "suspend a policy"
    OPERATE = "operate"
    RELEASE = "release policies"
    REPORT = "report as an OPA server"
    OBSERVE = "post observations"


ROLES: Mapping[str, frozenset[Action]] = {
    "reader": frozenset({Action.READ, Action.CHECK}),
    "submitter": frozenset(
        {
            *(Action.READ, Action.CHECK, Action.SUBMIT, Action.CHANGE_STATUS, Action.SUBSCRIBE),
            *(Action.REQUEST_WAIVER, Action.REQUEST_ACCESS),
        }
    ),
    "consumer": frozenset({Action.READ, Action.CHECK, Action.REQUEST_ACCESS, Action.SUBSCRIBE}),
    "approver": frozenset(
        {
            *(Action.READ, Action.CHECK, Action.SUBSCRIBE),
            *(Action.APPROVE_WAIVER, Action.APPROVE_DEPLOYMENT, Action.APPROVE_ACCESS),
        }
    ),
    "deployer": frozenset({Action.READ, Action.CHECK, Action.DEPLOY, Action.SUBSCRIBE}),
    "auditor": frozenset({Action.READ, Action.CHECK, Action.AUDIT, Action.SUBSCRIBE}),
    "sampler": frozenset({Action.READ, Action.CHECK, Action.SAMPLE}),
    "opa": frozenset({Action.READ, Action.REPORT}),
    "observer": frozenset({Action.READ, Action.OBSERVE}),
    "operator": frozenset(Action),
}
"""Each role with what it may do; a principal may do what any of its roles may (docs/reference/http.md, Who asks)."""

LOCAL = Principal(id="local", roles=frozenset(ROLES))
"""The person at this machine: all roles, and only ever reachable over loopback or in process."""


def may(principal: Principal, action: Action) -> bool:
    """Whether one of the principal's roles allows this."""
    return any(action in ROLES.get(role, frozenset()) for role in principal.roles)


def require(principal: Principal, action: Action, *, domain: str | None = None) -> None:
    """Let the principal pass, or raise Forbidden.

    Writes name the product's domain: a principal that lists domains may write only there, one that lists none anywhere.
    """
    if not may(principal, action):
        raise Forbidden(f"`{principal.id}` may not {action.value}.", principal=principal.id, action=action.value)
    if domain is not None and principal.domains and domain not in principal.domains:
        raise Forbidden(
            f"`{principal.id}` may not {action.value} in the domain `{domain}`.",
            principal=principal.id,
            action=action.value,
            domain=domain,
        )
