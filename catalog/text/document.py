"""Which words of a product can be searched for, and how much does each field weigh?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.summary import Summary
from catalog.text.words import tokens
from engine.model import Identity, Port

#: distinct tokens kept of one product, and their bytes; PostgreSQL holds at most 1 MiB with its own notes
MOST_TOKENS = 10_000
MOST_BYTES = 600_000


@dataclass(frozen=True, slots=True)
class Document:
    """The distinct tokens of each field tier, weightiest first; a token stands only in its weightiest tier.

    Tiers: a names of the product; b ports; c domain, owner, tags; d descriptions.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    c: tuple[str, ...]
    d: tuple[str, ...]

    @property
    def tiers(self) -> tuple[tuple[str, ...], ...]:
        return (self.a, self.b, self.c, self.d)


def of(identity: Identity, summary: Summary, ports: Iterable[Port]) -> Document:
    """The searchable words of one version."""
    ports = tuple(ports)
    tiers = (
        [identity.name, summary.display_name, identity.fqn],
        [text for port in ports for text in (port.name, port.display_name)],
        [
            identity.domain,
            summary.owner,
            summary.owner_name,
            *summary.tags,
            *(tag for port in ports for tag in port.tags),
        ],
        [summary.description, *(port.description for port in ports)],
    )
    seen = _first_tiers((tier, token) for tier, texts in enumerate(tiers) for text in texts for token in tokens(text))
    return Document(*(tuple(token for token, found in seen.items() if found == tier) for tier in range(4)))


def _first_tiers(found: Iterable[tuple[int, str]]) -> dict[str, int]:
    """The weightiest tier of each token, within the bounds; `found` comes weightiest first."""
    seen: dict[str, int] = {}
    size = 0
    for tier, token in found:
        if token in seen:
            continue
        size += len(token.encode())
        if len(seen) == MOST_TOKENS or size > MOST_BYTES:
            break
        seen[token] = tier
    return seen
