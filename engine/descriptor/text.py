"""What text do the bytes of a file hold, and on which line and column does an offset stand?"""

from __future__ import annotations

import bisect
import codecs
import re
from io import StringIO
from itertools import accumulate
from typing import Final

_UNPRINTABLE: Final = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
UNKEPT: Final = re.compile("[\0\ud800-\udfff]")
"""NUL and halves of characters, which databases cut or refuse."""
_CONTROL: Final = re.compile("[^\t\n\r\x20-\x7e]")


def readable(text: str) -> str:
    """The text with U+FFFD for each character that no store keeps."""
    return UNKEPT.sub("\ufffd", text)


class SourceRefused(Exception):
    """The text cannot be read: `code` says why, `offset` (in characters) where, `first` where the other half stands."""

    def __init__(
        self, code: str, msg: str, offset: int | None = None, *, hint: str = "", first: int | None = None
    ) -> None:
        super().__init__(msg)
        self.code, self.msg, self.offset, self.hint, self.first = code, msg, offset, hint, first


_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(content: bytes) -> str:
    """UTF-8, or what a byte order mark or NULs at every second byte of the start say."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    match [byte == 0 for byte in content[:4]]:
        case [False, True, False, True]:
            return "utf-16-le"
        case [True, False, True, False]:
            return "utf-16-be"
    return "utf-8"


def decode(content: bytes) -> str:
    """The text without its byte order mark; raises SourceRefused (DP101, or DP103 for lone surrogates in UTF-16)."""
    encoding = encoding_of(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        so_far = content[: error.start].decode(encoding, "ignore").removeprefix("\ufeff")
        code = "DP103" if encoding.startswith("utf-16") and "surrogate" in error.reason else "DP101"
        raise SourceRefused(code, f"byte {error.start + 1} is not valid {encoding.upper()}", len(so_far)) from None
    return text.removeprefix("\ufeff")


def decode_roughly(content: bytes) -> str:
    """The text with every undecodable byte replaced: only for showing where reading stopped."""
    return content.decode(encoding_of(content), "replace").removeprefix("\ufeff")


def refuse_unprintable(text: str) -> None:
    """Raise DP103 at the first character that YAML does not allow (fast for the usual ASCII)."""
    found = _CONTROL.search(text) if text.isascii() else re.search(_UNPRINTABLE, text)
    if found is not None:
        character = f"U+{ord(found.group()):04X}"
        raise SourceRefused("DP103", f"the character {character} is not allowed", found.start())


class Lines:
    """Answers lines and columns (1-based, in characters) for offsets of one text."""

    def __init__(self, text: str) -> None:
        lines = StringIO(text, newline="")  # which ends lines with CR, LF or both, and nothing else
        self._starts = [0, *accumulate(map(len, lines))]
        if text and not text.endswith(("\r", "\n")):
            self._starts.pop()

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
