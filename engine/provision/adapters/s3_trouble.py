"""Of which class is what an S3 server complains about, and how is it told without a secret?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

CODES: Mapping[str, str] = {
    **dict.fromkeys(("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"), "UNAUTHORIZED"),
    **dict.fromkeys(("InvalidToken", "AllAccessDisabled", "AccountProblem", "401", "403"), "UNAUTHORIZED"),
    **dict.fromkeys(("TooManyBuckets", "QuotaExceeded", "InsufficientCapacity"), "QUOTA"),
    **dict.fromkeys(("BucketAlreadyExists", "BucketNotEmpty", "InvalidBucketState"), "CONFLICT"),
    **dict.fromkeys(("NotImplemented", "MethodNotAllowed"), "UNSUPPORTED"),
    **dict.fromkeys(("OperationAborted", "SlowDown", "ServiceUnavailable", "InternalError"), "TRANSIENT"),
    **dict.fromkeys(("RequestTimeout", "NoSuchBucket", "PreconditionFailed"), "TRANSIENT"),
    "ConditionalRequestConflict": "TRANSIENT",
}
"""The server's code → class; one that is not here goes by its HTTP status. A bucket that vanishes is a race."""

UNREACHED = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError")


class Trouble(NamedTuple):
    error_class: str
    message: str


def told(error: Any, ref: Mapping[str, Any]) -> Trouble:
    """The class and the message of an error of botocore."""
    text = str(error)
    for secret in sorted(_secrets(ref), key=len, reverse=True):
        text = text.replace(secret, "***")
    return Trouble(_class(error), text or type(error).__name__)


def code(error: Any) -> str:
    """What the server calls it; empty where no server answered."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def status(error: Any) -> int:
    response = getattr(error, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _class(error: Any) -> str:
    kind = type(error).__name__
    if code(error) in CODES:
        return CODES[code(error)]
    if kind in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"):
        return "UNAUTHORIZED"
    if kind in UNREACHED:
        return "TRANSIENT"
    if status(error):
        return "TRANSIENT" if status(error) >= 500 else "INVALID"
    return "INVALID" if kind in ("ParamValidationError", "ValueError", "ProfileNotFound") else "UNKNOWN_OUTCOME"


def _secrets(ref: Mapping[str, Any]) -> list[str]:
    return [one for one in (ref.get("secrets") or {}).values() if isinstance(one, str) and one]
