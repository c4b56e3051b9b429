"""Does a version number tell the truth about what changed since the previous accepted version?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.descriptor.components import Component, components, text
from engine.descriptor.problems import problem
from engine.descriptor.versions import is_semver, major
from engine.model import Descriptor, Json, Path, Problem


def evolution(previous_effective: Mapping[str, Json], descriptor: Descriptor) -> tuple[Problem, ...]:
    """Breaking changes that the product's major did not rise with (DESIGN §3.4); ports are matched by kind and name.

    While the product is at 0.x, which promises nothing yet, the minor has to rise instead.
    """
    before = text(previous_effective.get("info"), "version")
    identity = descriptor.identity
    if descriptor.effective is None or identity is None or not is_semver(before):
        return ()
    if _is_raised(before, identity.version):
        return ()
    breaks = _breaks(dict(previous_effective), descriptor.effective)
    number = "minor" if identity.major == 0 else "major"
    return tuple(
        problem(
            "DP409",
            f"{what}, but {before} -> {identity.version} does not raise the {number}",
            path,
            descriptor.locate(path),
        )
        for what, path in breaks
    )


def _is_raised(before: str, now: str) -> bool:
    if major(before) == major(now) == 0:
        return int(now.split(".")[1]) > int(before.split(".")[1])
    return major(now) > major(before)


def _breaks(before: dict[str, Json], now: dict[str, Json]) -> Iterator[tuple[str, Path]]:
    present = {(one.kind, one.name): one for one in components(now) if one.is_port}
    for old in components(before):
        if not old.is_port:
            continue
        new = present.get((old.kind, old.name))
        if new is not None and _major_changed(old, new):
            was, is_now = text(old.value, "version"), text(new.value, "version")
            yield f"{old.kind} {old.name!r} went from {was} to {is_now}", (*new.path, "version")
        elif new is None and old.kind == "outputport":
            yield f"the output port {old.name!r} was removed", ("interfaceComponents", "outputPorts")


def _major_changed(old: Component, new: Component) -> bool:
    was, is_now = text(old.value, "version"), text(new.value, "version")
    return is_semver(was) and is_semver(is_now) and major(was) != major(is_now)
