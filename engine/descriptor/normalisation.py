"""Which spellings of the author does meshgate read as something else, and which fields does it not let in?"""

from __future__ import annotations

from engine.descriptor.components import components
from engine.descriptor.problems import problem
from engine.descriptor.provenance import Provenance
from engine.model import Json, Path, Problem

MISSPELT = "depreceationPolicy"
SPELT = "deprecationPolicy"


def normalised(document: dict[str, Json], provenance: Provenance) -> tuple[dict[str, Json], list[Problem]]:
    """The document as later layers read it (the given one is not changed), and what there is to say about that."""
    problems: list[Problem] = []
    if "_context" in document:
        place = provenance.locate_key(("_context",))
        problems.append(problem("DP306", "_context is reserved for meshgate", ("_context",), place, "remove it"))
        document = {key: value for key, value in document.items() if key != "_context"}
    for path in [one.path for one in components(document) if _is_misspelt(one.value.get("promises"))]:
        document = _respelt(document, path)
        below = (*path, "promises")
        provenance[(*below, SPELT)] = provenance.origin((*below, MISSPELT))
        place = provenance.locate_key((*below, SPELT))
        problems.append(problem("DP352", f"{MISSPELT} is read as {SPELT}", (*below, SPELT), place, f"write {SPELT}"))
    return document, problems


def _is_misspelt(promises: Json) -> bool:
    return type(promises) is dict and MISSPELT in promises and SPELT not in promises


def _respelt(document: dict[str, Json], path: Path) -> dict[str, Json]:
    """The document with the key renamed in one port, everything on the way to it copied."""
    copy = dict(document)
    node: Json = copy
    for step in (*path, "promises"):
        below = node[step]
        node[step] = list(below) if type(below) is list else dict(below)
        node = node[step]
    node[SPELT] = node.pop(MISSPELT)
    return copy
