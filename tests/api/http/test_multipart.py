"""Does a multipart body give its files byte for byte, and only when it is whole?"""

from __future__ import annotations

import httpx2 as httpx
import pytest

from api.http.errors import BodyUnreadable
from api.http.multipart import MOST_PARTS, parts

KIND = "multipart/form-data; boundary=edge"


def body(*sent: tuple[str, bytes]) -> bytes:
    return b"".join(b"--edge\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in sent)


def named(name: str, filename: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'


def test_parts_come_in_order_with_names_and_exact_bytes() -> None:
    odd = bytes(range(256)) + b"\r\n--edg"
    whole = (
        body((named("root", "product.yaml"), b"a: 1\n"), (named("file", "ports/trip é.yaml"), odd)) + b"--edge--\r\n"
    )
    assert [(part.name, part.filename, bytes(part.content)) for part in parts(whole, KIND)] == [
        ("root", "product.yaml", b"a: 1\n"),
        ("file", "ports/trip é.yaml", odd),
    ]


def test_what_a_stock_client_sends_is_understood() -> None:
    files = [("root", ("product.json", b"{}")), ("file", ("ports/a.json", b"[]"))]
    request = httpx.Request("POST", "http://127.0.0.1/", files=files)
    request.read()
    got = parts(request.content, request.headers["content-type"])
    assert [(part.name, part.filename, bytes(part.content)) for part in got] == [
        ("root", "product.json", b"{}"),
        ("file", "ports/a.json", b"[]"),
    ]


@pytest.mark.parametrize(
    ("whole", "kind"),
    [
        (b"", KIND),
        (b"--edge--\r\n", "multipart/form-data"),
        (b"--edge--\r\n", "multipart/form-data; boundary=" + 71 * "x"),
        (b"no boundary at all", KIND),
        (body((named("root", "a"), b"x")), KIND),
        (body((named("root", "a"), b"x")) + b"--edge", KIND),
        (b"--edge\r\nbroken header\r\n\r\nx\r\n--edge--\r\n", KIND),
        (body(*[(named("file", str(number)), b"") for number in range(MOST_PARTS + 1)]) + b"--edge--\r\n", KIND),
    ],
    ids=["empty", "no boundary", "long boundary", "no part", "cut", "cut in the end", "bad header", "too many"],
)
def test_a_body_that_is_not_whole_is_refused(whole: bytes, kind: str) -> None:
    with pytest.raises(BodyUnreadable):
        parts(whole, kind)


def test_a_name_that_is_not_utf8_is_refused() -> None:
    whole = b'--edge\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--edge--\r\n'
    with pytest.raises(BodyUnreadable, match="UTF-8"):
        parts(whole, KIND)
