"""Which words of a product can be searched for, and how much does each field weigh?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.summary import Summary
from catalog.text.words import column_names, sequence, tokens
from engine.model import Column, Identity, Port

#: distinct tokens kept of one product, and their bytes; PostgreSQL holds at most 1 MiB with its own notes
MOST_TOKENS = 10_000
MOST_BYTES = 600_000


@dataclass(frozen=True, slots=True)
class Document:
    """The distinct tokens of each field tier, weightiest first; a token stands only in its weightiest tier.

    Tiers: a names of the product; b ports and their columns; c domain, owner, tags; d descriptions. `phrases` holds
    the tokens of each text in their order, between spaces, the texts parted by `|`.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    c: tuple[str, ...]
    d: tuple[str, ...]
    phrases: str = ""

    @property
    def tiers(self) -> tuple[tuple[str, ...], ...]:
        return (self.a, self.b, self.c, self.d)


def of(identity: Identity, summary: Summary, ports: Iterable[Port], columns: Sequence[Column] = ()) -> Document:
    """The searchable words of one version."""
    tiers = _texts(identity, summary, tuple(ports), columns)
    seen = _first_tiers((tier, token) for tier, texts in enumerate(tiers) for text in texts for token in tokens(text))
    pieces = [" ".join(sequence(text)) for texts in tiers for text in dict.fromkeys(texts) if text]
    phrases = _bounded(f" {' | '.join(filter(None, pieces))} ")
    a, b, c, d = (tuple(token for token, found in seen.items() if found == tier) for tier in range(4))
    return Document(a, b, c, d, phrases)


def _texts(
    identity: Identity, summary: Summary, ports: Sequence[Port], columns: Sequence[Column]
) -> tuple[list[str], ...]:
    """The texts of each tier."""
    return (
        [identity.name, summary.display_name, identity.fqn],
        [
            *(text for port in ports for text in (port.name, port.display_name)),
            *(name for one in columns for name in column_names(one.path)),
        ],
        [
            identity.domain,
            summary.owner,
            summary.owner_name,
            *summary.tags,
            *(tag for port in ports for tag in port.tags),
            *(tag for one in columns for tag in one.tags),
        ],
        [summary.description, *(port.description for port in ports), *(one.description for one in columns)],
    )


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


def _bounded(text: str) -> str:
    """The text up to the bound, ended between two tokens."""
    if len(text) <= MOST_BYTES:
        return text
    return text[: text.rindex(" ", 0, MOST_BYTES) + 1]


def vocabulary(document: Document) -> list[str]:
    """The tokens that a misspelt word may have meant: no numbers, no single letters."""
    return [token for tier in document.tiers for token in tier if 3 <= len(token) <= 32 and not token.isdigit()]
