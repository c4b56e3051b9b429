"""How does SemVer precedence become text that any database sorts?"""

from __future__ import annotations

from semver import Version


def key(version: str) -> str:
    """Text whose byte order is SemVer precedence (semver.org §11); ValueError when it is not SemVer.

    A number is its length and its digits. A release ends in `~`, above every pre-release (`-…`); identifiers end in
    `!`, below every character that they may hold.
    """
    parsed = Version.parse(version)
    core = "".join(_number(str(part)) for part in (parsed.major, parsed.minor, parsed.patch))
    if not parsed.prerelease:
        return core + "~"
    return core + "-" + "".join(_identifier(part) for part in parsed.prerelease.split("."))


def without_build(version: str) -> str:
    """The version without build metadata."""
    return version.partition("+")[0]


def _number(digits: str) -> str:
    return f"{len(digits):04d}{digits}"


def _identifier(part: str) -> str:
    return ("0" + _number(part) if part.isdigit() else "1" + part) + "!"
