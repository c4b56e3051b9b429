"""What went wrong when no decision was made?

A rule that says no is data (a problem or a finding). An exception of this family means that nothing was decided:
then nothing is accepted and nothing deployed. The docstring is the default message; `code` is stable for ever.
"""

from __future__ import annotations

from typing import Any, ClassVar


class GovernanceError(Exception):
    """Something went wrong, and nothing was decided or changed."""

    code: ClassVar[str] = "internal-error"
    #: what the person who meets this error can do
    hint: ClassVar[str] = ""

    def __init__(self, detail: str = "", **context: Any) -> None:
        self.title = (type(self).__doc__ or self.code).strip().splitlines()[0]
        self.detail = detail or self.title
        self.context = context
        super().__init__(self.detail)


# --- configuration and use ------------------------------------------------------------------------------------------


class UsageError(GovernanceError):
    """The command or request was put in a way that cannot be carried out."""

    code = "usage"


class SettingsInvalid(UsageError):
    """The configuration holds a key or value that meshgate does not know."""

    code = "settings-invalid"
    hint = "Compare the named key with docs/reference/configuration.md."


class GovernanceInvalid(GovernanceError):
    """The governance folder holds an assignment, waiver or environment that cannot be applied."""

    code = "governance-invalid"


class BundleInvalid(GovernanceError):
    """The policies could not be loaded, so nothing can be decided with them."""

    code = "bundle-invalid"


# --- policy engines -------------------------------------------------------------------------------------------------


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


# --- the catalog ----------------------------------------------------------------------------------------------------


class CatalogUnavailable(GovernanceError):
    """The catalog's database could not be reached or refused the work."""

    code = "catalog-unavailable"


class CatalogBehind(CatalogUnavailable):
    """The catalog's database schema is not the one that this meshgate needs."""

    code = "catalog-schema-behind"
    hint = "Run `meshgate db upgrade`."


class DataDirectoryBusy(UsageError):
    """Another meshgate process owns the data directory."""

    code = "data-directory-busy"
    hint = "Point `server` at the named address, or stop that server."


class NotFound(GovernanceError):
    """Nothing in the catalog has this name."""

    code = "not-found"


class CursorInvalid(UsageError):
    """This cursor does not belong to this list and query."""

    code = "cursor-invalid"
    hint = "Take cursors from the answer to the same query, or start without one."


class SearchInvalid(UsageError):
    """A search is asked for with a filter that cannot be read or is too large."""

    code = "search-invalid"
    hint = "Correct the condition that the detail names; docs/howto/search.md lists the fields and their operators."


class StandingInvalid(UsageError):
    """A version cannot get this status with these words."""

    code = "standing-invalid"
    hint = "Send a reason; for a deprecated version also, if you like, a sunset to come and the fqn of its successor."


class InputErased(GovernanceError):
    """What the policies saw of this decision was erased, so it cannot be decided again."""

    code = "input-erased"
    hint = "Outcome, moment and digests of the decision are still told; the change `decision.input-erased` says why."


class NotReplayable(GovernanceError):
    """This decision was made without asking any policy, so there is nothing to decide again."""

    code = "not-replayable"


class ErasureInvalid(UsageError):
    """An input can only be erased with a reason."""

    code = "erasure-invalid"
    hint = "Send a reason; it stays with the tombstone."


class MaskInvalid(GovernanceError):
    """The mask policy could not be applied, so no decision was shown or exported."""

    code = "mask-invalid"
    hint = "Mend the mask policy in the governance folder (`mask/`); until then nothing leaves."


class SubscriptionInvalid(UsageError):
    """Nobody can be told of changes this way."""

    code = "subscription-invalid"
    hint = "Give an https address that is public, or one that the operator allows (`subscription_receivers`)."


class WaiverInvalid(UsageError):
    """This waiver cannot be asked for as it is written."""

    code = "waiver-invalid"


class WaiverDecided(GovernanceError):
    """This waiver has left the state from which that step leads."""

    code = "waiver-decided"
    hint = "Look at it with `meshgate waiver list`; for a new exception request a new waiver."


class SuspensionInvalid(UsageError):
    """This policy cannot be suspended with these words."""

    code = "suspension-invalid"


class DescriptorUnreadable(GovernanceError):
    """The descriptor could not be read, so it was not judged."""

    code = "descriptor-unreadable"


class DescriptorRejected(GovernanceError):
    """The descriptor breaks rules of the mesh and was not accepted."""

    code = "descriptor-rejected"


class VersionConflict(GovernanceError):
    """This version was already accepted with other content."""

    code = "version-conflict"
    hint = "Raise info.version; an accepted version never changes."


class CatalogMoved(GovernanceError):
    """The catalog kept changing while the decision was made."""

    code = "catalog-moved"
    hint = "Try again."


# --- deploying ------------------------------------------------------------------------------------------------------


class NotCleared(GovernanceError):
    """This version has no clearance for this environment."""

    code = "not-cleared"


class ContainerOccupied(GovernanceError):
    """Another deployment of this product's major version to this environment is running."""

    code = "container-occupied"
    hint = "Wait until the named deployment has ended."


class Downgrade(GovernanceError):
    """A higher version is live, and no rollback was asked for."""

    code = "downgrade"
    hint = "Send `rollback: true` if you mean it."


class PlanInvalid(GovernanceError):
    """The descriptor and the environment do not give a plan that can be carried out."""

    code = "plan-invalid"


class ProvisioningFailed(GovernanceError):
    """An adapter could not make or remove a resource."""

    code = "provisioning-failed"


# --- keys and signatures --------------------------------------------------------------------------------------------


class KeyInvalid(UsageError):
    """A key file cannot be read, or holds no key that fits."""

    code = "key-invalid"
    hint = (
        "Make one with `openssl genpkey -algorithm ed25519 -out KEY`, and its public half with `openssl pkey -pubout`."
    )


class HeadInvalid(UsageError):
    """A statement of the catalog's head cannot be read, or was not signed with this key."""

    code = "head-invalid"


# --- requests -------------------------------------------------------------------------------------------------------


class Unauthenticated(GovernanceError):
    """The request carries no valid bearer token."""

    code = "unauthenticated"
    hint = "Send `Authorization: Bearer …` with a token that the operator gave you."


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
