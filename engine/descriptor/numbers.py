"""Which number does a JSON or YAML literal stand for, if it can be kept exactly enough?"""

from __future__ import annotations

from typing import Final

from engine.descriptor.text import SourceRefused

LARGEST: Final = 2**63 - 1
PORTABLE: Final = 2**53 - 1
"""Integers up to here are exact in every JSON tool (RFC 7493)."""

_BASES: Final = {"0x": 16, "0o": 8}
_DIGITS: Final = 22  # enough for the largest integer in base 8; also keeps int() fast on hostile input


def _shortened(literal: str) -> str:
    return literal if len(literal) <= 40 else f"{literal[:20]}… ({len(literal):,} characters)"


def integer(literal: str) -> int:
    """The integer, within ±(2^63-1); raises SourceRefused (DP115)."""
    base = _BASES.get(literal[:2], 10)
    digits = literal[2:] if base != 10 else literal.lstrip("+-")
    if len(digits.lstrip("0")) <= _DIGITS:
        value = int(literal, base)
        if -LARGEST <= value <= LARGEST:
            return value
    raise SourceRefused("DP115", f"{_shortened(literal)} lies outside ±(2^63-1)", hint="write it as a quoted string")


def decimal(literal: str) -> float:
    """The finite double nearest to the literal; raises SourceRefused (DP115)."""
    value = float(literal)
    if value - value != 0:
        raise SourceRefused(
            "DP115", f"{_shortened(literal)} is too large for a double", hint="write it as a quoted string"
        )
    return value
