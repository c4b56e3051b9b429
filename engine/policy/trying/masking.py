"""How does a document keep its shape and lose what it says of people?

Letters become x or X and digits 0, so that lengths, forms and separators stay as they are and most policies find the
same. Names that identify the product and its parts, and what they refer to, are left.
"""

from __future__ import annotations

import re

from engine.model import Json

FREE_TEXT = frozenset({"description", "displayName", "comment", "comments", "summary"})
"""Keys whose text is written for people."""
PEOPLE = frozenset({"owner", "owners", "contactPoints", "contacts", "contact", "authors", "author"})
"""Keys below which every text is about somebody."""
_MAIL = re.compile(r"[^\s@<>()\[\]{},;:\"']+@[^\s@<>()\[\]{},;:\"']+")


def masked(value: Json, *, inside: bool = False) -> Json:
    """The value with masked texts; `inside` when it stands below a key of people."""
    if isinstance(value, dict):
        return {key: masked(one, inside=_hidden(key, one, inside)) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one, inside=inside) for one in value]
    if not isinstance(value, str):
        return value
    return blank(value) if inside else _MAIL.sub(lambda found: blank(found[0]), value)


def blank(text: str) -> str:
    """The shape of the text alone."""
    return "".join(map(_shape, text))


def _hidden(key: str, value: Json, inside: bool) -> bool:
    return inside or key in PEOPLE or (key in FREE_TEXT and isinstance(value, str))


def _shape(character: str) -> str:
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return "0" if character.isnumeric() else character
