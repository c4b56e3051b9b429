"""What can be wrong with keys and what they sign?"""

from __future__ import annotations

from engine.errors.family import UsageError


class KeyInvalid(UsageError):
    """A key file cannot be read, or holds no key that fits."""

    code = "key-invalid"
    hint = (
        "Make one with `openssl genpkey -algorithm ed25519 -out KEY`, and its public half with `openssl pkey -pubout`."
    )


class HeadInvalid(UsageError):
    """A statement of the catalog's head cannot be read, or was not signed with this key."""

    code = "head-invalid"
