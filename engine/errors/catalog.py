"""What can go wrong between a request and the catalog?"""

from __future__ import annotations

from engine.errors.family import GovernanceError, UsageError


class CatalogUnavailable(GovernanceError):
    """The catalog's database could not be reached or refused the work."""

    code = "catalog-unavailable"


class CatalogBehind(CatalogUnavailable):
    """The catalog's database schema is not the one that this meshgate needs."""

    code = "catalog-schema-behind"
    hint = "Run `meshgate db upgrade`."


class QueryTimeout(GovernanceError):
    """The query took longer than it may, and was given up."""

    code = "query-timeout"
    hint = "Ask for less at once."


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


class InstantInvalid(UsageError):
    """The catalog cannot be told as of this instant."""

    code = "instant-invalid"
    hint = "Give a moment that has passed, or a revision up to the last one."


class SearchInvalid(UsageError):
    """A search is asked for with a filter that cannot be read or is too large."""

    code = "search-invalid"
    hint = "Correct the condition that the detail names; docs/howto/search.md lists the fields and their operators."


class LineageInvalid(UsageError):
    """Lineage is asked for from something that no data flows through, or beyond what one answer may hold."""

    code = "lineage-invalid"
    hint = "Correct what the detail names; docs/howto/lineage.md says what can be asked."


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
    hint = (
        "Give kinds, domains and fully qualified names as changes have them, and to be told by post an https address "
        "that is public or that the operator allows (`subscription_receivers`)."
    )


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
