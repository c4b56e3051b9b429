"""How do words of a person stand in Rego and in YAML, so that they are values there and nothing else?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from engine.errors import UsageError
from engine.model import Json

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9 ,.@:/_*()\[\]-]*[A-Za-z0-9.)\]]|[A-Za-z]")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_LONGEST = 2_000
_WIDEST, _TAB = 110, 4
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS = frozenset(
    {
        *("as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input", "not", "null"),
        *("package", "some", "true", "with"),
    }
)


def printable(told: str, text: str) -> str:
    """The text, where every character of it can be seen; raises UsageError naming what it was told as.

    A line end, a control or a direction mark in a title or a value would be code, or look like other code than it is.
    """
    if not text.strip() or len(text) > _LONGEST:
        raise UsageError(f"{told} must be a text of at most {_LONGEST} characters.")
    unseen = next((character for character in text if not character.isprintable()), None)
    if unseen is not None:
        raise UsageError(f"{told} holds the character U+{ord(unseen):04X}, which cannot be seen; leave it out.")
    return text.strip()


def rego(value: Json) -> str:
    """The value as a Rego term on one line: texts in quotes, with everything escaped that could end them."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{" + ", ".join(f"{rego(key)}: {rego(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(rego, value)) + "]"
        case _:
            return json.dumps(value)


def block(value: Json, tabs: int, *, used: int = 0) -> str:
    """The value as a Rego term, in lines where one would be too long, as `opa fmt` keeps them.

    It begins behind `used` characters in a line that is indented by `tabs`, as its last line is.
    """
    line = rego(value)
    if len(line) + used + tabs * _TAB <= _WIDEST or not isinstance(value, (Mapping, list)) or not value:
        return line
    margin = "\t" * (tabs + 1)
    if isinstance(value, Mapping):
        items = [f"{rego(key)}: {block(item, tabs + 1, used=len(rego(key)) + 3)}" for key, item in value.items()]
        return "{\n" + "".join(f"{margin}{item},\n" for item in items) + "\t" * tabs + "}"
    return "[\n" + "".join(f"{margin}{block(item, tabs + 1, used=1)},\n" for item in value) + "\t" * tabs + "]"


def call(function: str, format: str, arguments: str, *, used: int) -> str:
    """A call with a format and its arguments, in lines where one would be too long."""
    line = f"{function}({rego(format)}, [{arguments}])"
    if len(line) + used <= _WIDEST:
        return line
    return f"{function}(\n\t\t\t{rego(format)},\n\t\t\t[{arguments}],\n\t\t)"


def step(name: str) -> str:
    """A key as it follows a reference: `.owner`, or `["x-cost"]` where it is no plain name."""
    return f".{name}" if _NAME.fullmatch(name) and name not in _KEYWORDS else f"[{rego(name)}]"


def scalar(value: Json) -> str:
    """A scalar as YAML of one line, read alike by every YAML; texts plain where they read as nothing else."""
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN.fullmatch(value) and ": " not in value and value.casefold() not in _WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)


def yaml(value: Json, indent: int = 0) -> str:
    """A value as YAML in blocks, as people write it."""
    return "".join(f"{line}\n" for line in _block(value, "  " * indent))


def _block(value: Json, margin: str) -> Sequence[str]:
    if isinstance(value, Mapping) and value:
        return [line for key, item in value.items() for line in _entry(f"{margin}{scalar(key)}:", item, margin)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item, margin)]
    return [f"{margin}{_empty(value)}"]


def _entry(head: str, value: Json, margin: str) -> Sequence[str]:
    if isinstance(value, (Mapping, list)) and value:
        return [head, *_block(value, f"{margin}  ")]
    return [f"{head} {_empty(value)}"]


def _item(value: Json, margin: str) -> Sequence[str]:
    first, *rest = _block(value, f"{margin}  ")
    return [f"{margin}- {first.lstrip()}", *rest]


def _empty(value: Json) -> str:
    return "{}" if isinstance(value, Mapping) else "[]" if isinstance(value, list) else scalar(value)
