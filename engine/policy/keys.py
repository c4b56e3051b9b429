"""Which key signs bundles, and which one verifies them? (PEM files; the algorithms that OPA verifies, too.)"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from engine.policy.refusals import KeyInvalid

LARGEST = 64 << 10
_EC = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_RSA = "RS256"
_SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class BundleKey:
    """One key with the algorithm that belongs to its kind; `id` is the RFC 7638 thumbprint of its public half."""

    id: str
    algorithm: str
    jwk: ECKey | RSAKey

    def sign(self, payload: bytes, *, key_id: str) -> str:
        """The payload as a JWS that names the key by `key_id`."""
        header = {"alg": self.algorithm, "kid": key_id}
        return jws.serialize_compact(header, payload, self.jwk, algorithms=[self.algorithm])

    def verified(self, token: str) -> bytes | None:
        """The payload of a JWS that this key signed with its own algorithm; None of any other."""
        try:
            return jws.deserialize_compact(token, self.jwk, algorithms=[self.algorithm]).payload
        except (JoseError, ValueError):
            return None


def signing(path: Path) -> BundleKey:
    """The private key in this PEM file. Raises KeyInvalid that says what is wrong with it."""
    found = _read(path)
    if not found.jwk.is_private:
        raise KeyInvalid(f"{path} holds a public key; signing needs the private one.")
    return found


def verifying(path: Path) -> BundleKey:
    """The public key in this PEM file. Raises KeyInvalid that says what is wrong with it.

    A private key is refused: whoever only verifies must not be able to sign.
    """
    found = _read(path)
    if found.jwk.is_private:
        raise KeyInvalid(f"{path} holds a private key; verifying needs only the public one, and it alone.")
    return found


def _read(path: Path) -> BundleKey:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as reason:
        raise KeyInvalid(f"{path} cannot be read: {reason.strerror}.") from None
    if b"-----BEGIN " not in text or len(text) > LARGEST:
        raise KeyInvalid(f"{path} is no PEM file.")
    if b"ENCRYPTED" in text:
        raise KeyInvalid(f"{path} is encrypted with a passphrase; give it without (`openssl pkey -in … -out …`).")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # a weak key is refused below, in words of ours
        jwk = _imported(text, path)
    return BundleKey(jwk.thumbprint(), _algorithm(jwk, path), jwk)


def _imported(text: bytes, path: Path) -> ECKey | RSAKey:
    for kind in (ECKey, RSAKey):
        try:
            found: ECKey | RSAKey = kind.import_key(text)
            found.thumbprint()  # a key of another kind is noticed only when it is used
        except (JoseError, ValueError, TypeError, AttributeError, KeyError):
            continue
        return found
    raise KeyInvalid(f"{path} holds neither an RSA nor an EC key.")


def _algorithm(jwk: ECKey | RSAKey, path: Path) -> str:
    if isinstance(jwk, RSAKey):
        if (bits := jwk.raw_value.key_size) < _SMALLEST_RSA:
            raise KeyInvalid(f"{path}: an RSA key of {bits} bits is too weak; it needs {_SMALLEST_RSA}.")
        return _RSA
    if jwk.curve_name not in _EC:
        raise KeyInvalid(f"{path}: OPA verifies no signature on the curve {jwk.curve_name}; {', '.join(_EC)} it does.")
    return _EC[jwk.curve_name]
