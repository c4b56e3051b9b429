"""What does one file of a submission hold: its value, and the place of every key and value?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.descriptor import json_source
from engine.descriptor.limits import Limits
from engine.descriptor.positions import Index
from engine.descriptor.text import Lines, SourceRefused, decode, decode_roughly, refuse_unprintable
from engine.model import Json, Path, Place, pointer


@dataclass(frozen=True)
class Source:
    """One file that was read: positions are computed only when something must be shown."""

    file: str
    text: str
    value: Json
    #: offsets of all keys and values in document order; None for JSON, where they are found when needed
    marks: list[int] | None

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    @cached_property
    def index(self) -> Index:
        return Index(self.value, json_source.Marks(self.text) if self.marks is None else self.marks)

    def place(self, path: Path, via: tuple[str, ...] = (), *, of_key: bool = False) -> Place:
        """Where the scalar, or else the key, at a path stands, or its nearest existing ancestor."""
        line, column = self.lines.at(self.index.key(path) if of_key else self.index.place(path))
        return Place(self.file, line, column, pointer(self.index.existing(path)), via)

    def written(self, path: Path) -> str:
        """The unquoted scalar at a path as the author wrote it, such as `1.10`."""
        start = self.index.value(path)
        end = min((at for stop in "\n\r,]}#" if (at := self.text.find(stop, start)) >= 0), default=len(self.text))
        return self.text[start:end].strip()


def parse(file: str, content: bytes, limits: Limits) -> Source:
    """Read one file strictly, as JSON or YAML by its name, else by its first character; raises SourceRefused."""
    if len(content) > limits.size:
        raise SourceRefused("DP102", f"more than {limits.size:,} bytes", 0)
    text = decode(content)
    if is_json(file, text):
        return Source(file, text, json_source.read(text, limits), None)
    refuse_unprintable(text)
    from engine.descriptor import yaml_source  # only YAML pays for importing the YAML library

    value, marks = yaml_source.read(text, limits)
    return Source(file, text, value, marks)


def message(content: bytes, limits: Limits) -> Json:
    """The value of a JSON message, in which any text may be asked for; raises SourceRefused for what is no JSON."""
    if len(content) > limits.size:
        raise SourceRefused("DP102", f"more than {limits.size:,} bytes", 0)
    return json_source.message(decode(content), limits)


def as_text(file: str, text: str, limits: Limits) -> Source:
    """A file that is kept as one string; raises SourceRefused for what no string may hold."""
    if len(text) > limits.string:
        raise SourceRefused("DP107", f"a string of {len(text):,} characters; {limits.string:,} are allowed", 0)
    if (nul := text.find("\0")) >= 0:
        raise SourceRefused("DP103", "the character U+0000 is not allowed", nul)
    return Source(file, text, text, [0])


def is_json(file: str, text: str) -> bool:
    lowered = file.lower()
    if lowered.endswith((".yaml", ".yml")):
        return False
    return lowered.endswith((".json", ".avsc")) or text.lstrip()[:1] in ("{", "[")


def refused(file: str, content: bytes, refusal: SourceRefused) -> tuple[Place, str]:
    """Where reading stopped, and the message with the place of the other half (of a duplicate key)."""
    lines = Lines(decode_roughly(content))
    line, column = lines.at(refusal.offset or 0)
    if refusal.first is None:
        return Place(file, line, column), refusal.msg
    first_line, first_column = lines.at(refusal.first)
    return Place(file, line, column), f"{refusal.msg}; the first is at {first_line}:{first_column}"
