"""How is a change told? As a CloudEvent (1.0, structured JSON), signed as Standard Webhooks says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from engine.model import Json

if TYPE_CHECKING:
    from catalog.shown import Change

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"


def event(change: Change, *, source: str) -> dict[str, Json]:
    """The change as a CloudEvent: `id` is its cursor, so that whoever has seen an id drops what comes again."""
    told = {
        "specversion": "1.0",
        "id": str(change.cursor),
        "source": source,
        "type": f"meshgate.{change.kind}.v1",
        "subject": change.subject,
        "time": change.at.isoformat(),
        "datacontenttype": "application/json",
        "data": {"kind": change.kind, "principal": change.principal, "payload": dict(change.payload)},
    }
    return {name: value for name, value in told.items() if value or name != "subject"}  # an empty one is not allowed


def source(namespace: str) -> str:
    """Where events of the mesh of this namespace come from."""
    return f"urn:meshgate:{namespace}"


def signed(told: Mapping[str, Json], *, secret: str, now: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and headers of a delivery; its id is the event's, the same however often it is sent."""
    from standardwebhooks import Webhook

    body = orjson.dumps(told)
    signature = Webhook(secret).sign(told["id"], now, body.decode())
    return body, {
        "content-type": MEDIA_TYPE,
        "webhook-id": told["id"],
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
