"""What do the input ports of a document read (DESIGN §3.5)?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.descriptor.components import components
from engine.descriptor.identity import line_fqn, parse_fqn
from engine.model import Json, Path, Reading, SourceKind


def targets(value: dict[str, Json]) -> Iterator[tuple[Path, str]]:
    """Each thing that one input port reads, as it is written, and where below the port it is written."""
    field = "dependsOn" if value.get("dependsOn") is not None else "x-dependsOn"
    match value.get(field):
        case str(target) if target:
            yield (field,), target
        case list(several):
            yield from (((field, at), one) for at, one in enumerate(several) if type(one) is str and one)


def readings(document: dict[str, Json]) -> Iterator[Reading]:
    """Every reading of every named input port."""
    for port in components(document):
        if port.kind == "inputport" and port.name:
            yield from (reading(port.name, target) for _, target in targets(port.value))


def reading(input_port: str, target: str) -> Reading:
    """An output port of another product, in any dialect, or else an external system.

    A target that gives no major keeps a `product_fqn` without one: `urn:dpds:{namespace}:dataproducts:{name}`.
    """
    parsed = parse_fqn(target)
    if parsed is None or parsed.collection != "outputports" or parsed.component is None:
        return Reading(input_port, target, SourceKind.EXTERNAL)
    if parsed.major is None:
        product = line_fqn(parsed.namespace, parsed.name, 0).rpartition(":")[0]
    else:
        product = line_fqn(parsed.namespace, parsed.name, parsed.major)
    return Reading(input_port, target, SourceKind.PORT, product, parsed.component)
