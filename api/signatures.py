"""Which key does this file hold, and did the holder of a key sign this statement? (Ed25519, JWS compact)"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from engine.errors import HeadInvalid, KeyInvalid
from engine.model import Json

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
_LARGEST = 64 * 1024


def key(path: Path, *, private: bool) -> OKPKey:
    """The Ed25519 key in this file (PEM or JWK): its private half to sign with, or its public half to verify with.

    Keys come from files only, never from flags or variables that others can list. Raises KeyInvalid.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    content = _read(path)
    try:
        found = OKPKey.import_key(orjson.loads(content) if content.lstrip().startswith(b"{") else content)
        fits = found.curve_name == ALGORITHM
    except (ValueError, TypeError, KeyError, AttributeError, JoseError) as reason:
        raise KeyInvalid(f"{path} holds no Ed25519 key as PEM or JWK.") from reason
    if not fits:
        raise KeyInvalid(f"{path} holds a key of {found.curve_name}, and {ALGORITHM} is asked for.")
    if private and not found.is_private:
        raise KeyInvalid(f"{path} holds only a public key, and signing takes the private one.")
    return found


def signed(statement: Mapping[str, Json], by: OKPKey, *, kind: str) -> str:
    """The statement as JWS compact; `kind` names what it is, so that it cannot pass for another kind of statement."""
    from joserfc import jws

    header = {"alg": ALGORITHM, "typ": kind, "kid": by.thumbprint()}
    return jws.serialize_compact(header, orjson.dumps(statement), by, algorithms=[ALGORITHM])


def statement(token: str, by: OKPKey, *, kind: str) -> Json:
    """What was signed. Raises HeadInvalid for what this key did not sign, or that is of another kind."""
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        found = jws.deserialize_compact(token, by, algorithms=[ALGORITHM])
        if found.headers().get("typ") != kind:
            raise HeadInvalid(f"It is signed, but it is no `{kind}`.")
        return orjson.loads(found.payload or b"")
    except (ValueError, JoseError) as reason:
        raise HeadInvalid("It was not signed with this key, or it was changed afterwards.") from reason


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as reason:
        raise KeyInvalid(f"The key file {path} cannot be read: {reason.strerror}.") from reason
    if len(content) > _LARGEST:
        raise KeyInvalid(f"{path} is larger than any key.")
    return content
