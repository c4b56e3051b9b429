"""What can be wrong with what a consumer asks of products?"""

from __future__ import annotations

from engine.errors.family import UsageError


class RequirementInvalid(UsageError):
    """This text is no requirement that products can be asked about, or its parameters do not fit it."""

    code = "requirement-invalid"
    hint = "Correct what the detail names; docs/howto/fitness.md shows what a requirement may say."


class ComparisonInvalid(UsageError):
    """Two to five different products can be compared, and each has to be in the catalog."""

    code = "comparison-invalid"
    hint = "Name each product by its fqn or id, perhaps with a version behind it: `FQN@1.2.0`."
