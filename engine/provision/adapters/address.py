"""Where is the service that an adapter asks, and what does it mean by its answer?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from engine.provision.asking import Answer, Ask

SECONDS = 30.0
LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that are read."""

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


@dataclass(frozen=True, slots=True)
class Address:
    """The address in the configuration of a binding, with its headers and the time that a call may take."""

    url: str
    seconds: float
    headers: Mapping[str, str]
    way: Ask

    @classmethod
    def of(cls, name: str, config: Mapping[str, Any], ask: Ask) -> Address:
        """From `address`, `seconds` and `headers`. Raises ValueError for what is no address of a service."""
        url = config.get("address")
        if not isinstance(url, str) or not _is_plain(url):
            raise ValueError(f"{name} needs the setting `address`, such as https://provisioner.example.org")
        headers = {str(key).lower(): str(value) for key, value in dict(config.get("headers") or {}).items()}
        return cls(url.rstrip("/"), float(config.get("seconds", SECONDS)), headers, ask)

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] = MappingProxyType({}), body: bytes = b""
    ) -> Answer:
        """What came back. Raises ProvisioningFailed where nothing did (`engine.provision.asking.Ask`)."""
        told = {**self.headers, **headers, **({"content-type": "application/json"} if body else {})}
        return self.way(method, self.url + path, headers=told, body=body, seconds=self.seconds, at_most=LARGEST)


def json_of(answer: Answer) -> Any:
    """The JSON value of an answer; None where it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _is_plain(url: str) -> bool:
    """Whether it is an address below which paths stand: a password in it would be sent on and shown in errors."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None and parts.password is None and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in ("http", "https") and not parts.query and not parts.fragment
