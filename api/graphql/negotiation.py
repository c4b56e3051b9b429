"""In which media type is the answer wanted? (GraphQL over HTTP, section "Media types")"""

from __future__ import annotations

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


def answer_type(accept: str | None) -> str:
    """The media type for this `Accept`: the newer one where it is named, else plain JSON, also where neither fits."""
    if accept is None or not accept.strip():
        return JSON
    weights = dict.fromkeys((JSON, GRAPHQL), 0.0)
    for media_range, weight in _ranges(accept):
        for offered in weights:
            if _covers(media_range, offered):
                weights[offered] = max(weights[offered], weight)
    named = any(media_range == GRAPHQL for media_range, _ in _ranges(accept))
    return GRAPHQL if named and weights[GRAPHQL] >= weights[JSON] and weights[GRAPHQL] > 0 else JSON


def wants_page(accept: str | None) -> bool:
    """Whether a browser asks for a page rather than for data."""
    return any(media_range == "text/html" and weight > 0 for media_range, weight in _ranges(accept or ""))


def _covers(media_range: str, offered: str) -> bool:
    return media_range in (offered, "application/*", "*/*")


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        found.append((media_range, _number(weight)))
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
