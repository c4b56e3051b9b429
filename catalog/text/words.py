"""Which tokens stand for a text? (The one analyser: documents and queries, both stores.)"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

#: longer tokens are cut
LONGEST = 64
_PIECE = re.compile(r"[^\W_]+")
_STEP = re.compile(r"[.\[\]*]+")


def folded(text: str) -> str:
    """The text without case and accents, as tokens are compared."""
    if text.isascii():
        return text.lower()
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", bare.casefold())


def plain(text: str) -> str:
    """The text as every store takes it: NUL and halves of characters, which no author can have stored, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def word_tokens(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """For each word between spaces: its raw token, and the tokens of its parts (none when it has one part).

    `customer_orders`, `customer-orders` and `customerOrders` all give `customerorders` and (`customer`, `orders`).
    Characters that are neither letter nor digit only separate.
    """
    for word in text.split():
        found = _told(word) if len(word) <= LONGEST else _read(word)
        if found is not None:
            yield found


def tokens(text: str) -> Iterator[str]:
    """Every token of a text, repeated as often as it occurs."""
    for raw, parts in word_tokens(text):
        yield raw
        yield from parts


def letters(text: str) -> str:
    """All letters and digits of a text in one run: each of its tokens is a piece of that."""
    return "".join(_PIECE.findall(folded(text)))


def column_names(path: str) -> tuple[str, ...]:
    """What a column is called: its path, and the last step of it where it is nested (`sku` of `lines[].sku`)."""
    steps = [step for step in _STEP.split(path) if step]
    return (path, steps[-1]) if steps and steps[-1] != path else (path,)


def sequence(text: str) -> list[str]:
    """The smallest tokens of a text in their order: a phrase is looked for as a piece of such a sequence."""
    return [token for raw, parts in word_tokens(text) for token in (parts or (raw,))]


def _read(word: str) -> tuple[str, tuple[str, ...]] | None:
    """The raw token of one word and those of its parts; None for a word without letters and digits."""
    pieces = [piece for run in _PIECE.findall(word) for piece in _humps(run)]
    parts = tuple(token for token in (_token(piece) for piece in pieces) if token)
    if not parts:
        return None
    return "".join(parts)[:LONGEST], (parts if len(parts) > 1 else ())


#: a mesh says the same few thousand words again and again, and each product says most of its own three times
_told = lru_cache(maxsize=1 << 14)(_read)


def _token(piece: str) -> str:
    return "".join(_PIECE.findall(folded(piece).replace("_", "")))[:LONGEST]


def _humps(run: str) -> Iterator[str]:
    """The parts of camelCase: a capital starts one after a small letter or digit, or before a small letter."""
    if run.islower() or run.isupper() or run.isdigit():
        yield run
        return
    start = 0
    for at in range(1, len(run)):
        if run[at].isupper() and (not run[at - 1].isupper() or run[at + 1 : at + 2].islower()):
            yield run[start:at]
            start = at
    yield run[start:]
