"""How does an adapter that is a Python object answer calls that travelled, over HTTP or on standard input?

Pure: a call with its arguments goes in, a body comes out. Who serves it puts it on a wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.errors import ProvisioningFailed
from engine.model import Json
from engine.provision.calls import CALLS
from engine.provision.contract import Body, Provisioner, faults

STATUS: Mapping[str, int] = {
    "UNAUTHORIZED": 401,
    "CONFLICT": 409,
    "STALE_GENERATION": 409,
    "TRANSIENT": 503,
    "TIMEOUT": 503,
    "INTERNAL": 500,
    "UNKNOWN_OUTCOME": 500,
    "UNSUPPORTED": 501,
}
"""The status of an error by its class; of every other class it is 422."""


class Reply(NamedTuple):
    """A body with the status that it has over HTTP."""

    status: int
    body: Body


def reply(adapter: Provisioner, call: str, arguments: Mapping[str, Any]) -> Reply:
    """What the adapter answers to a call; what was asked wrongly, or fails, is answered with the class of the error."""
    known = CALLS.get(call)
    if known is None:
        return _refused("INVALID", f"upp/1 has no call {call!r}")
    wrong = [f"{name}{fault}" for name, body in known.arguments.items() for fault in faults(body, arguments.get(name))]
    if wrong or set(arguments) - set(known.arguments):
        return _refused("INVALID", "; ".join(wrong[:3]) or f"{call} takes only {', '.join(known.arguments)}")
    method = getattr(adapter, call, None)
    if method is None:
        return _refused("UNSUPPORTED", f"this adapter has not the call {call}")
    try:
        return _told(call, method(**arguments))
    except ProvisioningFailed as error:
        return _refused(str(error.context.get("error_class") or "INTERNAL"), error.detail)
    except Exception as error:
        return _refused("UNKNOWN_OUTCOME" if known.writes else "INTERNAL", f"{type(error).__name__}: {error}")


def _told(call: str, answer: Json) -> Reply:
    if CALLS[call].answers == "Outcome" and isinstance(answer, dict):
        if answer.get("state") == "failed" and not faults("Outcome", answer):
            return _refused(answer["error"]["class"], answer["error"]["message"])
        return Reply(202 if answer.get("state") == "pending" else 200, answer)
    if call == "observe" and answer == {"state": "absent"}:
        return Reply(404, answer)
    return Reply(200, answer)


def _refused(error_class: str, detail: str) -> Reply:
    status = STATUS.get(error_class, 422)
    return Reply(status, {"class": error_class, "title": "upp/1", "detail": detail, "status": status})
