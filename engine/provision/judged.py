"""What of a plan do policies and people see, and what of it may a person have to agree to?"""

from __future__ import annotations

from engine.model import Json
from engine.provision.plan import Action, Plan


def shown(plan: Plan, environment: str) -> dict[str, Json]:
    """The plan as `_context.plan` of a deploy decision: `{digest, environment, actions, notes}`.

    It holds no configuration and no definition of a component, so no reference to a secret either.
    """
    actions = [_shown(one) for one in plan.actions]
    return {"digest": plan.digest, "environment": environment, "actions": actions, "notes": list(plan.notes)}


def destroyed(plan: Plan) -> tuple[str, ...]:
    """What the plan takes away or makes anew, as people read it; nothing for a plan that only adds and changes."""
    return tuple(f"{one.kind} {one.request['component']['fqn']}" for one in plan.actions if one.destructive)


def _shown(action: Action) -> dict[str, Json]:
    return {
        "action": action.kind,
        "reason": action.reason,
        "adapter": action.adapter,
        "destructive": action.destructive,
        "data": action.policy,
        "component": dict(action.request["component"]),
    }
