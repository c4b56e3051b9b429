"""What can be wrong with what a consumer asks of products?"""

from __future__ import annotations

from engine.errors.family import GovernanceError, UsageError


class RequirementInvalid(UsageError):
    """This text is no requirement that products can be asked about, or its parameters do not fit it."""

    code = "requirement-invalid"
    hint = "Correct what the detail names; docs/howto/fitness.md shows what a requirement may say."


class ComparisonInvalid(UsageError):
    """Two to five different products can be compared, and each has to be in the catalog."""

    code = "comparison-invalid"
    hint = "Name each product by its fqn or id, perhaps with a version behind it: `FQN@1.2.0`."


class AccessInvalid(UsageError):
    """Access cannot be asked for as it is written."""

    code = "access-invalid"
    hint = "Correct what `errors` names; docs/howto/access.md shows what a request holds."


class AccessRefused(GovernanceError):
    """The policies of the mesh do not let this subject read this port for this purpose."""

    code = "access-refused"
    hint = "Look at `reasons`; the decision is in the log under the id in `decision`."


class AccessWaiting(GovernanceError):
    """The same was requested before, and nobody has decided on it yet."""

    code = "access-waiting"
    hint = "Ask an approver of the product's domain to decide on the request that the detail names."


class AccessDecided(GovernanceError):
    """This request has left the state from which that step leads."""

    code = "access-decided"
    hint = "Look at it with `meshgate access list`; for access anew make a new request."
