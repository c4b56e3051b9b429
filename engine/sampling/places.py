"""Where is the data of a port, by what the operator set down?

A descriptor names products, ports and datasets, and such a name may become a step of a path or the name of a table. It
is taken as it is or not at all: a name that could mean more than itself finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from engine.model import Json
from engine.policy.environments import SampleBinding
from engine.sampling.contract import Failure, Place, SourceFailed

_NAME = re.compile(r"[^\W_][\w.-]{0,199}")
_BRACES = re.compile(r"\{(\w*)\}")
REFERENCES = ("env:", "file:")

Secrets = Callable[[str], str]
"""What a reference (`env:NAME`, `file:PATH`) stands for; raises LookupError where it stands for nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is sampled, in the words of its descriptor."""

    environment: str
    fqn: str
    product: str
    major: str
    domain: str
    port: str
    platform: str
    dataset: str


def bound(bindings: Sequence[SampleBinding], target: Target) -> SampleBinding | None:
    """The first binding that fits the port."""
    return next((one for one in bindings if _fits(one, target)), None)


def _fits(one: SampleBinding, target: Target) -> bool:
    pairs = ((target.platform, one.platform), (target.fqn, one.product), (target.port, one.port))
    return all(fnmatchcase(text, pattern) for text, pattern in pairs)


def placed(
    binding: SampleBinding, target: Target, *, outputs: Mapping[str, Json] | None, root: str, secrets: Secrets
) -> Place:
    """The place with the names filled in and secrets resolved; `outputs` are those of the port's resource, None where
    no container runs. Without a `root` of its own it is below `root`, where `local-fs` makes containers.

    Raises SourceFailed: names that cannot be filled in, an output that is not there, a secret that cannot be had.
    """
    told = {name: _filled(value, target) for name, value in binding.configuration.items()}
    told = {name: _resolved(name, value, secrets) for name, value in told.items()}
    if "output" in told:
        found = (outputs or {}).get(str(told["output"]))
        if not isinstance(found, str) or not found:
            raise SourceFailed(Failure.ABSENT, f"no resource of the port has the output `{told['output']}`")
        told = {"root": root, "path": found, **told}
    return Place(binding.connector, told, target.dataset, target.port)


def _filled(value: Json, target: Target) -> Json:
    if not isinstance(value, str):
        return value
    return _BRACES.sub(lambda found: _word(found[1], target), value)


def _word(name: str, target: Target) -> str:
    if name not in {one.name for one in fields(target)} - {"fqn", "platform"}:
        raise SourceFailed(Failure.MISCONFIGURED, f"`{{{name}}}` stands for nothing that is sampled")
    word: str = getattr(target, name)
    if not _NAME.fullmatch(word) or ".." in word:
        raise SourceFailed(Failure.REFUSED, f"the {name} `{word[:100]}` cannot be part of a path or table name")
    return word


def _resolved(name: str, value: Json, secrets: Secrets) -> Json:
    if name == "root" or not isinstance(value, str) or not value.startswith(REFERENCES):
        return value
    try:
        return secrets(value)
    except LookupError as reason:
        raise SourceFailed(Failure.MISCONFIGURED, f"`{name}`: {reason.args[0]}") from None
