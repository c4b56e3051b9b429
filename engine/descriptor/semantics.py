"""Does the document mean something true, beyond what a schema can say (DESIGN §3.4)?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from engine.descriptor import agreements, graph, names, spelling, values
from engine.descriptor.completion import Named
from engine.descriptor.evolution import evolution
from engine.descriptor.provenance import Provenance
from engine.descriptor.subject import Subject
from engine.model import Json, Problem

__all__ = ["RULES", "check", "evolution"]

RULES: Final[tuple[Callable[[Subject], Iterator[Problem]], ...]] = (
    values.specification_version,
    values.versions,
    values.entity_types,
    values.large_integers,
    values.nulls,
    names.usable_names,
    names.long_names,
    names.duplicate_names,
    names.styles,
    names.namespace,
    names.product_fqn,
    names.component_fqns,
    names.ids,
    agreements.unnamed_definitions,
    agreements.services_by_reference,
    agreements.reading_lists,
    agreements.unreadable_contracts,
    spelling.unknown_fields,
    spelling.stray_references,
    graph.dangling_references,
    graph.dependency_cycles,
)


def check(document: dict[str, Json], named: Named, provenance: Provenance, most: int | None = None) -> list[Problem]:
    """What every rule has to say (at most `most` each) about a document before its read-only fields are filled in."""
    subject = Subject.of(document, named, provenance)
    return [problem for rule in RULES for problem in islice(rule(subject), most)]
