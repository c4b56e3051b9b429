"""Is only the bundle believed that the holder of the key released, by us and by a stock OPA alike?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import bundle_keys
import outside_parts
import pytest
import rego
from bundle_keys import Pair

from engine.errors import BundleInvalid
from engine.model import Bundle
from engine.policy import archive, governance, refusals, signing, tarball
from engine.policy import bundle as bundles

DAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
MODULE = "trial/one/one.rego"
ODD = {"a": ["\u2028<&>\u007f\u0001é", -0.50, 1e400, 10**30, True, None, {}], "ß": {"b": [], "a": ""}}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundles.load([rego.write(tmp_path_factory.mktemp("source"), {"trial.one": rego.violation("true")})])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return bundle_keys.ec(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def signed(bundle: Bundle, pair: Pair) -> bytes:
    return archive.write(bundle, governance.of(), taken=DAY, signer=pair.signer())


def within(content: bytes, files: Mapping[str, bytes | None]) -> bytes:
    """The archive with other files; None takes one away."""
    every = {**tarball.unpack(content, "x"), **files}
    return tarball.pack({path: body for path, body in every.items() if body is not None})


def unsigned(content: bytes) -> bytes:
    """As somebody makes it who takes the signature and every word of it away."""
    told = json.loads(tarball.unpack(content, "x")[".manifest"])
    del told["metadata"]["meshgate"]["key_id"]
    return within(content, {".signatures.json": None, ".manifest": json.dumps(told).encode()})


def spaced(content: bytes) -> bytes:
    told = json.loads(tarball.unpack(content, "x")[".manifest"])
    return within(content, {".manifest": json.dumps(told, indent=4).encode()})


def later(content: bytes) -> bytes:
    said = tarball.unpack(content, "x")[".manifest"]
    return within(content, {".manifest": said.replace(b"2026-11-23T00:00:00", b"2027-11-23T00:00:00")})


def changed(content: bytes) -> bytes:
    said = tarball.unpack(content, "x")[MODULE]
    return within(content, {MODULE: said.replace(b"true", b"fals")})


FORGED = {
    "unsigned": (unsigned, refusals.BundleUnsigned),
    "stripped": (lambda one: within(one, {".signatures.json": None}), refusals.BundleSignatureStripped),
    "emptied": (lambda one: within(one, {".signatures.json": b'{"signatures": []}'}), refusals.BundleSignatureStripped),
    "garbled": (lambda one: within(one, {".signatures.json": b"[]"}), refusals.BundleSignatureUnreadable),
    "a file changed": (changed, refusals.BundleTampered),
    "the moment changed": (later, refusals.BundleTampered),
    "a file gone": (lambda one: within(one, {MODULE: None}), refusals.BundleTampered),
    "a file added": (lambda one: within(one, {"more.rego": b"package trial.more\n"}), refusals.BundleFileUnsigned),
}


def accepted_by_opa(opa: str, content: bytes, pair: Pair, folder: Path) -> bool:
    """Whether a stock `opa run` starts with this bundle; it verifies and loads before it evaluates."""
    file = folder / "mesh.tar.gz"
    file.write_bytes(content)
    address = f"127.0.0.1:{outside_parts.free_port()}"
    keyed = ["--verification-key", str(pair.public), "--verification-key-id", "governance", "--signing-alg"]
    command = [opa, "run", "--server", "--disable-telemetry", "--addr", address, "--bundle", str(file)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        process = outside_parts.started(
            [*command, *keyed, pair.verifying.algorithm], f"http://{address}/health", **quiet
        )
    except RuntimeError:
        return False
    process.terminate()
    process.wait(10)
    return True


def test_a_signed_bundle_is_read_with_its_key_and_without(signed: bytes, bundle: Bundle, pair: Pair) -> None:
    for key in (pair.verifying, None):
        read = archive.read(signed, "mesh", key=key)
        assert (read.revision, read.snapshot.key_id) == (bundle.revision, "governance")


def test_a_manifest_may_be_spaced_otherwise(signed: bytes, bundle: Bundle, pair: Pair) -> None:
    assert archive.read(spaced(signed), "mesh", key=pair.verifying).revision == bundle.revision


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_as_it_was_signed_is_refused_with_a_code_of_its_own(name: str, signed: bytes, pair: Pair) -> None:
    forge, kind = FORGED[name]
    with pytest.raises(BundleInvalid) as refused:
        archive.read(forge(signed), "mesh", key=pair.verifying)
    assert (type(refused.value), refused.value.detail.startswith("mesh")) == (kind, True)


def test_a_stripped_signature_is_noticed_even_where_none_is_wanted(signed: bytes) -> None:
    with pytest.raises(refusals.BundleSignatureStripped, match="says that the key governance signed it"):
        archive.read(within(signed, {".signatures.json": None}), "mesh")


def test_another_key_is_named(signed: bytes, tmp_path: Path) -> None:
    other = bundle_keys.ec(tmp_path).verifying
    with pytest.raises(refusals.BundleOtherKey, match=other.id):
        archive.read(signed, "mesh", key=other)


@pytest.mark.parametrize(
    "payload",
    [b"[]", b"{}", b'{"files": 1}', b'{"files": [{"name": "x"}]}', b"\xff", b'{"files": [{"name": 1, "hash": "", '
     b'"algorithm": "SHA-256"}]}', b'{"files": [{"name": "x", "hash": "", "algorithm": "MD5"}]}'],
)  # fmt: skip
def test_a_signature_over_something_else_is_unreadable(payload: bytes, signed: bytes, pair: Pair) -> None:
    token = pair.signer().key.sign(payload, key_id="governance")
    content = within(signed, {".signatures.json": json.dumps({"signatures": [token]}).encode()})
    with pytest.raises(refusals.BundleSignatureUnreadable):
        archive.read(content, "mesh", key=pair.verifying)


def test_two_builds_differ_at_most_in_the_signature(bundle: Bundle, pair: Pair, tmp_path: Path) -> None:
    signer = bundle_keys.rsa(tmp_path).signer()
    one, two = (archive.write(bundle, governance.of(), taken=DAY, signer=signer) for _ in range(2))
    assert one == two
    three, four = (archive.write(bundle, governance.of(), taken=DAY, signer=pair.signer()) for _ in range(2))
    assert within(three, {".signatures.json": None}) == within(four, {".signatures.json": None})


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_stock_opa_takes_the_signed_bundle(kind: str, bundle: Bundle, opa_binary: str, tmp_path: Path) -> None:
    pair = getattr(bundle_keys, kind)(tmp_path)
    content = archive.write(bundle, governance.of(), taken=DAY, signer=pair.signer())
    assert accepted_by_opa(opa_binary, content, pair, tmp_path)


@pytest.mark.parametrize("name", [name for name in FORGED if name != "the moment changed"])
def test_a_stock_opa_refuses_what_we_refuse(
    name: str, signed: bytes, pair: Pair, opa_binary: str, tmp_path: Path
) -> None:
    assert not accepted_by_opa(opa_binary, FORGED[name][0](signed), pair, tmp_path)


def test_json_is_hashed_as_opa_hashes_it(opa_binary: str, pair: Pair, tmp_path: Path) -> None:
    """The rule is OPA's own, so its `sign` is asked, and what it signed is verified by us."""
    files = {
        ".manifest": json.dumps({"revision": "é", "roots": ["x"], "metadata": ODD}).replace("Infinity", "1e400"),
        "x/x.rego": "package x\n",
        "x/data.json": json.dumps(ODD, ensure_ascii=False).replace("Infinity", "1e400"),
    }
    for path, text in files.items():
        (tmp_path / "b" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "b" / path).write_text(text, "utf-8")
    command = [opa_binary, "sign", "--signing-key", str(pair.private), "--signing-alg", "ES256", "--bundle", "."]
    subprocess.run([*command, "-o", str(tmp_path)], cwd=tmp_path / "b", check=True, capture_output=True)
    content = {path: text.encode() for path, text in files.items()}
    signing.verify((tmp_path / ".signatures.json").read_bytes(), content, pair.verifying, "mesh")
