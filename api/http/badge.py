"""How does a product's standing look as a small picture?"""

from __future__ import annotations

from html import escape

_COLOURS = {"compliant": "#2c7a3f", "non_compliant": "#b3261e", "undecided": "#5f6368"}
_CHARACTER = 7
_PADDING = 12


def badge(state: str, trust: float | None) -> str:
    """An SVG with the state and the trust score; texts are escaped and nothing is loaded."""
    left = "data product"
    right = f"{state.replace('_', ' ')}, trust {'unknown' if trust is None else f'{trust:.2f}'}"
    first, second = (len(text) * _CHARACTER + _PADDING for text in (left, right))
    whole = first + second
    colour = _COLOURS.get(state, _COLOURS["undecided"])
    texts = "".join(
        f'<text x="{x}" y="14" fill="#fff" font-family="sans-serif" font-size="11" text-anchor="middle">'
        f"{escape(text)}</text>"
        for x, text in ((first / 2, left), (first + second / 2, right))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" '
        f'aria-label="{escape(f"{left}: {right}")}"><title>{escape(f"{left}: {right}")}</title>'
        f'<rect width="{first}" height="20" fill="#3c4043"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{colour}"/>{texts}</svg>'
    )
