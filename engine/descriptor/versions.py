"""Which of two versions is higher, and what is its major (Semantic Versioning 2.0.0)?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from semver import Version

_SEMVER: Final = re.compile(
    r"(?:0|[1-9][0-9]{0,17})\.(?:0|[1-9][0-9]{0,17})\.(?:0|[1-9][0-9]{0,17})"
    r"(?:-(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
_LONGEST: Final = 256


def is_semver(text: object) -> bool:
    """Whether the text is one full version; numbers of more than 18 digits are refused as unusable."""
    return isinstance(text, str) and len(text) <= _LONGEST and _SEMVER.fullmatch(text) is not None


def major(version: str) -> int:
    """The first number of a version."""
    return int(version.partition(".")[0])


def numbers(version: str) -> tuple[int, int, int]:
    """Major, minor and patch of a version."""
    first, second, third = re.split("[-+]", version, maxsplit=1)[0].split(".")
    return int(first), int(second), int(third)


def without_build(version: str) -> str:
    """The version without build metadata: versions that differ only there are the same version."""
    return version.partition("+")[0]


@lru_cache(maxsize=1024)
def parse(version: str) -> Version:
    """The version as the semver library has it; raises ValueError."""
    from semver import Version  # not needed to check a document

    return Version.parse(version)


def compare(first: str, second: str) -> int:
    """-1, 0 or 1: whether the first version is lower, equal or higher by precedence (build metadata ignored)."""
    return parse(first).compare(parse(second))


def precedence_key(version: str) -> tuple[object, ...]:
    """A key that sorts versions by precedence, also those of different products together."""
    parsed = parse(version)
    release = (parsed.major, parsed.minor, parsed.patch)
    if not parsed.prerelease:
        return (*release, 1, ())
    identifiers = parsed.prerelease.split(".")
    return (*release, 0, tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in identifiers))
