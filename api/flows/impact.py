"""Whom would a change of a product reach, also one that is only proposed? Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.descriptor import Submission, ingest
from engine.descriptor.changes.told import Difference
from engine.descriptor.versions import compare
from engine.errors import DescriptorUnreadable
from engine.model import ChangeLevel, Identity, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.evolution import Diff
    from catalog.lineage.impact import Impact
    from catalog.shown import Product


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a proposed descriptor would change. `diff` is against the version that is listed, None where there is none.

    `impact` is None where no consumer can be reached: for a new product, and for a version below the listed one.
    """

    identity: Identity
    diff: Diff | None
    impact: Impact | None


def touched(
    product: str,
    *,
    principal: Principal,
    house: House,
    port: str | None = None,
    columns: Sequence[str] = (),
    depth: int | None = None,
) -> Impact:
    """Whom a change of this product, of one of its output ports or of columns of that would reach.

    Raises NotFound, LineageInvalid or Forbidden.
    """
    require(principal, Action.READ)
    spoiled = None if port is None else {port: frozenset(columns)}
    return house.impacts.of(product, spoiled, principal=principal, depth=depth)


def proposed(submission: Submission, *, principal: Principal, house: House, depth: int | None = None) -> Proposal:
    """What this descriptor would break if it were accepted now.

    Raises DescriptorUnreadable where it cannot be read, or has no usable name or version, and Forbidden.
    """
    require(principal, Action.READ)
    descriptor = ingest(replace(submission, remote=house.remote()), namespace=house.settings.namespace)
    identity, effective = descriptor.identity, descriptor.effective
    if identity is None or effective is None:
        told = "; ".join(f"{one.code} {one.msg}" for one in descriptor.problems[:3])
        raise DescriptorUnreadable(f"The descriptor cannot be compared: {told}")
    listed = _listed(identity, principal, house)
    if listed is None:
        return Proposal(identity, None, None)
    diff = house.evolution.proposed(listed.version_id, descriptor, principal=principal)
    lower = listed.major == identity.major and compare(identity.version, listed.version) <= 0
    if diff is None or lower:
        return Proposal(identity, diff, None)
    another = listed.major != identity.major
    ports = house.products.ports_of([listed.version_id], principal=principal)[listed.version_id]
    before = {port.name for port in ports if port.kind == "outputport"}
    now = {port.name for port in descriptor.ports if port.kind == "outputport"}
    # Who leaves the major open stays with the old one where the new one does not offer the port.
    gone = set[str]() if another else before - now
    spoiled = _spoiled(diff.differences, before & now) | dict.fromkeys(gone, frozenset[str]())
    found = house.impacts.of(listed.fqn, spoiled, principal=principal, depth=depth, only_open=another)
    return Proposal(identity, diff, found)


def _listed(identity: Identity, principal: Principal, house: House) -> Product | None:
    """What a submission would stand in for: the listed version of its line, else that of the highest major below."""
    same = house.products.find(identity.fqn, principal=principal)
    if same is not None:
        return same
    highest = house.products.find(identity.fqn.rpartition(":")[0], principal=principal)
    return highest if highest is not None and highest.major < identity.major else None


def _spoiled(differences: Sequence[Difference], kept: set[str]) -> dict[str, frozenset[str]]:
    """The output ports that break who reads them, with the columns that do; none for a port as a whole."""
    found: dict[str, frozenset[str]] = {}
    for one in differences:
        change = one.change
        if change.level is ChangeLevel.BREAKING and change.kind == "outputport" and change.port in kept:
            column = {change.column} if change.column and one.before is not None else set()
            before = found.get(change.port)
            whole = not column or before == frozenset()
            found[change.port] = frozenset() if whole else frozenset(column | (before or frozenset()))
    return found
