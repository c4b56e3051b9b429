"""What can be wrong with a request before any flow sees it?"""

from __future__ import annotations

from engine.errors import GovernanceError


class RequestInvalid(GovernanceError):
    """The request holds a parameter or field that this call does not understand."""

    code = "request-invalid"


class BodyUnreadable(GovernanceError):
    """The request body is not well-formed, so nothing was looked at."""

    code = "body-unreadable"


class MediaTypeUnsupported(GovernanceError):
    """The request body has a media type or encoding that this call does not take."""

    code = "media-type-unsupported"


class HostRefused(GovernanceError):
    """A server without tokens answers only requests that name this machine and come from no other site."""

    code = "host-refused"
    hint = "Use http://127.0.0.1 or http://localhost, or configure a tokens file."


class RouteUnknown(GovernanceError):
    """There is nothing at this address."""

    code = "route-unknown"


class MethodUnsupported(GovernanceError):
    """This address does not take this method."""

    code = "method-unsupported"


class ServerBusy(GovernanceError):
    """The server works on as much as it takes on at once."""

    code = "server-busy"
    hint = "Try again in a moment."
