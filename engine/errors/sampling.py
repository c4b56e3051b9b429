"""What can keep data of a port from being shown?"""

from __future__ import annotations

from engine.errors.family import GovernanceError, UsageError


class SamplingPolicyInvalid(GovernanceError):
    """The sampling policy cannot say what may be shown, so nothing is shown."""

    code = "sampling-policy-invalid"
    hint = "Tell the governance team: docs/howto/sample.md shows what `sampling/` of the governance folder holds."


class SampleDenied(GovernanceError):
    """Data of this port is not shown to this principal."""

    code = "sample-denied"
    hint = "Ask the owner of the product, or the governance team, for access."


class SourceUnavailable(GovernanceError):
    """The data of this port cannot be read there now."""

    code = "source-unavailable"
    hint = "`reason` says why; the platform team binds ports to their data in environments.yaml."


class SampleLimitExceeded(UsageError):
    """The sample would take more than a sample may."""

    code = "sample-limit-exceeded"
    hint = "`limit` names the bound: ask for fewer rows or columns, or try again later."
