"""What does the document say once its references are replaced by what they name, and where did each part come from?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.descriptor.address import is_address, url_of
from engine.descriptor.census import crowded, may_be_crowded
from engine.descriptor.grammar import ROOT, Shape
from engine.descriptor.limits import Limits
from engine.descriptor.positions import is_within, walk
from engine.descriptor.problems import problem
from engine.descriptor.provenance import Origin, Provenance
from engine.descriptor.reference import RefRefused, Target, lookup, target
from engine.descriptor.source import Source, as_text, parse, refused
from engine.descriptor.submission import AddressLeft, Files, NotFetched, ReferenceRefused, Remote
from engine.descriptor.text import SourceRefused, decode
from engine.model import Json, Part, Path, Problem, Step

_SUFFIXES = (".json", ".yaml", ".yml", ".avsc")
_REFERENCE_FIELDS = frozenset(("$ref", "description", "mediaType"))


@dataclass(frozen=True, slots=True)
class Resolved:
    """The effective document, the origin of its nodes, the files reached, and what was wrong on the way."""

    value: Json
    provenance: Provenance
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]


class _TooMany(Exception):
    """More references than allowed."""


def resolve(root: Source, content: bytes, files: Files, limits: Limits, remote: Remote | None = None) -> Resolved:
    """Follow every reference of a DPDS place; what cannot be followed stays as written and is a problem."""
    if may_be_crowded(root, limits) and (beyond := crowded(root.value, limits)) is not None:
        path, msg = beyond
        return _unresolved(root, content, problem("DP207", msg, path, root.place(path)))
    if "$ref" not in root.text and "\\" not in root.text:
        return _unresolved(root, content)
    resolver = _Resolver(root, content, files, limits, remote)
    value = resolver.run()
    return Resolved(value, resolver.provenance, tuple(resolver.parts.values()), tuple(resolver.problems))


def _unresolved(root: Source, content: bytes, *problems: Problem) -> Resolved:
    return Resolved(root.value, Provenance(root), (Part(root.file, content),), problems)


class _Resolver:
    def __init__(self, root: Source, content: bytes, files: Files, limits: Limits, remote: Remote | None) -> None:
        self.provenance = Provenance(root)
        self.parts = {root.file: Part(root.file, content)}
        self.problems: list[Problem] = []
        self._root, self._files, self._limits, self._remote = root, files, limits, remote
        self._sources: dict[str, Source] = {root.file: root}
        self._followed = 0

    def run(self) -> Json:
        try:
            value = self._below(self._root.value, ROOT, (), Origin(self._root, ()), ())
        except _TooMany:
            return self._root.value
        if self._followed and not any(one.stops_the_road for one in self.problems):
            self._refuse_large(value)
            self._refuse_crowded(value)
        return value

    def _below(self, node: Json, shape: Shape, path: Path, origin: Origin, chain: tuple[Target, ...]) -> Json:
        """The node with everything below it resolved; only what changes is made anew."""
        if shape.reference and type(node) is dict and "$ref" in node and self._is_reference(node, shape):
            return self._follow(node, shape, path, origin, chain)
        if type(node) is dict:
            places = shape.fields if shape.items is None else dict.fromkeys(node, shape.items)
            below: dict[Step, Shape] = {key: places[key] for key in places if key in node}
            made: dict[Step, Json] = {
                key: self._below(node[key], inner, (*path, key), origin.below(key), chain)
                for key, inner in below.items()
            }
            return {**node, **made} if made else node
        if type(node) is list and shape.items is not None:
            inner = shape.items
            return [self._below(item, inner, (*path, at), origin.below(at), chain) for at, item in enumerate(node)]
        return node

    def _is_reference(self, node: dict[str, Json], shape: Shape) -> bool:
        """A definition may be a schema that itself starts with `$ref`; then it holds other fields, too."""
        return not shape.opaque or node.keys() <= _REFERENCE_FIELDS

    def _follow(
        self, node: dict[str, Json], shape: Shape, path: Path, origin: Origin, chain: tuple[Target, ...]
    ) -> Json:
        ref = origin.below("$ref")
        try:
            named = target(node["$ref"], origin.source.file)
            self._refuse_cycle(named, chain)
            found, place = self._found(named, node.get("mediaType"), shape)
        except _TooMany:
            most, longest = self._limits.references, self._limits.depth
            msg = f"more than {most:,} references, or a chain of more than {longest}"
            self._report("DP204", msg, path, ref)
            raise
        except AddressLeft:
            return node
        except RefRefused as refusal:
            self._report(refusal.code, refusal.msg, path, ref, refusal.hint)
            return node
        except SourceRefused as refusal:
            self._report_unread(refusal, named.file, path, origin)
            return node
        self._warn(node, named, shape, path, origin)
        there = Origin(place.source, place.path, (*origin.via, str(origin)))
        self.provenance[path] = there
        value = found if shape.opaque else self._below(found, shape, path, there, (*chain, named))
        return self._described(value, node, path, origin)

    def _described(self, value: Json, node: dict[str, Json], path: Path, origin: Origin) -> Json:
        if "description" not in node or type(value) is not dict:
            return value
        self.provenance[(*path, "description")] = origin.below("description")
        return {**value, "description": node["description"]}

    def _refuse_cycle(self, named: Target, chain: tuple[Target, ...]) -> None:
        self._followed += 1
        if self._followed > self._limits.references or len(chain) >= self._limits.depth:
            raise _TooMany
        same = [at for at, earlier in enumerate(chain) if (earlier.file, earlier.steps) == (named.file, named.steps)]
        if same:
            loop = " -> ".join(str(one) for one in (*chain[same[0] :], named))
            raise RefRefused("DP203", f"references go in a circle: {loop}")

    def _found(self, named: Target, media_type: Json, shape: Shape) -> tuple[Json, Origin]:
        """What the reference names and where it stands; raises RefRefused or SourceRefused."""
        source = self._source(named, media_type, shape)
        try:
            value, path = lookup(source.value, named.steps)
        except KeyError as missing:
            raise RefRefused("DP202", f"{named} names nothing: there is no {missing.args[0]!r}") from None
        return value, Origin(source, path)

    def _source(self, named: Target, media_type: Json, shape: Shape) -> Source:
        if named.file not in self._sources:
            content = self._read(named.file)
            self.parts[named.file] = Part(named.file, content)
            self._sources[named.file] = self._parsed(named, content, str(media_type), shape)
        return self._sources[named.file]

    def _read(self, file: str) -> bytes:
        try:
            return self._files.read(file)
        except FileNotFoundError:
            if is_address(file):
                return self._fetched(url_of(file))
            raise RefRefused("DP202", f"there is no file {file!r}") from None
        except ReferenceRefused as refusal:
            raise RefRefused("DP201", f"{file!r}: {refusal}") from None
        except OSError as error:
            raise RefRefused("DP202", f"{file!r} cannot be read: {error.strerror}") from None

    def _fetched(self, url: str) -> bytes:
        """What lies at an address; raises RefRefused (DP201, DP208) or AddressLeft."""
        hint = "keep a copy beside the document, or have the operator list the host under `reference_hosts`"
        if self._remote is None:
            raise RefRefused("DP201", f"{url} is an address, and no host is allowed", hint)
        try:
            return self._remote.fetch(url)
        except ReferenceRefused as refusal:
            raise RefRefused("DP201", f"{url}: {refusal}", hint) from None
        except NotFetched as reason:
            raise RefRefused("DP208", f"{url}: {reason}", "try again later, or keep a copy beside it") from None

    def _parsed(self, named: Target, content: bytes, media_type: str, shape: Shape) -> Source:
        if not shape.opaque or named.file.lower().endswith(_SUFFIXES) or "json" in media_type or "yaml" in media_type:
            return parse(named.file, content, self._limits)
        text = decode(content)
        if text.lstrip()[:1] in ("{", "["):
            try:
                return parse(named.file, content, self._limits)
            except SourceRefused:
                pass  # it only looked like JSON
        return as_text(named.file, text, self._limits)

    def _warn(self, node: dict[str, Json], named: Target, shape: Shape, path: Path, origin: Origin) -> None:
        ref = origin.below("$ref")
        if named.without_slash:
            self._report("DP251", f"{node['$ref']!r} is no JSON Pointer", path, ref, f"write '#/{node['$ref'][1:]}'")
        if shape.beyond_official:
            field = next((step for step in reversed(path) if type(step) is str), "")
            self._report("DP253", f"the official schema knows no reference for {field}", path, ref)
        ignored = sorted(key for key in node.keys() - _REFERENCE_FIELDS if not key.startswith("x-"))
        if ignored:
            self._report("DP252", f"beside $ref, {', '.join(ignored)} is ignored", path, origin.below(ignored[0]))

    def _report(self, code: str, msg: str, path: Path, origin: Origin, hint: str = "") -> None:
        self.problems.append(problem(code, msg, path, origin.place(), hint))

    def _report_unread(self, refusal: SourceRefused, file: str, path: Path, origin: Origin) -> None:
        content = self.parts[file].content
        place, msg = refused(file, content, refusal)
        via = (*origin.via, str(origin))
        self.problems.append(problem(refusal.code, msg, path, replace(place, via=via), refusal.hint))

    def _refuse_large(self, value: Json) -> None:
        room = self._limits.size
        if is_within(value, nodes=self._limits.nodes, characters=room, depth=self._limits.depth):
            return
        for nodes, (path, node, _) in enumerate(walk(value), start=1):
            if type(node) is str:
                room -= len(node)
            if (reason := self._too_large(nodes, room, len(path) + (type(node) in (dict, list)))) is not None:
                place = self.provenance.locate(path)
                self.problems.append(problem("DP206", f"{reason} once references are resolved", path, place))
                return

    def _refuse_crowded(self, value: Json) -> None:
        if (beyond := crowded(value, self._limits)) is not None:
            path, msg = beyond
            place = self.provenance.locate(path)
            self.problems.append(problem("DP207", f"{msg} once references are resolved", path, place))

    def _too_large(self, nodes: int, room: int, depth: int) -> str | None:
        if nodes > self._limits.nodes:
            return f"more than {self._limits.nodes:,} keys and values"
        if room < 0:
            return f"more than {self._limits.size:,} characters of text"
        if depth > self._limits.depth:
            return f"nested deeper than {self._limits.depth}"
        return None
