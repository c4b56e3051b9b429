"""Which ports and internal components does an effective document hold, and where?

Tolerant on purpose: it also reads documents that break the schema, and leaves out what is no object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.descriptor.grammar import COMPONENT_KINDS, PORT_KINDS
from engine.model import Json, Path, Port


@dataclass(frozen=True, slots=True)
class Component:
    """One port or internal component where it stands; `kind` is its entityType."""

    kind: str
    value: dict[str, Json]
    path: Path

    @property
    def name(self) -> str:
        return text(self.value, "name")

    @property
    def is_port(self) -> bool:
        return self.path[0] == "interfaceComponents"


def text(value: Json, *keys: str) -> str:
    """The string at nested keys, or "" where there is none."""
    for key in keys:
        if type(value) is not dict:
            return ""
        value = value.get(key)
    return value if type(value) is str else ""


def items(value: Json) -> list[Json]:
    """The value if it is a list, else nothing."""
    return value if type(value) is list else []


def components(document: dict[str, Json]) -> Iterator[Component]:
    """Every port and component, by kind in the order of the specification."""
    for section, kinds in (("interfaceComponents", PORT_KINDS), ("internalComponents", COMPONENT_KINDS)):
        holder = document.get(section)
        if type(holder) is not dict:
            continue
        for collection, kind in kinds.items():
            for index, value in enumerate(items(holder.get(collection))):
                if type(value) is dict:
                    yield Component(kind, value, (section, collection, index))


def port(one: Component) -> Port:
    """What later rooms may know of a port."""
    value = one.value
    promises = value.get("promises")
    return Port(
        kind=one.kind,
        name=one.name,
        fqn=text(value, "fullyQualifiedName"),
        version=text(value, "version"),
        display_name=text(value, "displayName"),
        description=text(value, "description"),
        platform=text(promises, "platform"),
        services_type=text(promises, "servicesType"),
        api_specification=text(promises, "api", "specification"),
        tags=tuple(tag for tag in items(value.get("tags")) if type(tag) is str),
    )
