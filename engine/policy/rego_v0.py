"""What does a module of Rego v0 say in Rego v1?

Policies from before OPA 1.0 write rule bodies without `if` and sets without `contains`. Only what the newer grammar
asks for is changed, at the places that the syntax tree names: comments, names and layout stay their author's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.errors import BundleInvalid
from engine.model import Json
from engine.policy import lint
from engine.policy.flaws import refuse_first
from engine.policy.references import nodes
from engine.policy.worker import Refused, Worker

SECONDS = 5.0
_PACKAGE = re.compile(rb"^[ \t]*package[ \t]+[^\n]*", re.MULTILINE)
_KEYWORDS = re.compile(rb"^[ \t]*import[ \t]+(?:future\.keywords(?:\.\w+)?|rego\.v1)[ \t]*\n?", re.MULTILINE)
_RENAMED = {b"re_match": b"regex.match"}
"""Built-ins that only changed their names; the others that v1 dropped (`any`, `all`, …) are refused by the lint."""


class _Edit(NamedTuple):
    start: int
    end: int
    text: bytes


def modern(worker: Worker, file: str, text: str) -> str:
    """The module in Rego v1, as text. Raises BundleInvalid naming the file, and the line where there is one."""
    refuse_first(filter(None, [lint.at_sight(file, text)]))
    source = text.encode()
    try:
        tree = worker.syntax({file: text}, seconds=SECONDS, v0=True)[0]
    except Refused as reason:
        raise BundleInvalid(f"{file}: this is no Rego v0: {reason}") from None
    edits = [edit for rule in tree["ast"]["rules"] for edit in _edits(file, rule, source)]
    for edit in sorted({*edits, *_renamings(tree["ast"]["rules"])}, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return _imports(file, source).decode()


def _imports(file: str, source: bytes) -> bytes:
    """The one import of `rego.v1` in place of those of future keywords."""
    source = _KEYWORDS.sub(b"", source)
    package = _PACKAGE.search(source)
    if package is None:
        raise BundleInvalid(f"{file}: names no package")
    return source[: package.end()] + b"\n\nimport rego.v1" + source[package.end() :]


def _edits(file: str, rule: Mapping[str, Json], source: bytes) -> Iterator[_Edit]:
    spec = rule.get("Spec")
    if spec is None:  # a default says the same in both
        return
    head = spec["head"]
    if "Set" in head and head["Set"]["key"] is None:
        told = "this head means a set here and a value in Rego v1: write it as name[element], then import again"
        raise BundleInvalid(f"{file}:{spec['span']['line']}: {told}")
    if "Set" in head:
        yield from _contained(head["Set"], source)
    for number, body in enumerate(spec["bodies"]):
        start = _opens(body, source)
        if source[start : start + 1] != b"{":
            continue
        if number and not body["is_else"]:
            line = body["span"]["line"]
            raise BundleInvalid(f"{file}:{line}: give this second body a head of its own, then import again")
        if not source[:start].rstrip().endswith(b" if"):
            yield _Edit(start, start, b"if ")


def _opens(body: Mapping[str, Json], source: bytes) -> int:
    """Where the braces of a body open; an `else` comes with the word and its value in front."""
    if not body["is_else"]:
        start: int = body["query"]["span"]["start"]
        return start
    told = body["assign"]["span"]["end"] if body["assign"] else body["span"]["start"] + len("else")
    # where the value is a text, regorus leaves its closing quote out of the span
    return len(source) - len(source[told:].lstrip(b'"` \t\r\n'))


def _contained(head: Mapping[str, Json], source: bytes) -> Iterator[_Edit]:
    """`names[key]` as `names contains key`."""
    name_ends, head_ends = _ends(head["refr"]), head["span"]["end"]
    opened = source.find(b"[", name_ends, head_ends)
    if opened < 0 or source[name_ends:opened].strip() or source[head_ends - 1 : head_ends] != b"]":
        return  # it says `contains` already
    yield _Edit(name_ends, opened + 1, b" contains ")
    yield _Edit(head_ends - 1, head_ends, b"")


def _renamings(rules: Json) -> Iterator[_Edit]:
    """The calls of built-ins that have another name now."""
    for kind, body in nodes(rules):
        called = body["fcn"].get("Var") if kind == "Call" else None
        if called and (now := _RENAMED.get(str(called["value"]).encode())):
            yield _Edit(called["span"]["start"], called["span"]["end"], now)


def _ends(node: Mapping[str, Json]) -> int:
    """Where a term ends; a term is an object with one key, its kind."""
    end: int = next(iter(node.values()))["span"]["end"]
    return end
