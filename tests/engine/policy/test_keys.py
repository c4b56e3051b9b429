"""Is a key that can sign bundles, or verify them, told from one that cannot, in words?"""

from __future__ import annotations

import subprocess
import warnings
from pathlib import Path

import bundle_keys
import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey

from engine.policy import keys
from engine.policy.refusals import KeyInvalid


@pytest.mark.parametrize(
    ("curve", "algorithm"), [("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512"), ("", "RS256")]
)
def test_the_kind_of_the_key_says_how_is_signed(curve: str, algorithm: str, tmp_path: Path) -> None:
    pair = bundle_keys.ec(tmp_path, curve=curve) if curve else bundle_keys.rsa(tmp_path)
    private, public = keys.signing(pair.private), keys.verifying(pair.public)
    assert (private.algorithm, public.algorithm, private.id) == (algorithm, algorithm, public.id)
    assert public.verified(private.sign(b"what was signed", key_id="any")) == b"what was signed"


def test_what_another_key_signed_is_not_verified(tmp_path: Path) -> None:
    one, two, three = bundle_keys.ec(tmp_path, "one"), bundle_keys.ec(tmp_path, "two"), bundle_keys.rsa(tmp_path)
    token = keys.signing(one.private).sign(b"x", key_id="any")
    head, body, signature = token.split(".")
    for forged in (f"{head}.{body}.", f"{head}.eQ.{signature}", "e30.eA.eA", "a.b.c", "", "ÿ.ÿ.ÿ"):
        assert one.verifying.verified(forged) is None
    assert [pair.verifying.verified(token) for pair in (one, two, three)] == [b"x", None, None]


def test_a_token_without_a_signature_is_not_verified(tmp_path: Path) -> None:
    assert bundle_keys.ec(tmp_path).verifying.verified("eyJhbGciOiJub25lIn0.eA.") is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ec.pub.pem", "holds a public key; signing needs the private one"),
        ("none.pem", "cannot be read: No such file or directory"),
        (".", "cannot be read: Is a directory"),
        ("text.pem", "is no PEM file"),
        ("broken.pem", "holds neither an RSA nor an EC key"),
        ("ed25519.pem", "holds neither an RSA nor an EC key"),
        ("secp256k1.pem", "OPA verifies no signature on the curve secp256k1"),
        ("weak.pem", "an RSA key of 1024 bits is too weak"),
        ("locked.pem", "is encrypted with a passphrase"),
    ],
)
def test_what_cannot_sign_is_refused_with_its_reason(name: str, told: str, tmp_path: Path) -> None:
    bundle_keys.ec(tmp_path)
    (tmp_path / "text.pem").write_text("no key")
    (tmp_path / "broken.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    (tmp_path / "locked.pem").write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n")
    (tmp_path / "ed25519.pem").write_bytes(OKPKey.generate_key("Ed25519").as_pem(private=True))
    bundle_keys.ec(tmp_path, "secp256k1", "secp256k1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        bundle_keys.rsa(tmp_path, "weak", 1024)
    with pytest.raises(KeyInvalid, match=told) as refused:
        keys.signing(tmp_path / name)
    assert (refused.value.code, str(tmp_path) in refused.value.detail) == ("key-invalid", True)


def test_a_private_key_is_not_taken_to_verify_with(tmp_path: Path) -> None:
    with pytest.raises(KeyInvalid, match="holds a private key; verifying needs only the public one"):
        keys.verifying(bundle_keys.ec(tmp_path).private)


def test_the_lines_of_openssl_on_the_page_make_keys_that_work(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "howto" / "releasing-policies.md"
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("openssl ")]
    try:
        for line in lines:
            subprocess.run(line.split(), cwd=tmp_path, check=True, capture_output=True)
    except FileNotFoundError as reason:
        pytest.skip(f"openssl: {reason}")
    signed = keys.signing(tmp_path / "policies.key").sign(b"x", key_id="any")
    assert (len(lines), keys.verifying(tmp_path / "policies.pub").verified(signed)) == (2, b"x")
