"""How large may a submission be, as written and after its references are resolved?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of DESIGN §3.1 and §3.2; each file keeps them, and so does the effective document."""

    #: bytes of one file, and characters of text after aliases and references are expanded
    size: int = 1024 * 1024
    #: nested mappings and sequences
    depth: int = 64
    #: keys and values, counted after aliases and references are expanded
    nodes: int = 200_000
    #: characters of one string
    string: int = 256 * 1024
    #: ports, components, tasks and standard definitions, after references are resolved
    entities: int = 2_000
    #: tags, contact points and dependencies, after references are resolved
    entries: int = 10_000
    #: bytes of files to which only references inside definitions lead
    definitions: int = 4 * 1024 * 1024
    #: problems reported for one document, errors before warnings
    problems: int = 1_000
    #: references followed in one submission
    references: int = 1_000
