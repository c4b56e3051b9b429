"""Which columns does each port of an effective descriptor promise?

Nothing is computed unless asked for, so that a check costs no more for it.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.descriptor.components import Component, components, text
from engine.descriptor.contracts.node import Follower, Home, Node, Reader
from engine.descriptor.contracts.recognition import KNOWN_NAMES, claimed, parsed, recognised
from engine.descriptor.contracts.sheet import MOST_COLUMNS, MOST_STEPS, Budget, Full, Sheet
from engine.descriptor.limits import Limits
from engine.descriptor.submission import Files, ReferenceRefused
from engine.model import Descriptor, Json, Path, PortSchema

DEFAULT_LIMITS = Limits()
_API = ("promises", "api", "definition")


def port_schemas(
    descriptor: Descriptor, files: Files | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> tuple[PortSchema, ...]:
    """One entry for each port, in the order of `descriptor.ports`; empty for a descriptor that could not be read.

    References inside definitions lead to the files that the descriptor itself reached and, where `files` is given, to
    every other file of the submission. Never raises for bad content: it becomes a reason or a gap.
    """
    if descriptor.effective is None:
        return ()
    reader = reader_of(descriptor, files, limits=limits)
    return tuple(reader.schema(one) for one in components(descriptor.effective) if one.is_port)


def reader_of(descriptor: Descriptor, files: Files | None = None, *, limits: Limits = DEFAULT_LIMITS) -> SchemaReader:
    """What reads the schemas of this descriptor's ports, as `port_schemas` says."""
    parts = {part.path: part.content for part in descriptor.parts}

    def read(path: str) -> bytes | None:
        if path in parts or files is None:
            return parts.get(path)
        try:
            return files.read(path)
        except (OSError, ReferenceRefused):
            return None

    if len(parts) == 1:  # all stands in the root, and nobody needs its lines for that
        return SchemaReader(read, lambda path: descriptor.file, limits)
    return SchemaReader(read, lambda path: descriptor.locate(path).file, limits)


def schemas_of(effective: dict[str, Json], *, limits: Limits = DEFAULT_LIMITS) -> tuple[PortSchema, ...]:
    """The same for an effective descriptor alone, such as one that the catalog remembers."""
    reader = SchemaReader(limits=limits)
    return tuple(reader.schema(one) for one in components(effective) if one.is_port)


class SchemaReader:
    """Reads the schemas of the ports of one descriptor, all within one budget."""

    def __init__(
        self,
        read: Reader = lambda path: None,
        file_of: Callable[[Path], str] = lambda path: "",
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._follower, self._budget = Follower(read, limits), Budget()
        self._file_of, self._limits = file_of, limits

    def schema(self, port: Component) -> PortSchema:
        """What is understood of one port."""
        return _schema(port, Sheet(self._follower, self._budget), self._file_of, self._limits)


def _schema(port: Component, sheet: Sheet, file_of: Callable[[Path], str], limits: Limits) -> PortSchema:
    promises = port.value.get("promises")
    named = text(promises, "api", "specification")
    api = promises.get("api") if type(promises) is dict else None
    if type(api) is not dict or "definition" not in api:
        return PortSchema(port.kind, port.name, named, False, "the port promises no API with a definition")
    path = (*port.path, *_API)
    definition = parsed(named, api["definition"], limits)
    found = recognised(named, definition)
    if found is None:
        return PortSchema(port.kind, port.name, named, False, _reason(named, definition))
    at = path if definition is api["definition"] else None
    cut = False
    try:
        found.columns(sheet, Node(definition, Home(definition, file_of(path), at), path))
    except Full:
        cut = True
        sheet.gaps.append(f"more than {MOST_COLUMNS:,} columns, or more than {MOST_STEPS:,} parts of schemas")
    reason = "" if sheet.columns else "; ".join(sheet.gaps) or "the definition names no columns"
    columns, gaps = tuple(sheet.columns), tuple(sheet.gaps)
    return PortSchema(port.kind, port.name, found.name, bool(columns), reason, columns, gaps, cut)


def _reason(specification: str, definition: Json) -> str:
    if claimed(specification) is not None:
        return f"the definition is not {specification} that can be read"
    if not specification:
        return "the API names no specification"
    return f"the specification {specification!r} is none of {', '.join(KNOWN_NAMES)}"
