"""Why is a stream not taken into a catalog? Each reason has a code of its own; whatever it is, nothing was taken in."""

from __future__ import annotations

from engine.errors import GovernanceError, UsageError


class StreamUnreadable(UsageError):
    """A line of the stream is not what such a stream holds."""

    code = "stream-unreadable"
    hint = "Export the catalog anew with `meshgate export catalog --complete`."


class StreamCut(UsageError):
    """The stream ends before its last line."""

    code = "stream-cut"
    hint = "Export the catalog anew; what is missing cannot be told from what there is."


class StreamAltered(UsageError):
    """The stream is not the one that was exported."""

    code = "stream-altered"
    hint = "Somebody or something changed the named line after it was written: get the stream from its source again."


class StreamMasked(UsageError):
    """The stream lacks what its reader was not to see, so no catalog can be made of it."""

    code = "stream-masked"
    hint = "Have an operator export the catalog with `--complete`."


class CatalogElsewhere(GovernanceError):
    """The catalog does not end where the stream goes on."""

    code = "catalog-elsewhere"
    hint = "Load a whole stream into an empty catalog, or one that goes on after this catalog's own head (`--after`)."


class SyntheticRefused(GovernanceError):
    """The stream holds records that were made up, and this catalog was not made for benchmarks."""

    code = "synthetic-refused"
    hint = "Make a catalog for them with `meshgate db create --benchmarks`."
