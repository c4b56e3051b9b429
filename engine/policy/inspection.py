"""What do these modules say by themselves, before any engine runs them, and what is wrong with it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.policy import lint, metadata, needs, packages, reach
from engine.policy.annotations import Annotations, read
from engine.policy.flaws import Flaw
from engine.policy.metadata import Metadata
from engine.policy.modules import Source
from engine.policy.names import Names
from engine.policy.packages import Package
from engine.policy.syntax import Module

_OF_A_POLICY = ("enforcement", "severity", "findings")
"""Annotations that only a policy has: of a library they would hold for nobody."""


@dataclass(frozen=True, slots=True)
class Described:
    """One policy: its package, the rules that give its findings, and what its author wrote about it in `source`."""

    package: Package
    entries: tuple[str, ...]
    source: Source
    block: Metadata
    told: Annotations


@dataclass(frozen=True, slots=True)
class Inspection:
    """The policies whose annotations could be read, how many packages are policies, and every flaw of all modules."""

    policies: Sequence[Described]
    entries: Mapping[str, tuple[str, ...]]
    flaws: Sequence[Flaw]


def inspect(parsed: Sequence[Module], sources: Sequence[Source]) -> Inspection:
    """Everything that can be seen in the syntax trees and annotations of all modules together."""
    uses, reaching = reach.follow(parsed)
    every = packages.group(parsed, sources)
    entries = {one.id: rules for one in every if (rules := packages.entries(one))}
    described: list[Described] = []
    flaws = [*_calling(parsed), *reaching, *_shaped(parsed, every)]
    reads, names = needs.reads(parsed), Names(uses)
    for package in every:
        if package.id not in entries:
            flaws += _unasked(package)
            continue
        found, wrong = _described(package, entries[package.id])
        flaws += wrong
        if found is not None:
            described.append(found)
            flaws += needs.undeclared(package.id, found.told, reads=reads, uses=uses, names=names)
    return Inspection(described, entries, flaws)


def _calling(parsed: Sequence[Module]) -> Iterator[Flaw]:
    allowed = lint.Calls(parsed)
    for module in parsed:
        yield from allowed.flaws(module)


def _shaped(parsed: Sequence[Module], every: Sequence[Package]) -> Iterator[Flaw]:
    for module in parsed:
        yield from packages.misnamed(module)
    for package in every:
        yield from packages.misspelt(package)


def _blocks(package: Package) -> Iterator[tuple[Source, Metadata]]:
    for _, source in package.modules:
        if (block := metadata.find(source.text, str(source.file))) is not None:
            yield source, block


def _unasked(package: Package) -> Iterator[Flaw]:
    """A library that says how hard it holds: its rule is missing or misspelt, and nothing would ask it."""
    for _, block in _blocks(package):
        said = next((key for key in _OF_A_POLICY if block.at(("custom", key)) is not None), None)
        if said is not None:
            told = f"makes {package.id} a policy, but nothing would ask it: it has no rule `{packages.RULE}`"
            block.wrong(("custom", said), told, code="PL201")
        yield from block.flaws


def _described(package: Package, entries: tuple[str, ...]) -> tuple[Described | None, list[Flaw]]:
    blocks = list(_blocks(package))
    if len(blocks) != 1:
        module, source = package.modules[0]
        what = "no `# METADATA` stands above" if not blocks else "several `# METADATA` describe"
        place = module.place(module.start)
        return None, [Flaw(str(source.file), *place, "PL301", f"{what} package {package.id}")]
    source, block = blocks[0]
    if block.flaws:  # not readable as YAML
        return None, block.flaws
    told = read(block)
    if all(rule.startswith("warn") for rule in entries) and told.enforcement.rejects:
        block.wrong(
            ("custom", "enforcement"),
            f"holds too much: a policy that only warns cannot be {told.enforcement}",
            code="PL207",
        )
    flaws = [*block.flaws, *packages.strange_folder(package)]
    return (None if block.flaws else Described(package, entries, source, block, told)), flaws
