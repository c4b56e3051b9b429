"""Which files does a new data product begin with, and which answers can they be made of?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from api.cli.schema import Kind, text
from api.cli.starting.files import scalar, template
from engine.errors import UsageError

DESCRIPTOR = "data-product-descriptor.yaml"
SCHEMA = ".meshgate/descriptor.schema.json"
"""In a hidden folder, which `meshgate check FOLDER` does not look into."""

_FORMS = {
    "name": (r"[a-zA-Z][a-zA-Z0-9]{1,63}", "letters and digits, starting with a letter, two at least"),
    "domain": (r"[a-zA-Z][a-zA-Z0-9]{1,63}", "letters and digits, starting with a letter, two at least"),
    "namespace": (r"[a-zA-Z][a-zA-Z0-9.]{1,127}", "letters, digits and dots, starting with a letter"),
    "owner": (r"(?!\s)[^\x00-\x1f\x7f]{1,254}", "a mail address or another name that people can ask for"),
}

_MAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"


@dataclass(frozen=True, slots=True)
class Answers:
    """What has to be known of a new product; raises UsageError for what cannot stand in a descriptor."""

    name: str
    domain: str
    owner: str
    namespace: str

    def __post_init__(self) -> None:
        for field in _FORMS:
            well_formed(field, getattr(self, field))


def well_formed(field: str, value: str) -> str:
    """The value, where it can be the name, domain, owner or namespace of a product; UsageError otherwise."""
    pattern, form = _FORMS[field]
    if not re.fullmatch(pattern, value):
        raise UsageError(f"`{value}` cannot be the {field} of a product: it consists of {form}.")
    return value


def files(answers: Answers, folder: Path) -> dict[Path, str]:
    """The descriptor, and the schema that its first line names to editors."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", answers.name)
    title = words[0].upper() + words[1:].lower()
    descriptor = template(
        "descriptor.yaml",
        line=f"urn:dpds:{answers.namespace}:dataproducts:{answers.name}:1",
        name=scalar(answers.name),
        domain=scalar(answers.domain),
        owner=scalar(answers.owner),
        channel="email" if re.fullmatch(_MAIL, answers.owner) else "directory",
        title=scalar(title),
        schema=SCHEMA,
    )
    return {folder / DESCRIPTOR: descriptor, folder / SCHEMA: text(Kind.DESCRIPTOR)}
