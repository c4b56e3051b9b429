"""Are names, fully qualified names and ids unique, usable and true to one another?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.descriptor.completion import DEFAULT_NAMESPACE
from engine.descriptor.components import Component, text
from engine.descriptor.identity import COLLECTIONS, LONGEST_NAME, component_fqn, is_usable, line_id, odm_id, parse_fqn
from engine.descriptor.subject import Subject
from engine.descriptor.versions import is_semver, major
from engine.model import Json, Path, Problem

_NAME: Final = re.compile("[a-zA-Z][a-zA-Z0-9]+")
_FQN: Final = re.compile("[a-zA-Z][a-zA-Z0-9.:]+")


def usable_names(subject: Subject) -> Iterator[Problem]:
    for holder, path in ((subject.info, ("info",)), *((one.value, one.path) for one in subject.components)):
        name = holder.get("name")
        if type(name) is str and name and not is_usable(name):
            yield subject.problem("DP405", f"the name {name!r} cannot be part of a name", (*path, "name"))


def long_names(subject: Subject) -> Iterator[Problem]:
    """The names that the catalog finds a product by; a long one makes the next ones long, so only the first is told."""
    one = subject.named.identity
    if one is None:
        return
    name: Path = ("info", "name")
    fqn: Path = ("info", "fullyQualifiedName") if subject.named.written else name
    for what, found, path in (
        ("name", one.name, name),
        ("namespace", one.namespace, fqn),
        ("line's fqn", one.fqn, fqn),
    ):
        if len(found) > LONGEST_NAME:
            msg = f"the {what} has {len(found):,} characters; {LONGEST_NAME} are the most"
            yield subject.problem("DP410", msg, path)
            return


def duplicate_names(subject: Subject) -> Iterator[Problem]:
    first: dict[tuple[str, str], Component] = {}
    for one in subject.components:
        other = first.setdefault((one.kind, one.name), one)
        if one.name and other is not one:
            place = subject.provenance.locate((*other.path, "name"))
            where = f"{place.file}:{place.line}:{place.column}"
            msg = f"another {one.kind} is named {one.name!r}, at {where}"
            yield subject.problem("DP404", msg, (*one.path, "name"))


def styles(subject: Subject) -> Iterator[Problem]:
    """The patterns of the specification's text, which its own examples break."""
    for field in ("name", "domain"):
        yield from _style(subject, subject.info, ("info",), field, "DP451", _NAME)
    yield from _style(subject, subject.info, ("info",), "fullyQualifiedName", "DP452", _FQN)
    for one in subject.components:
        yield from _style(subject, one.value, one.path, "name", "DP451", _NAME)
        yield from _style(subject, one.value, one.path, "fullyQualifiedName", "DP452", _FQN)


def _style(
    subject: Subject, value: dict[str, Json], path: Path, field: str, code: str, pattern: re.Pattern[str]
) -> Iterator[Problem]:
    found = value.get(field)
    if type(found) is str and found and not pattern.fullmatch(found):
        yield subject.problem(code, f"{field} {found!r} does not match ^{pattern.pattern}$", (*path, field))


def namespace(subject: Subject) -> Iterator[Problem]:
    if subject.named.defaulted:
        msg = f"the namespace {DEFAULT_NAMESPACE!r} stands in for one that is not configured"
        yield subject.problem("DP455", msg, ("info",), "set `namespace`, or write info.fullyQualifiedName")


def product_fqn(subject: Subject) -> Iterator[Problem]:
    """What the author wrote against name and version."""
    fqn, written = text(subject.info, "fullyQualifiedName"), subject.named.written
    path: Path = ("info", "fullyQualifiedName")
    if fqn and written is None:
        yield subject.problem("DP453", f"{fqn!r} names no data product", path, "leave it out, or correct it")
    if written is None:
        return
    name, version = text(subject.info, "name"), text(subject.info, "version")
    if name and written.name != name:
        yield subject.problem("DP406", f"{fqn!r} names {written.name!r}, but info.name is {name!r}", path)
    if written.major is not None and is_semver(version) and written.major != major(version):
        msg = f"{fqn!r} is the line {written.major}, but info.version is {version}"
        yield subject.problem("DP407", msg, path)


def component_fqns(subject: Subject) -> Iterator[Problem]:
    for one in subject.components:
        fqn = text(one.value, "fullyQualifiedName")
        if fqn:
            yield from _component_fqn(subject, one, fqn, (*one.path, "fullyQualifiedName"))


def _component_fqn(subject: Subject, one: Component, fqn: str, path: Path) -> Iterator[Problem]:
    parsed, product = parse_fqn(fqn), subject.named.identity
    if parsed is None or parsed.component is None:
        yield subject.problem("DP453", f"{fqn!r} names no port or component", path, "leave it out, or correct it")
        return
    if parsed.collection != COLLECTIONS[one.kind] or (one.name and parsed.component != one.name):
        msg = f"{fqn!r} names {parsed.component!r} of {parsed.collection}, but this is the {one.kind} {one.name!r}"
        yield subject.problem("DP406", msg, path)
    if product is None:
        return
    same_namespace = subject.named.written is None or parsed.namespace == product.namespace
    if parsed.name != product.name or not same_namespace:
        yield subject.problem("DP406", f"{fqn!r} belongs to another product than {product.fqn!r}", path)
    elif parsed.major is not None and parsed.major != product.major:
        yield subject.problem("DP407", f"{fqn!r} is of the line {parsed.major}, not {product.major}", path)


def ids(subject: Subject) -> Iterator[Problem]:
    product = subject.named.identity
    if product is None:
        return
    written = text(subject.info, "fullyQualifiedName")
    yield from _id(subject, subject.info, ("info",), (written, product.fqn))
    for one in subject.components:
        if one.name:
            derived = component_fqn(product.fqn, one.kind, one.name)
            yield from _id(subject, one.value, one.path, (text(one.value, "fullyQualifiedName"), derived))


def _id(subject: Subject, value: dict[str, Json], path: Path, fqns: tuple[str, ...]) -> Iterator[Problem]:
    found = text(value, "id")
    if found and found.lower() not in {make(fqn) for fqn in fqns if fqn for make in (line_id, odm_id)}:
        fqn = next(one for one in fqns if one)
        yield subject.problem("DP406", f"the id is not that of {fqn!r}", (*path, "id"), "leave it out")
