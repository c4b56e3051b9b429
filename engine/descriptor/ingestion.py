"""How do submitted bytes become a descriptor: source, references, schema, semantics (DESIGN §3)?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.descriptor import digest, lineage, normalisation, schema, semantics
from engine.descriptor.completion import completed, name_of
from engine.descriptor.components import components, port
from engine.descriptor.limits import Limits
from engine.descriptor.problems import problem
from engine.descriptor.references import Resolved, resolve
from engine.descriptor.source import Source, parse, refused
from engine.descriptor.submission import Files, ReferenceRefused, Submission
from engine.descriptor.text import SourceRefused
from engine.model import Descriptor, Identity, Json, Locate, Part, Place, Problem, ProblemSeverity, Step

DEFAULT_LIMITS = Limits()


def ingest(submission: Submission, *, namespace: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Descriptor:
    """Everything that can be known of a submission without a catalog; bad content becomes problems, never an exception.

    `namespace` stands in where the author wrote no fully qualified name; None means the default, with a warning.
    """
    file = submission.root
    try:
        content = submission.files.read(file)
    except (OSError, ReferenceRefused) as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
        return _unread(file, (), problem("DP117", why, (), Place(file)))
    part = Part(file, content)
    try:
        source = parse(file, content, limits)
    except SourceRefused as refusal:
        place, msg = refused(file, content, refusal)
        return _unread(file, (part,), problem(refusal.code, msg, (), place, refusal.hint))
    if type(source.value) is not dict:
        return _unread(file, (part,), problem("DP116", "a descriptor is an object", (), source.place(())))
    judged = _judged(source, resolve(source, content, submission.files, limits, submission.remote), namespace, limits)
    return _with_definitions(judged, source, submission.files, limits)


def _with_definitions(descriptor: Descriptor, root: Source, files: Files, limits: Limits) -> Descriptor:
    """The descriptor with the files that only references inside definitions lead to among its parts."""
    effective, parts = descriptor.effective, descriptor.parts
    if effective is None or (len(parts) == 1 and "$ref" not in root.text and "\\" not in root.text):
        return descriptor
    from engine.descriptor.contracts.elsewhere import any_leads_elsewhere, contents, parts_elsewhere

    if not any_leads_elsewhere(effective):
        return descriptor
    found = parts_elsewhere(effective, parts, lambda path: descriptor.locate(path).file, files, limits)
    if not found:
        return descriptor
    # What a definition refers to is promised as much as what it holds.
    whole = digest.digest_of({"document": descriptor.digest, "definitions": contents(found, limits)})
    return replace(descriptor, parts=(*parts, *found), digest=whole)


def _unread(file: str, parts: tuple[Part, ...], *problems: Problem) -> Descriptor:
    def locate(path: Sequence[Step]) -> Place:
        return Place(file)

    return Descriptor(file, parts, None, None, None, problems, locate)


def _judged(source: Source, resolved: Resolved, namespace: str | None, limits: Limits) -> Descriptor:
    locate = resolved.provenance.locate
    if any(one.stops_the_road for one in resolved.problems):
        problems = in_order(source, resolved.problems, limits.problems)
        return Descriptor(source.file, resolved.parts, None, None, None, problems, locate)
    document, found = normalisation.normalised(resolved.value, resolved.provenance)
    found += [*resolved.problems, *schema.check(document, resolved.provenance, limits.problems + 1)]
    named = name_of(document, namespace)
    found += semantics.check(document, named, resolved.provenance, limits.problems + 1)
    problems = in_order(source, found, limits.problems)
    return _described(source, resolved, locate, completed(document, named), named.identity, problems)


def _described(
    source: Source,
    resolved: Resolved,
    locate: Locate,
    effective: dict[str, Json],
    identity: Identity | None,
    problems: tuple[Problem, ...],
) -> Descriptor:
    return Descriptor(
        file=source.file,
        parts=resolved.parts,
        effective=effective,
        identity=identity,
        digest=digest.digest_of(effective),
        problems=problems,
        locate=locate,
        ports=tuple(port(one) for one in components(effective) if one.is_port),
        readings=tuple(lineage.readings(effective)),
    )


def in_order(root: Source, problems: Iterable[Problem], most: int) -> tuple[Problem, ...]:
    """The root document first, then the other files, from top to bottom; beyond `most`, warnings are dropped first."""

    def order(one: Problem) -> tuple[bool, str, int, int, str, str]:
        return (one.place.file != root.file, one.place.file, one.place.line, one.place.column, one.code, one.path)

    found = sorted(problems, key=order)
    if len(found) <= most:
        return tuple(found)
    kept = sorted(sorted(found, key=lambda one: one.severity is ProblemSeverity.WARNING)[:most], key=order)
    return (*kept, problem("DP357", f"only the first {most:,} problems are shown", (), Place(root.file)))
