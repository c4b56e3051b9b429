"""With which secret is a subscription signed, when no secret is kept?

Each secret is computed from one key file of the operator and the subscription's id. So the database holds none, every
server and worker with the file can sign, and a secret that was shown once cannot be asked for again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import KeyInvalid

SHORTEST = 32
_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class SubscriptionKey:
    """The key in the operator's file; `id` tells keys apart and nothing of the key."""

    content: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(b"meshgate subscription key id\0" + self.content).hexdigest()[:16]

    def secret(self, subscription_id: str) -> str:
        """The secret of this subscription, as Standard Webhooks writes secrets."""
        made = hmac.digest(self.content, f"meshgate subscription\0{subscription_id}".encode(), "sha256")
        return f"whsec_{base64.b64encode(made).decode()}"


def read(file: Path) -> SubscriptionKey:
    """The key in this file. Raises KeyInvalid."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1).strip()
    except OSError as reason:
        raise KeyInvalid(f"The key of subscriptions {file} cannot be read: {reason.strerror}.") from reason
    if not SHORTEST <= len(content) <= _LARGEST:
        raise KeyInvalid(f"{file}: a key of subscriptions has {SHORTEST} to {_LARGEST} bytes of random text.")
    return SubscriptionKey(content)


def made_once(file: Path) -> SubscriptionKey:
    """The key in this file, which is made where there is none, for its owner's eyes only. Raises KeyInvalid."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read(file)
    except OSError as reason:
        raise KeyInvalid(f"The key of subscriptions {file} cannot be made: {reason.strerror}.") from reason
    with os.fdopen(handle, "wb") as opened:
        opened.write(secrets.token_urlsafe(48).encode())
        opened.flush()
        os.fsync(opened.fileno())
    return read(file)
