"""Is only what is public, or what the operator allows, ever called, also where a name leads elsewhere?"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
from receiver import Receiver

from api.destinations import THIS_MACHINE, Destinations
from api.flows.telling.delivery import Undelivered
from api.flows.telling.receivers import LONGEST, checked
from api.flows.telling.secrets import SubscriptionKey, made_once, read
from api.worker.post import HttpPost, addresses
from engine.errors import KeyInvalid, SettingsInvalid, SubscriptionInvalid


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://user:secret@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nX: y",
        "https://höoks.example.org/",
        "https://hooks.example.org/" + "x" * LONGEST,
        "http://hooks.example.org/",
        "http://93.184.216.34/",
        "https://127.0.0.1/",
        "http://localhost/",
        "https://10.0.0.1/",
        "https://172.16.3.4/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
    ],
)
def test_an_address_that_may_not_be_told_is_refused(url: str) -> None:
    with pytest.raises(SubscriptionInvalid) as refused:
        checked(url, Destinations())
    assert "secret" not in refused.value.detail


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org/x?y=1", "https://93.184.216.34:8443/", "https://[2606:4700::1111]/"]
)
def test_a_public_address_may_be_told(url: str) -> None:
    assert checked(url, Destinations()).scheme == "https"


def test_the_operator_allows_hosts_addresses_and_networks() -> None:
    allowed = Destinations.of(["hooks.inside", "10.1.0.0/16", "192.168.7.7"], key="k")
    for url in ("https://10.1.2.3/", "https://192.168.7.7/", "https://[::ffff:10.1.2.3]/"):
        checked(url, allowed)
    for url in ("https://10.2.0.1/", "https://192.168.7.8/", "http://10.1.2.3/"):
        with pytest.raises(SubscriptionInvalid):
            checked(url, allowed)
    assert allowed.allow("172.16.0.1", "hooks.inside")
    assert not allowed.allow("172.16.0.1", "other.inside")
    for wrong in ("10.1.0.0/99", "10.1.0.1/16", "host:80"):
        with pytest.raises(SettingsInvalid):
            Destinations.of([wrong], key="k")


def leads_to(*found: str) -> object:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(found)

    return resolve


@pytest.mark.parametrize("found", [("10.0.0.1",), ("93.184.216.34", "127.0.0.1"), ("::1",), ()])
def test_a_name_that_leads_inside_is_not_called(found: tuple[str, ...], told: Receiver) -> None:
    post = HttpPost(Destinations(), seconds=2.0, resolve=leads_to(*found))  # type: ignore[arg-type]
    with pytest.raises(Undelivered, match="leads") as refused:
        post(f"https://hooks.example.org:{told.url.rpartition(':')[2]}", {}, b"{}")
    assert (refused.value.gone, told.came) == (False, [])


def test_the_address_that_was_allowed_is_the_one_that_is_called_by_its_own_name(told: Receiver) -> None:
    asked = []

    async def resolve(host: str, number: int) -> list[str]:
        asked.append((host, number))
        return ["127.0.0.2", "127.0.0.1"]  # nothing listens on the first one

    number = int(told.url.rpartition(":")[2].partition("/")[0])
    HttpPost(Destinations.of(THIS_MACHINE, key="k"), seconds=2.0, resolve=resolve)(
        f"http://localhost:{number}/hook?a=b", {"x-test": "1"}, b"{}"
    )
    ((headers, body),) = told.came
    assert (headers["host"], headers["x-test"], body) == (f"localhost:{number}", "1", b"{}")
    assert told.paths == ["/hook?a=b"]
    assert asked == [("localhost", number)]


def test_no_proxy_of_the_environment_is_used(told: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    HttpPost(Destinations.of(THIS_MACHINE, key="k"), seconds=2.0)(told.url, {}, b"{}")
    assert len(told.came) == 1


def test_a_certificate_of_another_name_or_of_nobody_is_not_believed(tmp_path: Path) -> None:
    """A TLS server whose certificate is for `good.example` alone."""
    certificate, key = _certificate(tmp_path, "good.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for name, trusted, believed in (
            ("good.example", trusting, True),
            ("evil.example", trusting, False),
            ("good.example", None, False),
        ):
            post = HttpPost(
                Destinations.of(THIS_MACHINE, key="k"),
                seconds=5.0,
                resolve=leads_to("127.0.0.1"),  # type: ignore[arg-type]
                trusted=trusted,
            )
            with _answering_tls(listener, context):
                if believed:
                    post(f"https://{name}:{port}/", {}, b"{}")
                else:
                    with pytest.raises(Undelivered, match="not reached"):
                        post(f"https://{name}:{port}/", {}, b"{}")


def _answering_tls(listener: socket.socket, context: ssl.SSLContext):  # type: ignore[no-untyped-def]
    import threading
    from contextlib import contextmanager, suppress

    def once() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection, context.wrap_socket(connection, server_side=True) as speaking:
                came = b""
                while not came.endswith(b"{}"):  # else what was not read resets the connection
                    came += speaking.recv(65536)
                speaking.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    @contextmanager
    def answering():  # type: ignore[no-untyped-def]
        thread = threading.Thread(target=once)
        thread.start()
        yield
        thread.join(10)

    return answering()


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


async def _localhost() -> list[str]:
    return await addresses("localhost", 80)


def test_a_name_is_asked_for_with_the_systems_resolver() -> None:
    import asyncio

    assert "127.0.0.1" in asyncio.run(_localhost())


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "data" / "subscription.key"
    first = made_once(file)
    assert (made_once(file), read(file)) == (first, first)
    assert file.stat().st_mode & 0o777 == 0o600
    assert first.secret("a") != first.secret("b")
    assert first.secret("a").startswith("whsec_")
    assert str(file.read_text()) not in repr(first)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 5000, None])
def test_a_key_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(KeyInvalid):
        read(tmp_path / "key")


def test_another_key_has_another_id_and_other_secrets() -> None:
    one, other = SubscriptionKey(b"a" * 32), SubscriptionKey(b"b" * 32)
    assert one.id != other.id
    assert one.secret("x") != other.secret("x")
