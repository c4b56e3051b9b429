"""Where do the author's own files have to change, so that the effective descriptor changes as a fix says?

A fix of a finding is a JSON Patch (RFC 6902) against the effective descriptor; `add`, `replace`, `remove` and `test`
can be placed. It is carried out as a whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from engine.descriptor.reference import lookup
from engine.fixing.edits import Action, CannotFix, Edit
from engine.model import Descriptor, Json, Path, Place, Problem, pointer

Read = Callable[[str], Json]
"""Answers the value of a file of the submission as it was written."""


def of_patch(patch: Sequence[dict[str, Any]], descriptor: Descriptor, read: Read) -> list[Edit]:
    """The edits that carry out a JSON Patch. Raises CannotFix, naming the operation and the reason."""
    found = []
    for operation in patch:
        try:
            found += _of_operation(operation, descriptor, read)
        except CannotFix as reason:
            named = f"{operation.get('op')} {operation.get('path')}"
            raise CannotFix(f"{named}: {reason}") from None
    return found


CORRECTED = ("DP251", "DP302")
"""Codes of problems that can have just one correction."""


def is_correctable(problem: Problem) -> bool:
    """Whether there is only one way to correct the problem: its hint says so."""
    return problem.code in CORRECTED and problem.hint.startswith("write ")


def of_problem(problem: Problem, read: Read, written: Callable[[str, Path], str]) -> list[Edit]:
    """The edit that corrects such a problem. Raises CannotFix."""
    file = problem.place.file
    value, path = _at(read(file), problem.place.source_path)
    if problem.code == "DP251":
        return [Edit(file, path, Action.SET, str(value).replace("#", "#/", 1))]
    if type(value) not in (bool, int, float):
        raise CannotFix("it is no number and no truth value in the file")
    text = written(file, path)
    if not re.fullmatch(r"[-+.\w]+", text):
        raise CannotFix(f"an anchor or alias stands there: {text}")
    return [Edit(file, path, Action.SET, text)]


def _of_operation(operation: dict[str, Any], descriptor: Descriptor, read: Read) -> list[Edit]:
    path = _path(operation, descriptor.effective)
    match operation.get("op"):
        case "test":
            if _value(descriptor.effective, path) != operation.get("value"):
                raise CannotFix("the value is another one")
            return []
        case "add":
            return [_added(path, _given(operation), descriptor, read)]
        case "replace":
            _value(descriptor.effective, path)
            place = _exact(descriptor, path)
            if not place.source_path:
                raise CannotFix(f"it is the whole file {place.file}")
            return [Edit(place.file, _at(read(place.file), place.source_path)[1], Action.SET, _given(operation))]
        case "remove":
            _value(descriptor.effective, path)
            return [_removed(path, descriptor, read)]
    raise CannotFix("only add, replace, remove and test can be placed")


def _added(path: Path, value: Json, descriptor: Descriptor, read: Read) -> Edit:
    holder, place = _value(descriptor.effective, path[:-1]), _exact(descriptor, path[:-1])
    node, steps = _at(read(place.file), place.source_path)
    last = path[-1]
    if type(holder) is dict and type(node) is dict:
        return Edit(place.file, (*steps, last), Action.SET, value)
    if type(holder) is list and type(node) is list and len(holder) == len(node):
        index = len(node) if last == "-" else last
        if type(index) is int and index <= len(node):
            return Edit(place.file, (*steps, index), Action.INSERT, value)
    raise CannotFix("nothing can be added there")


def _removed(path: Path, descriptor: Descriptor, read: Read) -> Edit:
    place, above = _exact(descriptor, path), _exact(descriptor, path[:-1])
    if place.via != above.via:
        raise CannotFix(f"it stands in {place.file} behind a `$ref`, which others may use too")
    return Edit(place.file, _at(read(place.file), place.source_path)[1], Action.REMOVE)


def _exact(descriptor: Descriptor, path: Path) -> Place:
    """Where just this node was written. Raises CannotFix where it was filled in, or stands there under another name."""
    place = descriptor.locate(path)
    if not path:
        return place
    above = _exact(descriptor, path[:-1])
    # Behind a reference the node is its target, whatever that is called there.
    same_file = (place.file, place.via) == (above.file, above.via)
    if same_file and place.source_path != above.source_path + pointer(path[-1:]):
        raise CannotFix(f"{pointer(path)} is not written so in {above.file}")
    return place


def _path(operation: dict[str, Any], document: Json) -> Path:
    """The steps of an operation's path, list indices as numbers."""
    text = operation.get("path")
    if not isinstance(text, str) or not text.startswith("/"):
        raise CannotFix("its path is no JSON Pointer to a part of the descriptor")
    steps: list[str | int] = []
    node = document
    for step in (part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]):
        known: str | int = int(step) if type(node) is list and step.isascii() and step.isdigit() else step
        steps.append(known)
        node = _below(node, known)
    return tuple(steps)


def _value(document: Json, path: Path) -> Json:
    for step in path:
        document = _below(document, step)
        if document is _NOTHING:
            raise CannotFix(f"there is no {pointer(path)}")
    return document


_NOTHING = object()


def _below(node: Json, step: str | int) -> Json:
    if type(node) is dict and type(step) is str:
        return node.get(step, _NOTHING)
    if type(node) is list and type(step) is int and step < len(node):
        return node[step]
    return _NOTHING


def _given(operation: dict[str, Any]) -> Json:
    if "value" not in operation:
        raise CannotFix("it gives no value")
    return operation["value"]


def _at(value: Json, source_path: str) -> tuple[Json, Path]:
    """The value at a place of a file, and its path with numbers for indices."""
    return lookup(value, tuple(step.replace("~1", "/").replace("~0", "~") for step in source_path.split("/")[1:]))
