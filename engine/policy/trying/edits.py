"""How is the text of a Rego module changed at the places that its syntax tree names?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.model import Json
from engine.policy import references


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits, none of which overlap."""
    content = text.encode()
    for edit in sorted(edits, reverse=True):
        content = content[: edit.start] + edit.text.encode() + content[edit.end :]
    return content.decode()


def span(node: Mapping[str, Json]) -> Mapping[str, int]:
    """The span of a node that is `{kind: body}`, `[span, word]` or has its span in itself."""
    found: Mapping[str, int] = node["span"] if "span" in node else next(iter(node.values()))["span"]
    return found


def extent(node: Mapping[str, Json]) -> tuple[int, int]:
    """Where the text of a node begins and ends: regorus leaves the quotes of a string at either end out."""
    where = span(node)
    start, end = where["start"], where["end"]
    for kind, body in references.nodes(node):
        if kind in ("String", "RawString"):
            start = min(start, body["span"]["start"] - 1) if body["span"]["start"] == where["start"] else start
            end = max(end, body["span"]["end"] + 1) if body["span"]["end"] == where["end"] else end
    return start, end


def written(content: bytes, node: Mapping[str, Json]) -> str:
    """The text of a node; empty where regorus does not tell where it begins (an object of several fields)."""
    start, end = extent(node)
    text = content[start:end].decode(errors="replace")
    kind = next(iter(node))
    if kind in ("Object", "Set", "Array", "ArrayCompr", "SetCompr", "ObjectCompr") and text[:1] not in ("{", "["):
        return ""
    return text


def statement(content: bytes, node: Mapping[str, Json]) -> str:
    """The text of a statement of a body, its `with` included."""
    start, end = extent(node)
    return content[start:end].decode(errors="replace")


def key(content: bytes, head: Mapping[str, Json]) -> str:
    """The term after `contains` in the head of a set."""
    after = content[span(head["refr"])["end"] : extent(head)[1]].decode()
    return after.strip().removeprefix("contains").strip()
