"""Which value does a JSON text stand for, and where does each key and value stand in it?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NoReturn

from engine.descriptor.limits import Limits
from engine.descriptor.numbers import decimal, integer
from engine.descriptor.positions import strings, walk
from engine.descriptor.syntax_hints import for_json
from engine.descriptor.text import UNKEPT, SourceRefused, readable
from engine.model import Json

_STRING: Final = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
_BRACKETS: Final = re.compile(rf"{_STRING}|[][{{}}]", re.DOTALL)
_TOKENS: Final = re.compile(rf'{_STRING}|[\[{{]|[^\s",:{{}}\[\]]+', re.DOTALL)
_MEMBERS: Final = re.compile(rf'({_STRING})(\s*:)?|[][{{}}]|[^\s",:{{}}\[\]]+', re.DOTALL)


def read(text: str, limits: Limits) -> Json:
    """The value of a document; raises SourceRefused, also for characters that no store keeps."""
    value = _read(text, limits)
    _refuse_unkept(value, text, limits)
    return value


def message(text: str, limits: Limits) -> Json:
    """The value of what a client asks; characters that no store keeps, and that nothing has, become U+FFFD.

    Raises SourceRefused for what is no strict JSON.
    """
    value = _read(text, limits)
    return _mended(value) if "\\u" in text else value


def _mended(value: Json) -> Json:
    if type(value) is str:
        return readable(value)
    if type(value) is list:
        return [_mended(one) for one in value]
    return {_mended(key): _mended(one) for key, one in value.items()} if type(value) is dict else value


def _read(text: str, limits: Limits) -> Json:
    """Python's own bound on recursion keeps the reader from recursing too deeply."""
    _refuse_many(text, limits)
    try:
        value = _DECODER.decode(text)
    except (json.JSONDecodeError, SourceRefused, RecursionError) as error:
        raise _refused(text, limits, error) from None
    if _is_deep(value, limits.depth):
        raise _too_deep(text, limits.depth) or AssertionError("the value is deeper than its text")
    return value


def _refused(text: str, limits: Limits, error: json.JSONDecodeError | SourceRefused | RecursionError) -> Exception:
    """Why a text is refused that the reader did not accept; how deep it is comes before all else."""
    if (deep := _too_deep(text, limits.depth)) is not None:
        return deep
    if (nul := text.find("\0")) >= 0:
        return SourceRefused("DP103", "the character U+0000 is not allowed", nul)
    if not text or text.isspace():
        return SourceRefused("DP114", "the file holds no document", 0)
    if isinstance(error, json.JSONDecodeError):
        code = "DP113" if error.msg == "Extra data" else "DP104"
        msg = "more text follows the document" if code == "DP113" else error.msg[0].lower() + error.msg[1:]
        return SourceRefused(code, msg, error.pos, hint="" if code == "DP113" else for_json(text, error.pos))
    return _placed(text) if isinstance(error, SourceRefused) else error


class Marks:
    """The offset of every key and value in document order, for a text that `read` accepted; found as far as asked."""

    def __init__(self, text: str) -> None:
        self._found: list[int] = []
        self._left = _offsets(text)

    def __getitem__(self, number: int) -> int:
        self._found.extend(islice(self._left, max(number + 1 - len(self._found), 0)))
        return self._found[number]


def _offsets(text: str) -> Iterator[int]:
    return (token.start() for token in _TOKENS.finditer(text))


def _refuse_many(text: str, limits: Limits) -> None:
    """Raise DP106 before anything is made of so many keys and values; skipped where there cannot be that many."""
    if _most_nodes(text) <= limits.nodes:
        return
    if (deep := _too_deep(text, limits.depth)) is not None:
        raise deep
    if (beyond := next(islice(_offsets(text), limits.nodes, None), None)) is not None:
        raise SourceRefused("DP106", f"more than {limits.nodes:,} keys and values", beyond)


def _is_deep(value: Json, limit: int) -> bool:
    """Whether more than `limit` mappings and sequences stand inside one another."""
    level = [value]
    for _ in range(limit + 1):
        level = [node for node in level if type(node) in (dict, list)]
        if not level:
            return False
        level = [item for node in level for item in (node.values() if type(node) is dict else node)]
    return True


def _too_deep(text: str, limit: int) -> SourceRefused | None:
    """The refusal of the first bracket that stands too deep, found without recursion."""
    depth = 0
    for token in _BRACKETS.finditer(text):
        bracket = token.group()
        if bracket in ("[", "{"):
            depth += 1
            if depth > limit:
                return SourceRefused("DP105", f"nested deeper than {limit}", token.start())
        elif bracket in ("]", "}"):
            depth -= 1
    return None


def _mapping(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise SourceRefused("DP108", "")
    return value


def _refuse_constant(literal: str) -> NoReturn:
    raise SourceRefused("DP115", f"{literal} is not a number of JSON", hint="leave it out, or write a quoted string")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_mapping, parse_int=integer, parse_float=decimal, parse_constant=_refuse_constant
)


def _placed(text: str) -> SourceRefused:
    """The first duplicate key or unusable number of a text that the reader refused for one of them."""
    open_keys: list[dict[str, int]] = []
    for token in _MEMBERS.finditer(text):
        literal = token.group()
        if literal in ("{", "["):
            open_keys.append({})
        elif literal in ("}", "]"):
            open_keys.pop()
        elif token.group(2):
            key = json.loads(token.group(1))
            if key in open_keys[-1]:
                msg = f"the key {key!r} stands here a second time"
                return SourceRefused("DP108", msg, token.start(), first=open_keys[-1][key])
            open_keys[-1][key] = token.start()
        elif not token.group(1) and (refusal := _number_refused(literal)) is not None:
            refusal.offset = token.start()
            return refusal
    raise AssertionError("the reader refused a text in which nothing is wrong")


def _number_refused(literal: str) -> SourceRefused | None:
    try:
        _DECODER.decode(literal)
    except SourceRefused as refusal:
        return refusal
    return None


def _refuse_unkept(value: Json, text: str, limits: Limits) -> None:
    """Limit on strings, and characters that only an escape can bring; skipped where impossible."""
    if len(text) <= limits.string and "\\u" not in text:
        return
    if "\\" not in text and max(map(len, text.split('"')[1::2]), default=0) <= limits.string:
        return  # no string is longer than what stands between two quotes
    if all(len(one) <= limits.string and not UNKEPT.search(one) for one in strings(value)):
        return
    for (_, node, _), offset in zip(walk(value), _offsets(text), strict=True):
        if type(node) is str:
            _refuse_string(node, offset, limits)


def _most_nodes(text: str) -> int:
    """A bound for the number of keys and values: a colon parts two of them, a comma or bracket starts one."""
    return 1 + 2 * text.count(":") + text.count(",") + text.count("[")


def _refuse_string(text: str, offset: int, limits: Limits) -> None:
    if len(text) > limits.string:
        raise SourceRefused("DP107", f"a string of {len(text):,} characters; {limits.string:,} are allowed", offset)
    if (found := UNKEPT.search(text)) is not None:
        raise SourceRefused("DP103", f"the character U+{ord(found.group()):04X} is not allowed", offset)
