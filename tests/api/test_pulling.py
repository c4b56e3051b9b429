"""Is a bundle by URL the one that its server means, the last good one with a doubt, or none?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import bundle_keys
import pytest
import rego
from bundle_keys import Pair
from bundle_server import BundleServer, serving

from api import pulling
from api.pulling import Pulled, pull
from engine.errors import BundleInvalid, SettingsInvalid
from engine.policy import archive, governance, tarball
from engine.policy import bundle as bundles
from engine.policy.refusals import BundleUnsigned

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Two bundles."""
    made = []
    for name in ("one", "two"):
        loaded = bundles.load([rego.write(tmp_path_factory.mktemp(name), {f"trial.{name}": rego.violation("true")})])
        made.append(archive.write(loaded, governance.of(), taken=NOW))
    return made


@pytest.fixture
def server(contents: list[bytes]) -> Iterator[BundleServer]:
    with serving(BundleServer(contents[0])) as running:
        yield running


def pulled(server: BundleServer, folder: Path, *, now: datetime = NOW, seconds: float = 20.0) -> Pulled:
    return pull(server.url, folder=folder, token=None, now=now, seconds=seconds)


def test_what_is_served_is_used_and_asked_for_only_when_it_is_another(
    server: BundleServer, contents: list[bytes], tmp_path: Path
) -> None:
    first, second = pulled(server, tmp_path), pulled(server, tmp_path, now=LATER)
    server.content, server.tag = contents[1], '"two"'
    third = pulled(server, tmp_path, now=LATER)
    assert [one.get("If-None-Match", one.get("if-none-match")) for one in server.asked] == [None, '"one"', '"one"']
    assert [(list(one.archive.sources), one.confirmed, one.doubt) for one in (first, second, third)] == [
        (["trial/one/one.rego"], NOW, ""),
        (["trial/one/one.rego"], LATER, ""),
        (["trial/two/two.rego"], LATER, ""),
    ]


def test_the_token_travels_as_a_bearer(server: BundleServer, tmp_path: Path) -> None:
    pull(server.url, folder=tmp_path, token="secret", now=NOW)
    assert {name.lower(): value for name, value in server.asked[0].items()}["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://mesh.example:80/opa/bundles/mesh", True),
        ("https://mesh.example/opa/bundles/mesh", False),
        ("http://mesh.example.evil/", False),
        ("http://mesh.example:8080/", False),
    ],
)
def test_only_the_configured_server_is_sent_its_token(url: str, same: bool) -> None:
    assert pulling.same_server(url, "http://mesh.example") is same
    assert not pulling.same_server(url, None)


def _hang(server: BundleServer, request: BaseHTTPRequestHandler) -> None:
    server.done.wait(20)


def _drip(server: BundleServer, request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    while not server.done.wait(0.02):
        request.wfile.write(b"x")


def _drip_headers(server: BundleServer, request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not server.done.wait(0.02):
        request.wfile.write(b"x: y\r\n")


def _flood(server: BundleServer, request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while not server.done.is_set():
        request.wfile.write(bytes(1 << 20))


def _garbage(server: BundleServer, request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"SSH-2.0-OpenSSH\r\n")


def _cut(server: BundleServer, request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b"x")


UNHEARD = {
    "500": (BundleServer(status=500), "its server answered with status 500"),
    "a page": (BundleServer(b"<html>Sign in</html>"), "what its server sent was refused \\(is no gzipped archive"),
    "foreign": (BundleServer(tarball.pack({"a.rego": b"package a"})), "was refused \\(holds no .manifest"),
    "hang": (_hang, "did not answer within 0.4 s"),
    "drip": (_drip, "did not answer within 0.4 s"),
    "drip of headers": (_drip_headers, "did not answer within 0.4 s"),
    "flood": (_flood, "sent more than 16 MiB"),
    "garbage": (_garbage, "did not answer \\("),
    "cut": (_cut, "did not answer \\("),
}


def _broken(server: BundleServer, case: str) -> str:
    kind, reason = UNHEARD[case]
    if isinstance(kind, BundleServer):
        server.content, server.status, server.tag = kind.content, kind.status, '"other"'
    else:
        server.script = partial(kind, server)
    return reason


@pytest.mark.parametrize("case", UNHEARD)
def test_where_the_server_is_not_heard_the_last_good_one_is_used_with_the_doubt(
    server: BundleServer, tmp_path: Path, case: str
) -> None:
    good = pulled(server, tmp_path)
    reason = _broken(server, case)
    seconds = 0.4 if "within" in reason else 20.0
    with pytest.raises(BundleInvalid, match=f"{reason}.*, and no earlier bundle is kept"):
        pulled(server, tmp_path / "nothing", seconds=seconds)
    doubtful = pulled(server, tmp_path, now=LATER, seconds=seconds)
    assert doubtful.doubt
    assert dataclasses.replace(doubtful, doubt="") == dataclasses.replace(good, doubt="")


def test_a_server_that_is_gone_leaves_the_last_good_one(contents: list[bytes], tmp_path: Path) -> None:
    with serving(BundleServer(contents[0])) as server:
        pulled(server, tmp_path)
    gone = pulled(server, tmp_path, now=LATER)
    assert (gone.confirmed, list(gone.archive.sources)) == (NOW, ["trial/one/one.rego"])
    assert gone.doubt.startswith("its server did not answer (")


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "wants a token"), (403, "does not let"), (404, "has no such bundle"), (410, "was refused")],
)
def test_a_server_that_refuses_is_obeyed_whatever_is_kept(
    server: BundleServer, tmp_path: Path, status: int, told: str
) -> None:
    pulled(server, tmp_path)
    server.status = status
    with pytest.raises(BundleInvalid, match=f"^127.0.0.1:[0-9]+/bundle: .*{told}.*{status}"):
        pulled(server, tmp_path)


def test_a_redirect_is_not_followed(server: BundleServer, contents: list[bytes], tmp_path: Path) -> None:
    with serving(BundleServer(contents[1])) as other:
        server.status, server.headers = 302, {"Location": other.url}
        with pytest.raises(BundleInvalid, match="redirects are not followed"):
            pulled(server, tmp_path)
        assert other.asked == []


@pytest.mark.parametrize(
    ("old", "new"), [(b'{"etag"', b'["etag"'), (b"2026-", b"soon-"), (b'"confirmed"', b'"seen"'), (b"\x1f\x8b", b"")]
)
def test_a_damaged_keep_is_not_believed(server: BundleServer, tmp_path: Path, old: bytes, new: bytes) -> None:
    pulled(server, tmp_path)
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes().replace(old, new, 1))
    again = pulled(server, tmp_path)
    assert (again.doubt, [one for one in server.asked[-1] if one.lower() == "if-none-match"]) == ("", [])


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nobody(server: BundleServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert pulled(server, tmp_path / "file").doubt == ""


@pytest.mark.parametrize(
    "url",
    ["ftp://mesh.example/x", "http://", "http://user:word@mesh.example/", "http://[::1", "http://mesh.example:0/"],
)
def test_an_address_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="is no address") as refused:
        pull(url, folder=tmp_path, token=None, now=NOW)
    assert "word" not in refused.value.detail.partition("is no address")[0]


def test_what_follows_a_question_mark_is_never_told(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid) as refused:
        pull("http://127.0.0.1:1/bundle?signature=secret", folder=tmp_path, token=None, now=NOW, seconds=5.0)
    assert "secret" not in refused.value.detail


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return bundle_keys.ec(tmp_path_factory.mktemp("keys"))


def signed(pair: Pair | None, moment: datetime, folder: Path) -> bytes:
    """A bundle of its own, released at this moment and signed with this key."""
    name = f"at{moment:%d%H}"
    loaded = bundles.load([rego.write(folder / name, {f"trial.{name}": rego.violation("true")})])
    signer = pair.signer() if pair else None
    return archive.write(loaded, governance.of(), taken=moment, released=moment, signer=signer)


def test_with_a_key_only_what_it_signed_is_used(server: BundleServer, pair: Pair, tmp_path: Path) -> None:
    server.content = signed(None, NOW, tmp_path)
    asked = partial(pull, server.url, folder=tmp_path, token=None, now=NOW, key=pair.verifying)
    with pytest.raises(BundleUnsigned, match=r"\[bundle-unsigned\]\), and no earlier bundle is kept"):
        asked()
    server.content = signed(pair, NOW, tmp_path)
    assert (asked().doubt, list(asked().archive.sources)) == ("", ["trial/at2312/at2312.rego"])


@pytest.mark.parametrize("how", ["unsigned", "older"])
def test_the_last_good_one_stays_and_the_doubt_says_why(
    how: str, server: BundleServer, pair: Pair, tmp_path: Path
) -> None:
    asked = partial(pull, server.url, folder=tmp_path, token=None, key=pair.verifying)
    server.content = signed(pair, NOW, tmp_path)
    first = asked(now=NOW)
    server.tag = '"another"'
    server.content = signed(pair, NOW - timedelta(hours=2), tmp_path) if how == "older" else signed(None, NOW, tmp_path)
    second = asked(now=LATER)
    assert (second.archive.revision, second.confirmed) == (first.archive.revision, NOW)
    assert f"[bundle-{how}]" in second.doubt
    assert ("released on 2026-11-23T10:00:00Z, before the one in use" in second.doubt) == (how == "older")


def test_an_older_one_is_used_where_nobody_asks_for_a_signature(
    server: BundleServer, pair: Pair, tmp_path: Path
) -> None:
    for moment, tag in ((NOW, '"one"'), (NOW - timedelta(hours=2), '"two"')):
        server.content, server.tag = signed(pair, moment, tmp_path), tag
        last = pulled(server, tmp_path)
    assert list(last.archive.sources) == ["trial/at2310/at2310.rego"]


def test_what_was_kept_before_the_key_was_set_is_not_believed(server: BundleServer, pair: Pair, tmp_path: Path) -> None:
    server.content = signed(None, NOW, tmp_path)
    pulled(server, tmp_path)
    with pytest.raises(BundleUnsigned):
        pull(server.url, folder=tmp_path, token=None, now=NOW, key=pair.verifying)
    assert [one.get("If-None-Match", one.get("if-none-match")) for one in server.asked] == [None, None]
