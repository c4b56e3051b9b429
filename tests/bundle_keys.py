"""Keys to sign bundles with, made anew for a test: PEM files as `openssl` writes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey, RSAKey

from engine.policy import keys
from engine.policy.archive import Signer
from engine.policy.keys import BundleKey


@dataclass(frozen=True)
class Pair:
    """The two halves of a key, each in a file."""

    private: Path
    public: Path

    @property
    def verifying(self) -> BundleKey:
        return keys.verifying(self.public)

    def signer(self, key_id: str = "governance") -> Signer:
        return Signer(keys.signing(self.private), key_id)


def ec(folder: Path, name: str = "ec", curve: str = "P-256") -> Pair:
    return _written(folder, name, ECKey.generate_key(curve))


def rsa(folder: Path, name: str = "rsa", bits: int = 2048) -> Pair:
    return _written(folder, name, RSAKey.generate_key(bits))


def _written(folder: Path, name: str, key: ECKey | RSAKey) -> Pair:
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.pub.pem")
    pair.private.write_bytes(key.as_pem(private=True))
    pair.public.write_bytes(key.as_pem(private=False))
    return pair
