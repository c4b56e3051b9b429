"""What does a callback of an adapter do? It wakes the poller, once, and moves nothing itself.

Whoever calls has to know an address that nobody can guess, and sign with the secret of the binding; only what stands
for a platform that cannot sign is known by its address alone. The state is read where it is, by the next poll.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping

import orjson

from catalog.callbacks import Awaited, Callbacks
from engine.errors import CallbackRefused, CallbackUnreadable, NotFound, SettingsInvalid
from engine.model import Json

Secret = Callable[[str], str]
"""What a reference (`env:NAME`, `file:PATH`) stands for. Raises LookupError."""

ENDS = frozenset({"PROCESSED", "FAILED", "ABORTED"})
"""Statuses that end a task of Open Data Mesh."""

SHORTEST = 24
"""Bytes of a key, as Standard Webhooks wants it."""

ATTRIBUTES = ("id", "source", "type")


def signed(token: str, headers: Mapping[str, str], body: bytes, *, callbacks: Callbacks, secret: Secret) -> None:
    """Hear a CloudEvent that is signed as Standard Webhooks says.

    Raises NotFound, CallbackRefused where it is not signed so, or older than five minutes, CallbackUnreadable where it
    is no CloudEvent, and SettingsInvalid where the secret is not there.
    """
    awaited = _awaited(token, callbacks)
    if not awaited.secret:
        raise CallbackRefused("Nothing is bound to this address that callbacks could be signed with.")
    _verify(awaited, headers, body, secret)
    event = _json(body)
    attributes = event if isinstance(event, dict) else {}
    if attributes.get("specversion") != "1.0" or not all(_is_text(attributes.get(name)) for name in ATTRIBUTES):
        raise CallbackUnreadable("This is no CloudEvent 1.0 in structured JSON.")
    callbacks.hear(awaited, f"id {headers['webhook-id']}")


def unsigned(token: str, body: bytes, *, callbacks: Callbacks) -> None:
    """Hear an executor of Open Data Mesh, which does not sign; a body may tell `{status, results, errors}`.

    Raises NotFound, CallbackRefused where callbacks to this address have to be signed, CallbackUnreadable.
    """
    awaited = _awaited(token, callbacks)
    if awaited.secret:
        raise CallbackRefused("Callbacks to this address are signed.")
    told = _json(body) if body.strip() else {}
    if not isinstance(told, dict):
        raise CallbackUnreadable("The body is no JSON object.")
    ends = {name: told.get(name) for name in ("status", "results", "errors")} if told.get("status") in ENDS else None
    callbacks.hear(awaited, f"body {hashlib.sha256(body).hexdigest()}", told=ends)


def _awaited(token: str, callbacks: Callbacks) -> Awaited:
    found = callbacks.awaited(token)
    if found is None:
        raise NotFound("There is no such callback.")
    return found


def _verify(awaited: Awaited, headers: Mapping[str, str], body: bytes, secret: Secret) -> None:
    from standardwebhooks import Webhook, WebhookVerificationError

    webhook = Webhook(_key(awaited.secret, secret))
    try:
        webhook.verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        raise CallbackRefused from None


def _key(reference: str, secret: Secret) -> bytes:
    """The key in a secret as Standard Webhooks writes it. Raises SettingsInvalid."""
    try:
        key = base64.b64decode(secret(reference).strip().removeprefix("whsec_"), validate=True)
        if len(key) >= SHORTEST:
            return key
    except (LookupError, ValueError):
        pass
    told = f"`callback_secret`: {reference} holds no secret: `whsec_` and base64 of {SHORTEST} bytes or more."
    raise SettingsInvalid(told, key="callback_secret")


def _json(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise CallbackUnreadable("The body is no JSON.") from None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""
