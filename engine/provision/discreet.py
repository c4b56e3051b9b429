"""Which of an adapter's words may be kept and shown? Platforms like to repeat credentials in their messages.

Hidden are the secrets that its own configuration holds, and what looks like one: it is stored in the history of
resources and events, which is never taken back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from engine.descriptor.text import readable
from engine.model import Json
from engine.provision.masking import HIDDEN

LONGEST = 2000
"""Characters of one message that are kept."""
SHORTEST = 4
"""Shorter values are no secrets, and would be found everywhere."""
WORDS = frozenset({"message", "reason"})
"""The keys under which the bodies of upp/1 hold words of an adapter."""

_SECRET = r"(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)"  # noqa: S105
_NAMED = re.compile(_SECRET, re.IGNORECASE)
_LOOKS = (
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)[^\s/@]{1,500}@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (
        re.compile(
            rf"([\w-]{{0,40}}{_SECRET}[\w-]{{0,40}}[\"']?\s{{0,5}}[=:]\s{{0,5}})(\"[^\"]*\"|'[^']*'|[^\s,;&}}]+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), HIDDEN),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), HIDDEN),
)


def discreet(text: str, secrets: Collection[str] = ()) -> str:
    """The text without these secrets and without what looks like one, cut to a length that can be shown."""
    told = readable(text[: 2 * LONGEST])
    for one in sorted(secrets, key=len, reverse=True):
        told = told.replace(one, HIDDEN)
    for looks, instead in _LOOKS:
        told = looks.sub(instead, told)
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"


def words_of(error: Exception) -> str:
    """What an error of somebody else says of itself; its kind alone where it cannot even say that."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def worded(body: Json, secrets: Collection[str] = ()) -> Json:
    """A body of an adapter with its words made discreet; outputs are data and stay as they are."""
    if isinstance(body, list):
        return [worded(one, secrets) for one in body]
    if not isinstance(body, dict):
        return body
    return {
        key: discreet(value, secrets)
        if key in WORDS and isinstance(value, str)
        else value
        if key == "outputs"
        else worded(value, secrets)
        for key, value in body.items()
    }


def secrets_of(configuration: Mapping[str, Json]) -> frozenset[str]:
    """The values of a configuration that are secrets: by the name of their key, or as the password of an address."""
    return frozenset(one for one in _secrets(configuration, named=False) if len(one) >= SHORTEST)


def _secrets(value: Json, *, named: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, named=named or bool(_NAMED.search(str(key))))
    elif isinstance(value, list):
        for one in value:
            yield from _secrets(one, named=named)
    elif isinstance(value, str):
        yield from ({value} if named else ())
        yield from _passwords(value)


def _passwords(text: str) -> Iterator[str]:
    if "://" not in text:
        return
    try:
        password = urlsplit(text).password
    except ValueError:
        return
    if password:
        yield from {password, unquote(password)}
