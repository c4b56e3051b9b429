"""How is a secret kept out of what an adapter says?"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from engine.model import Json

HIDDEN = "***"
LINE = 8
"""A line of a secret that is at least so long is a secret too: keys are often told line by line."""

CLOSED = ("state", "class")
"""Keys whose values are of closed sets, which no secret is in."""


def hidden(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, however they are spelt: plainly, in JSON, in an address, in base 64."""
    for spelt in sorted({one for secret in secrets for one in _spellings(secret)}, key=len, reverse=True):
        text = text.replace(spelt, HIDDEN)
    return text


def masked(value: Json, secrets: Iterable[str]) -> Json:
    """The same with every text, and every name, without these secrets."""
    known = tuple(secrets)
    if isinstance(value, str):
        return hidden(value, known)
    if isinstance(value, list):
        return [masked(one, known) for one in value]
    if isinstance(value, dict):
        return {hidden(name, known): one if name in CLOSED else masked(one, known) for name, one in value.items()}
    return value


def _spellings(secret: str) -> Iterator[str]:
    if not secret:
        return
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret, safe="")
    yield base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode()
    yield from (line for line in secret.splitlines() if len(line) >= LINE)
