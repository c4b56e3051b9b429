"""How are files named for programs that look for them in a repository?"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from engine.descriptor.address import is_address
from engine.report.entries import Changed

_KEPT = "/!$'()*+,;=@:"
"""What a path inside a URI may hold as it is (RFC 3986, pchar), besides letters, digits and -._~"""


def below(report: dict[str, Any], folder: str) -> dict[str, Any]:
    """The report with every file inside `folder` (an absolute path) named from there; other names stay."""

    def named(told: dict[str, Any]) -> dict[str, Any]:
        return {**told, "file": relative(told["file"], folder)}

    def entry(document: dict[str, Any]) -> dict[str, Any]:
        decision = {**document["decision"], "findings": [named(one) for one in document["decision"]["findings"]]}
        return {**named(document), "decision": decision, "problems": [named(one) for one in document["problems"]]}

    return {**report, "documents": Changed(report["documents"], entry)}


def joined(folder: str, file: str) -> str:
    """The name, as seen from where `folder` is, of a file of a submission in it; what was fetched lies in no folder."""
    return file if is_address(file) else posixpath.join(folder, file)


def relative(file: str, folder: str) -> str:
    """The path from `folder` where the file is inside it, without detours."""
    start = folder.rstrip("/") + "/"
    plain = posixpath.normpath(file)
    return plain.removeprefix(start) if plain.startswith(start) else plain


def uri(file: str) -> str:
    """The file as a URI reference (RFC 3986): relative as long as the name is, bytes that are no text included."""
    path = quote(os.fsencode(file), safe=_KEPT)
    if file.startswith("/"):
        return f"file://{path}"
    # A colon in the first step would make it the scheme of an absolute URI.
    return f"./{path}" if ":" in path.split("/", 1)[0] else path


def references(document: dict[str, Any], told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The references followed to a finding or problem, outermost first: the file as the report names it, and the
    pointer there. (`via` names files as the submission does.)
    """
    chain = [_parted(reference) for reference in told.get("via", ())]
    if not chain:
        return
    root = chain[0][0]
    start = document["file"].removesuffix(root) if document["file"].endswith(root) else _folder(document["file"])
    yield from ((file if is_address(file) else start + file, pointer) for file, pointer in chain)


def _parted(reference: str) -> tuple[str, str]:
    file, found, pointer = reference.partition("#/")
    return (file, f"/{pointer}") if found else (reference.removesuffix("#"), "")


def _folder(file: str) -> str:
    folder = posixpath.dirname(file)
    return posixpath.join(folder, "") if folder else ""
