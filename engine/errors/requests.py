"""Why is a request not even looked at?"""

from __future__ import annotations

from engine.errors.family import GovernanceError


class Unauthenticated(GovernanceError):
    """The request carries no valid bearer token."""

    code = "unauthenticated"
    hint = "Send `Authorization: Bearer …` with a token that the operator gave you."


class CallbackRefused(GovernanceError):
    """The callback is not signed with the secret of this binding, or was signed more than five minutes ago."""

    code = "callback-refused"
    hint = "Sign `{webhook-id}.{webhook-timestamp}.{body}` as Standard Webhooks says, anew for each try."


class CallbackUnreadable(GovernanceError):
    """The callback tells nothing that can be read."""

    code = "callback-unreadable"
    hint = "Send a CloudEvent 1.0 in structured JSON; an executor of Open Data Mesh sends `{status, results, errors}`."


class Forbidden(GovernanceError):
    """The principal may not do this."""

    code = "forbidden"


class BodyTooLarge(GovernanceError):
    """The request body is larger than this call accepts."""

    code = "body-too-large"


class IdempotencyKeyReused(GovernanceError):
    """This Idempotency-Key was used before with another body."""

    code = "idempotency-key-reused"


class IdempotencyKeyInFlight(GovernanceError):
    """The first request with this Idempotency-Key is still running."""

    code = "idempotency-key-in-flight"
    hint = "Try again in a moment; the answer will be replayed."
