"""Which fixtures are there: a descriptor, what else is known, and what a policy is expected to find in it?

A fixture is a folder `<policy>/<case>/` with `descriptor.yaml` (or `.yml`, `.json`) and `expect.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.model import Event, Facts, Json, Policy
from engine.policy import dates, sheets
from engine.policy.assignments import MESH, Assignment
from engine.policy.scopes import wrong_parameters
from engine.policy.sheets import Breach, Sheet

NOW = "2026-11-23T00:00:00Z"
"""The moment of a fixture that names none: a fixed one, for a test may not change its verdict overnight."""
EXPECT = "expect.yaml"
DESCRIPTORS = ("descriptor.yaml", "descriptor.yml", "descriptor.json")


@dataclass(frozen=True, slots=True)
class Expected:
    """One finding that is expected; an empty `disposition` or `msg` is not compared."""

    code: str
    path: str
    disposition: str = ""
    msg: str = ""


@dataclass(frozen=True, slots=True)
class Fixture:
    """One fixture; `line` is where its findings stand in the file that expects them."""

    policy: str
    name: str
    descriptor: Path
    facts: Facts
    assignment: Assignment
    expected: tuple[Expected, ...]
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.policy}/{self.name}"


@dataclass(frozen=True, slots=True)
class Unfit:
    """A fixture that cannot be carried out, and everything that is wrong with it."""

    policy: str
    name: str
    breaches: tuple[Breach, ...]

    def __str__(self) -> str:
        return f"{self.policy}/{self.name}"


def collect(folders: Sequence[Path], policies: Mapping[str, Policy]) -> Iterator[Fixture | Unfit]:
    """Every fixture below these folders, in the order of their names. What stands there and is none is Unfit."""
    for root in folders:
        for policy in sorted(_folders(root)):
            cases = sorted(_folders(policy))
            if not cases:
                yield Unfit(policy.name, "", (Breach(str(policy), 1, f"no folder with {EXPECT} stands here"),))
            for case in cases:
                yield one(case, policies)


def place(one: Fixture | Unfit) -> str:
    """The file or folder that a fixture is known by."""
    return one.file if isinstance(one, Fixture) else one.breaches[0].file


def _folders(root: Path) -> Iterator[Path]:
    return (one for one in root.iterdir() if one.is_dir() and not one.name.startswith("."))


def one(folder: Path, policies: Mapping[str, Policy]) -> Fixture | Unfit:
    """The fixture in this folder `<policy>/<case>`."""
    file = folder / EXPECT
    id, name = folder.parent.name, folder.name
    descriptors = [folder / one for one in DESCRIPTORS if (folder / one).is_file()]
    breaches = []
    if len(descriptors) != 1:
        told = "has no descriptor" if not descriptors else "has several descriptors"
        breaches.append(Breach(str(folder), 1, f"the fixture {told}; it needs one of {', '.join(DESCRIPTORS)}"))
    policy = policies.get(id)
    if policy is None:
        breaches.append(Breach(str(folder), 1, f"the folder is named after no policy: there is no `{id}`"))
    read, wrong = sheets.sheet(file, folder, kind="expect")
    breaches += [Breach(str(folder / one.file), one.line, one.msg) for one in wrong]
    if policy is not None and read is not None:
        held = Sheet(str(file), read.value, read.line)
        breaches += _wrong(held, policy)
        if not breaches:
            return _made(held, policy, name, descriptors[0])
    return Unfit(id, name, tuple(breaches))


def _wrong(sheet: Sheet, policy: Policy) -> Iterator[Breach]:
    """What the schema cannot say."""
    told: Mapping[str, Json] = sheet.value
    context = told.get("context", {})
    try:
        dates.beginning(context.get("now", NOW))
    except ValueError as reason:
        yield sheet.breach(("context", "now"), str(reason))
    for id in context.get("parameters", {}):
        if id != policy.id:
            yield sheet.breach(("context", "parameters", id), f"only {policy.id} is asked here")
    for path, msg in wrong_parameters(_assignment(context, policy), policy):
        yield sheet.breach(("context", "parameters", policy.id, *path), msg)
    for position, one in enumerate(told["findings"]):
        if policy.findings and one["code"] not in policy.findings:
            listed = ", ".join(f"`{code}`" for code in sorted(policy.findings))
            yield sheet.breach(("findings", position, "code"), f"{policy.id} has no such finding; it has {listed}")


def _made(sheet: Sheet, policy: Policy, name: str, descriptor: Path) -> Fixture:
    told: Mapping[str, Json] = sheet.value
    context = told.get("context", {})
    return Fixture(
        policy=policy.id,
        name=name,
        descriptor=descriptor,
        facts=facts(context),
        assignment=_assignment(context, policy),
        expected=tuple(Expected(**one) for one in told["findings"]),
        file=sheet.file,
        line=sheet.line(("findings",)),
    )


def facts(context: Mapping[str, Json]) -> Facts:
    """What is known besides the descriptor."""
    moment: datetime = dates.beginning(context.get("now", NOW))
    return Facts(
        event=Event(context.get("event", Event.SUBMIT)),
        now=moment,
        environment=context.get("environment"),
        previous=context.get("previous"),
        mesh=context.get("mesh"),
        plan=context.get("plan"),
        access=context.get("access"),
    )


def _assignment(context: Mapping[str, Json], policy: Policy) -> Assignment:
    """The policy as its annotations have it, with the parameters of this fixture."""
    parameters = context.get("parameters", {}).get(policy.id, {})
    return Assignment(policy=policy.id, scope=MESH, enforcement=policy.enforcement, parameters=parameters)
