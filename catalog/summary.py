"""What do lists and search show of a descriptor?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.text.words import folded
from engine.model import Json

#: sort and look-up keys are cut here; index entries of both stores hold them
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Summary:
    """The author's own words of a product, taken from its effective descriptor."""

    display_name: str
    description: str
    owner: str
    owner_name: str
    tags: tuple[str, ...]


def of(effective: Mapping[str, Json]) -> Summary:
    """The summary of an accepted descriptor; what is missing or of another type is empty."""
    info = _object(effective.get("info"))
    owner = _object(info.get("owner"))
    tags = [tag for holder in (effective, info) for tag in _texts(holder.get("tags"))]
    return Summary(
        display_name=_text(info.get("displayName")),
        description=_text(info.get("description")),
        owner=_text(owner.get("id")) or _text(owner.get("name")),
        owner_name=_text(owner.get("name")),
        tags=tuple(dict.fromkeys(tags)),
    )


def look_up_key(text: str) -> str:
    """A name as it is compared with a query: folded, without surrounding space."""
    return folded(text.strip())[:LONGEST_KEY]


def _object(value: Any) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
