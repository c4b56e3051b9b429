"""What does a file look like with changes in it, and nothing else changed?

Whatever was written is read again by the strict loader: a file that does not then hold exactly what it should is
never given out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.descriptor.limits import Limits
from engine.descriptor.positions import copied
from engine.descriptor.source import is_json, parse
from engine.descriptor.text import SourceRefused
from engine.fixing.edits import Action, CannotFix, Edit, carried_out
from engine.fixing.merging import merged
from engine.fixing.splicing import reads_as_text, spliced
from engine.model import Json


def rewritten(file: str, content: bytes, edits: list[Edit]) -> bytes:
    """The content with the edits carried out, its comments, order and line ends kept.

    Raises CannotFix where that cannot be done without changing anything else.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise CannotFix(f"{file} is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise CannotFix(f"{file} begins with a byte order mark")
    changed = text.replace("\r\n", "\n")
    # One by one, so that what lies between two changes is no part of either.
    for edit in edits:
        changed = _changed(file, changed, edit)
    return (changed.replace("\n", "\r\n") if "\r\n" in text else changed).encode("utf-8")


def _changed(file: str, text: str, edit: Edit) -> str:
    wanted = carried_out(copied(parse(file, text.encode("utf-8"), Limits()).value), [edit])
    for candidate in _candidates(file, text, [edit]):
        if _holds(file, candidate.encode("utf-8"), wanted):
            return candidate
    raise CannotFix(f"{file} cannot be changed there without changing something else: an alias, a comment, its layout")


def _candidates(file: str, text: str, edits: list[Edit]) -> Iterator[str]:
    """Ways to write the file, the one that touches least first."""
    if (found := spliced(file, text, edits)) is not None:
        yield found
    before, after = _json(text, edits) if is_json(file, text) else _yaml(text, edits)
    if (found := merged(text, before, after)) is not None and _keeps_comments(text, found, edits):
        yield found


def _keeps_comments(text: str, changed: str, edits: list[Edit]) -> bool:
    """Whether every line that is a comment is still there; what is removed takes its own along."""
    before, after = (Counter(re.findall(r"^[ \t]*(#.*)$", one, re.MULTILINE)) for one in (text, changed))
    return before <= after or any(edit.action is Action.REMOVE for edit in edits)


def _holds(file: str, content: bytes, wanted: Json) -> bool:
    try:
        found = parse(file, content, Limits()).value
    except SourceRefused:
        return False
    return json.dumps(found) == json.dumps(wanted)


def _json(text: str, edits: list[Edit]) -> tuple[str, str]:
    """The file as the json module writes it, without and with the edits."""
    indent = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    end = text[len(text.rstrip()) :]

    def dumped(value: Json) -> str:
        return json.dumps(value, indent=indent[1] if indent else None, ensure_ascii=text.isascii()) + end

    value = json.loads(text)
    before = dumped(value)
    return before, dumped(carried_out(value, edits))


def _yaml(text: str, edits: list[Edit]) -> tuple[str, str]:
    """The file as ruamel.yaml writes it, without and with the edits."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            before = _dumped(_loaded(text), text)
            value = carried_out(_loaded(text), [_as_yaml(edit) for edit in edits])
            return before, _dumped(value, text)
        except Exception as reason:
            # The library ends in assertions and errors of all kinds on YAML that is odd, but well-formed.
            raise CannotFix(
                f"the YAML cannot be written back: {' '.join(str(reason).split()) or type(reason).__name__}"
            ) from None


def _editor(text: str) -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.explicit_start = text.startswith("---")
    item = re.search(r"^( *)[^\s#-][^\n]*:[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", text, re.MULTILINE)
    offset = len(item[2]) - len(item[1]) if item else 2
    field = re.search(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)[^\s#-]", text, re.MULTILINE)
    yaml.indent(mapping=len(field[1]) if field else 2, sequence=offset + 2, offset=offset)
    return yaml


def _loaded(text: str) -> Any:
    return _editor(text).load(text)


def _dumped(value: Any, text: str) -> str:
    import io

    out = io.StringIO()
    _editor(text).dump(value, out)
    return out.getvalue()


def _as_yaml(edit: Edit) -> Edit:
    return Edit(edit.file, edit.steps, edit.action, _quoted(edit.value))


def _quoted(value: Json) -> Any:
    """The value with quotes around every text that any YAML could read as something else."""
    if type(value) is dict:
        return {key: _quoted(item) for key, item in value.items()}
    if type(value) is list:
        return [_quoted(item) for item in value]
    if type(value) is str and not reads_as_text(value):
        from ruamel.yaml.scalarstring import DoubleQuotedScalarString

        return DoubleQuotedScalarString(value)
    return value
