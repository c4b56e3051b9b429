"""How does a service at an address become an adapter (upp/1 over HTTP, `schemas/upp-1.openapi.json`)?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from engine.errors import ProvisioningFailed
from engine.provision.adapters.handed_on import HandedOn
from engine.provision.asking import Answer, Ask
from engine.provision.calls import CALLS
from engine.provision.contract import Body, failed, faults

SECONDS = 30.0
LARGEST = 4 * 1024 * 1024
CLASSES: Mapping[int, str] = {
    400: "INVALID",
    401: "UNAUTHORIZED",
    403: "UNAUTHORIZED",
    408: "TRANSIENT",
    409: "CONFLICT",
    413: "INVALID",
    422: "INVALID",
    425: "TRANSIENT",
    429: "TRANSIENT",
    501: "UNSUPPORTED",
    503: "TRANSIENT",
}
"""The class of an error whose body names none; any other 3xx or 4xx is INVALID: nothing has
changed (OSB rule), and no redirect is followed."""


CONFIGURATION: Body = {
    "type": "object",
    "required": ["address"],
    "properties": {
        "address": {"type": "string", "description": "where the service is; `/upp/v1` stands below it"},
        "seconds": {"type": "number", "description": "how long one call may take; 30 where it is not told"},
        "headers": {"type": "object", "description": "headers that are sent with each call"},
    },
}


class Http(HandedOn):
    """The adapter `http`; `config["address"]` is where the service is, below which `/upp/v1` stands."""

    def __init__(self, config: Mapping[str, Any], *, ask: Ask) -> None:
        address = config.get("address")
        if not isinstance(address, str) or not address.startswith(("http://", "https://")):
            raise ValueError("http needs the setting `address`, such as https://provisioner.example.org")
        self._address = address.rstrip("/")
        self._seconds = float(config.get("seconds", SECONDS))
        self._headers = {str(name).lower(): str(value) for name, value in dict(config.get("headers") or {}).items()}
        self._ask = ask

    def observe(self, ref: Body) -> Body:
        answer = self._sent("observe", {"id": ref["resource_id"]}, {"ref": ref})
        if answer.status == 404:
            return {"state": "absent"}
        if answer.status != 200:
            return {"state": "unknown", "reason": self._error("observe", answer).detail}
        return self._body("observe", answer)

    def _asked(self, call: str, **arguments: Any) -> Body:
        if CALLS[call].answers == "Outcome":
            return self._done(call, **arguments)
        answer = self._sent(call, arguments, arguments)
        if answer.status != 200:
            raise self._error(call, answer)
        return self._body(call, answer)

    def _done(self, call: str, **arguments: Any) -> Body:
        """The outcome of a writing call: what the adapter refuses is an outcome too, not an exception."""
        named = arguments.get("request") or arguments["ref"]
        key = f"{named['resource_id']}:{named['generation']}"
        answer = self._sent(call, {"id": named["resource_id"]}, arguments, {"idempotency-key": key})
        if call == "destroy" and answer.status == 404:
            return {"state": "done", "changed": False, "observation": {"state": "absent"}}
        if answer.status not in (200, 201, 202):
            error = self._error(call, answer)
            return {"state": "failed", "error": {"class": error.context["error_class"], "message": error.detail}}
        return self._body(call, answer)

    def _sent(
        self,
        call: str,
        placed: Mapping[str, Any],
        arguments: Mapping[str, Any],
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """What came back. Raises ProvisioningFailed where nothing did."""
        known = CALLS[call]
        parts = {name: quote(str(value), safe="") for name, value in placed.items()}
        query = urlencode({name: _text(arguments[name]) for name in known.query})
        path = known.path.format_map(parts)
        told = {name: arguments[name] for name in known.body}
        body = b"" if not told else json.dumps(told.popitem()[1] if len(told) == 1 else told).encode()
        headers = {**self._headers, **more, "accept": "application/json"}
        if body:
            headers["content-type"] = "application/json"
        url = f"{self._address}{path}" + (f"?{query}" if query else "")
        return self._ask(known.method, url, headers=headers, body=body, seconds=self._seconds, at_most=LARGEST)

    def _body(self, call: str, answer: Answer) -> Body:
        told = _json(answer)
        if not isinstance(told, dict):
            kind = "UNKNOWN_OUTCOME" if CALLS[call].writes else "INTERNAL"
            raise failed(kind, f"{self._address} answered {call} with no JSON object")
        return told

    def _error(self, call: str, answer: Answer) -> ProvisioningFailed:
        """The error that an answer tells, in its own class where it names one of the closed set."""
        told = _json(answer)
        problem: Body = told if isinstance(told, dict) else {}
        named: Body = {
            "class": problem.get("class"),
            "message": str(problem.get("detail") or problem.get("title") or "-"),
        }
        unknown = "UNKNOWN_OUTCOME" if CALLS[call].writes else "TRANSIENT"
        usual = CLASSES.get(answer.status, "INVALID" if 300 <= answer.status < 500 else unknown)
        kind = usual if faults("Error", named) else str(named["class"])
        said = "" if named["message"] == "-" else f": {named['message'][:300]}"
        return failed(kind, f"{self._address} answered {call} with status {answer.status}{said}")


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
