"""What do adapters say of a plan before anything is touched: can they make it, and what would they take away?

A changed definition may make a technology remove a thing and make it anew. So whoever has the capability `plan` is
asked for each update of what is there; where it says so, the update is destructive for policies and people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.flows.deploying.asking import filled
from api.flows.deploying.site import Site
from engine.errors import PlanInvalid
from engine.model import Json
from engine.provision.plan import Action, Plan

REMOVES = frozenset({"delete", "replace"})
"""What an adapter may say that it would do, and that takes something away whatever else it says of it."""

Resources = Sequence[Mapping[str, Any]]


def foretold(made: Plan, seen: Mapping[str, Mapping[str, Json]], resources: Resources, site: Site) -> Plan:
    """The plan with what adapters say of its updates, given what they saw.

    Raises PlanInvalid where one cannot make what it is asked for, and ProvisioningFailed.
    """
    _refuse_invalid(made, site)
    told = (_foretold(one, seen.get(one.request["resource_id"]), resources, site) for one in made.actions)
    return replace(made, actions=tuple(told))


def _refuse_invalid(made: Plan, site: Site) -> None:
    for action in made.actions:
        if action.kind in ("noop", "delete"):
            continue
        issues = site.adapter(action.adapter, action.request).issues(dict(action.request))
        errors = [f"{one['path']}: {one['message']}" for one in issues if one["severity"] == "error"]
        if errors:
            fqn = action.request["component"]["fqn"]
            raise PlanInvalid(f"{action.adapter} refuses {fqn}: {'; '.join(errors)}", error_class="INVALID")


def _foretold(action: Action, seen: Mapping[str, Json] | None, resources: Resources, site: Site) -> Action:
    if action.kind != "update" or seen is None:
        return action
    maker = site.adapter(action.adapter, action.request)
    if not maker.can("plan"):
        return action
    request = filled(action.request, action.depends_on, action.built, resources, site)
    told = maker.plan(request, dict(seen))
    if not told["destructive"] and told["action"] not in REMOVES:
        return action
    return replace(action, destructive=True, reason=f"{action.reason} ({action.adapter}: {told['reason']})")
