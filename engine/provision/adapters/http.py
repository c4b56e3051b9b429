"""How does a service at an address become an adapter (upp/1 over HTTP, `schemas/upp-1.openapi.json`)?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from engine.errors import ProvisioningFailed
from engine.provision.adapters.address import CLASSES, Address, json_of
from engine.provision.adapters.handed_on import HandedOn
from engine.provision.asking import Answer, Ask
from engine.provision.calls import CALLBACK, CALLS
from engine.provision.contract import Body, failed, faults

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
        self._at = Address.of("http", config, ask)

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
        query = urlencode({name: _text(_told(arguments[name])) for name in known.query})
        path = known.path.format_map(parts)
        told = {name: _told(arguments[name]) for name in known.body}
        body = b"" if not told else json.dumps(told.popitem()[1] if len(told) == 1 else told).encode()
        headers = {**more, **_called_back(arguments), "accept": "application/json"}
        return self._at.ask(known.method, path + (f"?{query}" if query else ""), headers=headers, body=body)

    def _body(self, call: str, answer: Answer) -> Body:
        told = json_of(answer)
        if not isinstance(told, dict):
            kind = "UNKNOWN_OUTCOME" if CALLS[call].writes else "INTERNAL"
            raise failed(kind, f"{self._at.url} answered {call} with no JSON object")
        return told

    def _error(self, call: str, answer: Answer) -> ProvisioningFailed:
        """The error that an answer tells, in its own class where it names one of the closed set."""
        told = json_of(answer)
        problem: Body = told if isinstance(told, dict) else {}
        named: Body = {
            "class": problem.get("class"),
            "message": str(problem.get("detail") or problem.get("title") or "-"),
        }
        unknown = "UNKNOWN_OUTCOME" if CALLS[call].writes else "TRANSIENT"
        usual = CLASSES.get(answer.status, "INVALID" if 300 <= answer.status < 500 else unknown)
        kind = usual if faults("Error", named) else str(named["class"])
        said = "" if named["message"] == "-" else f": {named['message'][:300]}"
        return failed(kind, f"{self._at.url} answered {call} with status {answer.status}{said}")


def _told(argument: Any) -> Any:
    """The argument as it travels: an address to call back is in a header, since a query is written into logs."""
    if not isinstance(argument, dict) or "callback" not in argument:
        return argument
    return {name: value for name, value in argument.items() if name != "callback"}


def _called_back(arguments: Mapping[str, Any]) -> dict[str, str]:
    named = arguments.get("request") or arguments.get("ref") or {}
    return {CALLBACK: named["callback"]} if "callback" in named else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
