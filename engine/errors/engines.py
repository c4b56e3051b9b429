"""What can go wrong when policies are asked?"""

from __future__ import annotations

from engine.errors.family import GovernanceError


class PolicyEngineUnavailable(GovernanceError):
    """The policy engine did not answer in the agreed form, so no decision was made."""

    code = "policy-engine-unavailable"
    hint = "Look at the engine named in the detail (`meshgate doctor`), then try again."


class SelfTestFailed(GovernanceError):
    """The policy engine let a document pass that breaks the rules."""

    code = "self-test-failed"
    hint = (
        "Compare the engine's version with requirements.lock; at least one policy has to object to an empty document."
    )


class PolicyEvaluationFailed(GovernanceError):
    """A blocking policy could not be evaluated, so no decision was made."""

    code = "policy-error"
    hint = "Tell the owner of the policy that is named in the detail."
