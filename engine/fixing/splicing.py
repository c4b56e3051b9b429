"""How does one scalar take the place of another in a text, with not a character changed around it?"""

from __future__ import annotations

import json
import re

from engine.descriptor.limits import Limits
from engine.descriptor.source import Source, is_json, parse
from engine.fixing.edits import Action, Edit
from engine.model import Json, Path

_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\n]|\'\')*\'')
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def spliced(file: str, text: str, edits: list[Edit]) -> str | None:
    """The text with scalars put in the place of scalars; None where an edit asks for more.

    Where a scalar ends is guessed, so whoever asks has to read the answer again.
    """
    source = parse(file, text.encode("utf-8"), Limits())
    if not all(_is_scalar(edit.value) and _was_scalar(source.value, edit) for edit in edits):
        return None
    places = sorted(((*_span(source, edit.steps), edit.value) for edit in edits), reverse=True)
    for start, end, value in places:
        text = text[:start] + _written(value, is_json(file, text)) + text[end:]
    return text


def reads_as_text(text: str) -> bool:
    """Whether no YAML reads it as anything but this text when it stands without quotes."""
    return re.fullmatch(r"[A-Za-z](?:[\w ./@()-]*[\w.])?", text) is not None and text.lower() not in _WORDS


def _is_scalar(value: Json) -> bool:
    return type(value) not in (dict, list)


def _was_scalar(value: Json, edit: Edit) -> bool:
    for step in edit.steps[:-1]:
        value = value[step]
    last = edit.steps[-1]
    there = last in value if type(value) is dict else type(last) is int and last < len(value)
    return edit.action is Action.SET and there and _is_scalar(value[last])


def _span(source: Source, steps: Path) -> tuple[int, int]:
    start = source.index.value(steps)
    quoted = _QUOTED.match(source.text, start)
    return start, quoted.end() if quoted else start + len(source.written(steps))


def _written(value: Json, in_json: bool) -> str:
    if not in_json and type(value) is str and reads_as_text(value):
        return value
    return json.dumps(value, ensure_ascii=False)
