"""Which value does a YAML text stand for, and where does each key and value stand in it?

The only place that touches YAML: one pass over the events of PyYAML's C parser, which are safe, instead of its
loaders, which crash the process or explode (DESIGN §3.1). Nothing here recurses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.descriptor.limits import Limits
from engine.descriptor.numbers import decimal, integer
from engine.descriptor.positions import copied, height, size
from engine.descriptor.syntax_hints import for_yaml
from engine.descriptor.text import SourceRefused
from engine.model import Json

_WORDS: Final[dict[str, Json]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC_START: Final = frozenset("0123456789+-.")
_ABSENT: Final = object()


def plain(text: str) -> Json:
    """The value of an unquoted scalar by the core schema of YAML 1.2; raises SourceRefused (DP115)."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START:
        return text
    if _INTEGER.fullmatch(text):
        return integer(text)
    if _DECIMAL.fullmatch(text):
        return decimal(text)
    if _NOT_FINITE.fullmatch(text):
        raise SourceRefused("DP115", f"{text} is not a number of JSON", hint=f"write '{text}' quoted, or a number")
    return text


def read(text: str, limits: Limits) -> tuple[Json, list[int]]:
    """The value, and the offset of every key and value in document order; raises SourceRefused."""
    builder = _Builder(limits)
    handlers = builder.handlers
    try:
        event: Any
        # Straight from the C parser: `yaml.parse` asks twice for each event.
        for event in iter(yaml.CSafeLoader(text).get_event, None):
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
    except SourceRefused as refusal:
        if refusal.offset is None:
            refusal.offset = event.start_mark.index
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        code = "DP103" if error.problem and "invalid Unicode" in error.problem else "DP104"
        at = mark.index if mark else 0
        raise SourceRefused(code, what, at, hint=for_yaml(what, text, at)) from None
    except yaml.YAMLError as error:
        raise SourceRefused("DP104", str(error)) from None
    if builder.root is _ABSENT:
        raise SourceRefused("DP114", "the file holds no document")
    return builder.root, builder.marks


class _Builder:
    """Builds the value from events; `marks` holds one offset for every key and value, in document order."""

    def __init__(self, limits: Limits) -> None:
        self.root: Any = _ABSENT
        self.marks: list[int] = []
        self._limits = limits
        self._room = limits.size
        self._container: Any = None
        self._key: Any = _ABSENT
        self._first = 0
        self._open: list[tuple[Any, Any, int, str | None, int]] = []
        self._anchors: dict[str, tuple[Json, int, int, int] | None] = {}
        self._heights: dict[int, int] = {}
        self.handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._mapping,
            SequenceStartEvent: self._sequence,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }

    def _document(self, event: Any) -> None:
        if self.root is not _ABSENT:
            raise SourceRefused("DP113", "a second document starts here")

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        if event.tag is not None:
            raise SourceRefused("DP111", f"the tag {event.tag} is not allowed")
        if len(text) > self._limits.string:
            raise SourceRefused("DP107", f"a string of {len(text):,} characters; {self._limits.string:,} are allowed")
        if event.implicit[0]:
            value = plain(text)
        elif "\0" in text:
            raise SourceRefused("DP103", "the character U+0000 is not allowed")
        else:
            value = text
        self._room -= len(text)
        if self._key is _ABSENT and type(self._container) is dict:
            self._take_key(value, text, is_merge=text == "<<" and event.implicit[0])
        else:
            self._put(value)
        self._count(event.start_mark.index)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, len(self.marks) - 1, len(self.marks), len(text))

    def _take_key(self, key: Json, written: str, *, is_merge: bool = False) -> None:
        if is_merge:
            raise SourceRefused("DP110", "the merge key << is not allowed", hint="write the fields out, or use $ref")
        if type(key) is not str:
            raise SourceRefused(
                "DP109", f"the key {written or 'null'} is not a string", hint=f"write '{written}' quoted"
            )
        if key in self._container:
            raise SourceRefused("DP108", f"the key {key!r} stands here a second time", first=self._mark_of(key))
        self._key = key

    def _mark_of(self, key: str) -> int:
        """The offset of a key that the open mapping holds already."""
        before = 1
        for earlier, value in self._container.items():
            if earlier == key:
                break
            before += 1 + size(value)
        return self.marks[self._first + before]

    def _put(self, value: Json) -> None:
        container = self._container
        if type(container) is dict:
            container[self._key] = value
            self._key = _ABSENT
        elif container is not None:
            container.append(value)
        else:
            self.root = value

    def _count(self, offset: int) -> None:
        self.marks.append(offset)
        if len(self.marks) > self._limits.nodes:
            raise SourceRefused("DP106", f"more than {self._limits.nodes:,} keys and values")
        if self._room < 0:
            raise SourceRefused("DP102", f"more than {self._limits.size:,} characters of text")

    def _mapping(self, event: Any) -> None:
        self._start(event, {})

    def _sequence(self, event: Any) -> None:
        self._start(event, [])

    def _start(self, event: Any, container: Any) -> None:
        if len(self._open) >= self._limits.depth:
            raise SourceRefused("DP105", f"nested deeper than {self._limits.depth}")
        if event.tag is not None:
            raise SourceRefused("DP111", f"the tag {event.tag} is not allowed")
        if type(self._container) is dict and self._key is _ABSENT:
            raise SourceRefused("DP109", "a mapping or sequence cannot be a key")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._put(container)
        self._open.append((self._container, self._key, self._first, event.anchor, self._room))
        self._container, self._key, self._first = container, _ABSENT, len(self.marks)
        self._count(event.start_mark.index)

    def _end(self, event: Any) -> None:
        ended, first = self._container, self._first
        self._container, self._key, self._first, anchor, room = self._open.pop()
        if anchor is not None:
            self._anchors[anchor] = (ended, first, len(self.marks), room - self._room)

    def _alias(self, event: Any) -> None:
        value, first, end, length = self._anchored(event.anchor)
        if type(self._container) is dict and self._key is _ABSENT:
            self._take_key(value, f"*{event.anchor}")
            self._count(event.start_mark.index)
            return
        self._room -= length
        if len(self.marks) + end - first > self._limits.nodes:
            raise SourceRefused("DP106", f"more than {self._limits.nodes:,} keys and values once aliases are expanded")
        if len(self._open) + self._height(value) > self._limits.depth:
            raise SourceRefused("DP105", f"nested deeper than {self._limits.depth} once aliases are expanded")
        self._put(copied(value))
        self._count(event.start_mark.index)
        self.marks.extend(self.marks[first + 1 : end])

    def _height(self, value: Json) -> int:
        """How deep an anchored value is, measured once however often an alias names it."""
        if id(value) not in self._heights:  # what an anchor named stays alive inside the root
            self._heights[id(value)] = height(value)
        return self._heights[id(value)]

    def _anchored(self, name: str) -> tuple[Json, int, int, int]:
        """What an anchor stands for: its value, where its offsets start and end, and its characters."""
        found = self._anchors.get(name)
        if found is None:
            why = "stands inside the value that it names" if name in self._anchors else "names no anchor before it"
            raise SourceRefused("DP112", f"the alias *{name} {why}")
        return found
