"""Which files does a multipart body carry, byte for byte? (RFC 7578, DESIGN §6 Multipart)"""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.http.errors import BodyUnreadable

MOST_PARTS = 256


@dataclass(slots=True)
class FormPart:
    """One part: its form name, the file name as sent, its headers while they are read, and its bytes."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)
    name: str = ""
    filename: str = ""


class _Reader:
    """Collects what the parser calls back with."""

    def __init__(self) -> None:
        self.parts: list[FormPart] = []
        self.ended = False
        self._header = self._value = b""

    def on_part_begin(self) -> None:
        if len(self.parts) == MOST_PARTS:
            raise BodyUnreadable(f"A submission has at most {MOST_PARTS} parts.")
        self.parts.append(FormPart())

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self.parts[-1].headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def on_headers_finished(self) -> None:
        part = self.parts[-1]
        _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
        part.name, part.filename = _text(options.get(b"name", b"")), _text(options.get(b"filename", b""))

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].content += data[start:end]

    def on_end(self) -> None:
        self.ended = True


def parts(body: bytes, content_type: str) -> list[FormPart]:
    """The parts in the order they were sent. Raises BodyUnreadable when the body is not whole and well-formed."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= 70:
        raise BodyUnreadable("The multipart body names no boundary of 1 to 70 characters.")
    reader = _Reader()
    names = ("part_begin", "header_field", "header_value", "header_end", "headers_finished", "part_data", "end")
    parser = MultipartParser(boundary, {f"on_{name}": getattr(reader, f"on_{name}") for name in names})  # type: ignore[arg-type]
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as reason:
        raise BodyUnreadable(f"The multipart body is malformed: {reason}") from reason
    if not reader.ended:
        raise BodyUnreadable("The multipart body ends before its closing boundary.")
    return reader.parts


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as reason:
        raise BodyUnreadable("A part has a name that is not UTF-8.") from reason
