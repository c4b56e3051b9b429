"""What would make a text readable at the place where a reader could not go on?

The readers' own messages say what they expected; people want to know what to write.
"""

from __future__ import annotations

from typing import Final

_YAML: Final = (
    (
        "mapping values are not allowed",
        "put a text that holds ': ' in quotes, and begin fields of one object in one column",
    ),
    ("unknown escape", "write \\\\ for a backslash, or use single quotes"),
    ("end of stream", "close the quote that was opened before"),
    ("',' or '", "put a comma between two entries, and close the bracket that was opened before"),
    ("expected '-' indicator", "begin the lines of one list in one column"),
    ("expected ':'", "put ': ' after the name of a field, or quotes around a text of several lines"),
    ("did not find expected key", "begin the fields of one object in one column"),
)


def for_yaml(message: str, text: str, offset: int) -> str:
    """What to do about a message of the YAML parser; "" where nothing better can be said."""
    character = text[offset : offset + 1]
    if character == "\t":
        return "indent with spaces, not with a tab"
    if "cannot start any token" in message:
        return f"put the text that begins with {character} in quotes"
    if "alphabetic or numeric" in message:
        return f"put the text that begins with {text[offset - 1 : offset]} in quotes"
    return next((hint for part, hint in _YAML if part in message), "")


def for_json(text: str, offset: int) -> str:
    """What to do where JSON cannot go on; "" where nothing better can be said."""
    character = text[offset : offset + 1]
    if offset == len(text) - len(text.lstrip()) and character.isalpha():
        return "name a file that holds YAML .yaml or .yml"
    if text[:offset].rstrip().endswith(",") and character in ("}", "]"):
        return "remove the comma before it"
    match character:
        case "'":
            return "put texts and names in double quotes"
        case "/" | "#":
            return "remove the comment, which JSON does not know"
        case "":
            return "close what was opened before: the text ends here"
    return "put names in double quotes" if character.isalpha() and not text[:offset].rstrip().endswith(":") else ""
