"""Which bundle does an address serve now, or did it serve when it was last heard of?"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import httpx2

from engine.errors import BundleInvalid, SettingsInvalid
from engine.policy import archive, tarball
from engine.policy.archive import Archive
from engine.policy.refusals import BundleOlder

if TYPE_CHECKING:
    from engine.policy.keys import BundleKey

SECONDS = 20.0
"""How long one bundle may take to arrive, all in all."""
_PORTS = {"http": 80, "https": 443}
_SECRET = re.compile(r"//.*@")


@dataclass(frozen=True, slots=True)
class Pulled:
    """A bundle, when its server last confirmed it, and why that was not now."""

    archive: Archive
    confirmed: datetime
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    tag: str
    content: bytes


class _Unheard(Exception):
    """The server did not say which bundle holds; the message says why, and `kind` what its bundle is."""

    def __init__(self, why: str, kind: type[BundleInvalid] = BundleInvalid) -> None:
        super().__init__(why)
        self.kind = kind


def pull(
    url: str,
    *,
    folder: Path,
    token: str | None,
    now: datetime,
    key: BundleKey | None = None,
    seconds: float = SECONDS,
) -> Pulled:
    """The bundle at this address; when its server cannot be heard, the last good one, kept in `folder`, with the doubt.

    It is asked for only if it is not the one kept (by ETag). What arrives is read strictly before it is kept or used: a
    bad one leaves the last good one in place. With a key it must be signed with it, and not be older than the one kept.
    No redirect is followed. Raises BundleInvalid (of the class that tells why) where there is none to use or the server
    refuses it, SettingsInvalid for an address that is none.
    """
    name = _name(_parts(url))
    kept = _Kept(folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.bundle", key)
    last = kept.read(name)
    try:
        answer = _answered(url, token, last[1] if last else "", seconds)
        if answer.status == 304 and last is not None:
            found, content, tag = last[0].archive, last[2], last[1]
        else:
            found, content, tag = _believed(answer, name, key), answer.content, answer.tag
            if last is not None and key is not None:
                kept.refuse_older(found, last[0].archive)
    except _Unheard as reason:
        if last is None:
            raise reason.kind(f"{name}: {reason}, and no earlier bundle is kept") from None
        return Pulled(last[0].archive, last[0].confirmed, str(reason))
    kept.write(content, tag, now)
    return Pulled(found, now)


def same_server(url: str, server: str | None) -> bool:
    """Whether the address belongs to the configured server, whose token may then be sent."""
    return server is not None and _origin(urlsplit(url)) == _origin(urlsplit(server))


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        named = parts.hostname and parts.port != 0
    except ValueError:
        named = None
    if not named or parts.scheme not in _PORTS or parts.username is not None:
        raise SettingsInvalid(
            f"`policies`: {_SECRET.sub('//…@', url.partition('?')[0])} is no address such as"
            " https://mesh.example.org/opa/bundles/mesh, without user and password.",
            key="policies",
        )
    return parts


def _name(parts: SplitResult) -> str:
    """The address as it is shown: what follows a `?` may be a secret."""
    return f"{parts.netloc}{parts.path}"


def _believed(answer: _Answer, name: str, key: BundleKey | None) -> Archive:
    if 300 <= answer.status < 400 and answer.status != 304:
        raise BundleInvalid(f"{name}: answered with a redirect ({answer.status}), and redirects are not followed")
    if 400 <= answer.status < 500:
        raise BundleInvalid(f"{name}: {_REFUSALS.get(answer.status, 'was refused')} (status {answer.status})")
    if answer.status != 200:
        raise _Unheard(f"its server answered with status {answer.status}")
    try:
        return archive.read(answer.content, name, key=key)
    except BundleInvalid as reason:
        told = f"{reason.detail.removeprefix(f'{name}: ')} [{reason.code}]"
        raise _Unheard(f"what its server sent was refused ({told})", type(reason)) from None


_REFUSALS = {
    401: "its server wants a token: set `server` to it and `server_token`",
    403: "its server does not let this token read it",
    404: "its server has no such bundle",
}


def _answered(url: str, token: str | None, tag: str, seconds: float) -> _Answer:
    """The whole answer. In a thread of its own, because whoever asks may run an event loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _asked(url, token, tag, seconds)).result()


async def _asked(url: str, token: str | None, tag: str, seconds: float) -> _Answer:
    headers = {"accept-encoding": "identity", "accept": "application/gzip, application/octet-stream"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    headers |= {"if-none-match": tag} if tag else {}
    try:
        async with (
            asyncio.timeout(seconds),
            httpx2.AsyncClient(timeout=seconds, follow_redirects=False) as client,
            client.stream("GET", url, headers=headers) as answer,
        ):
            content = await _body(answer) if answer.status_code == 200 else b""
            tag = answer.headers.get("etag", "")
            return _Answer(answer.status_code, tag if tag.isascii() and tag.isprintable() else "", content)
    except TimeoutError:
        raise _Unheard(f"its server did not answer within {seconds:g} s") from None
    except (httpx2.TransportError, httpx2.InvalidURL) as reason:
        raise _Unheard(f"its server did not answer ({str(reason) or type(reason).__name__})") from None


async def _body(answer: httpx2.Response) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) > tarball.PACKED:
            raise _Unheard(f"its server sent more than {tarball.PACKED >> 20} MiB")
    return bytes(content)


def _day(one: Archive) -> str:
    return f"{one.snapshot.released:%Y-%m-%dT%H:%M:%SZ}"


class _Kept:
    """One file: a line that says what it is, and the bundle as it arrived."""

    def __init__(self, file: Path, key: BundleKey | None) -> None:
        self._file, self._key = file, key

    def read(self, name: str) -> tuple[Pulled, str, bytes] | None:
        """The bundle with its tag and bytes; None where nothing is kept, or what is kept is damaged."""
        try:
            with self._file.open("rb") as file:
                head, content = file.readline(4096), file.read(tarball.PACKED + 1)
            told = json.loads(head)
            confirmed = datetime.fromisoformat(told["confirmed"]).astimezone(UTC)
            return Pulled(archive.read(content, name, key=self._key), confirmed), str(told["etag"]), content
        except (OSError, ValueError, OverflowError, KeyError, TypeError, BundleInvalid):
            return None

    def refuse_older(self, found: Archive, last: Archive) -> None:
        """Refuse what was released before the one that is kept: somebody may be playing back what once was good."""
        if found.snapshot.released < last.snapshot.released:
            told = f"it was released on {_day(found)}, before the one in use, of {_day(last)}"
            way = f"if that is meant, delete {self._file}"
            raise _Unheard(f"what its server sent was refused ({told}; {way}) [{BundleOlder.code}]", BundleOlder)

    def write(self, content: bytes, tag: str, now: datetime) -> None:
        """Keep this bundle, all of it or not at all; where nothing can be written, nothing is kept."""
        head = json.dumps({"etag": tag, "confirmed": now.isoformat()}).encode() + b"\n"
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, made = tempfile.mkstemp(dir=self._file.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(head + content)
                Path(made).replace(self._file)
            except OSError:
                Path(made).unlink(missing_ok=True)
