"""Which needs does a consumer save, so that they are told when a product starts or stops to fit?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from api.auth.permissions import Action, may, require
from api.flows.fitness import MOST, Wish
from catalog.requirements import FitStanding, RequirementBook, SavedRequirement
from catalog.search.query import analysed
from engine.errors import Forbidden, NotFound, RequirementInvalid
from engine.fitness.requirement import read
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.requirements import Followed

MOST_SAVED = 50
"""Requirements of one principal: each is asked again after what happens in the mesh."""
LONGEST_NAME = 100
LONGEST_QUERY = 1_000


@dataclass(frozen=True, slots=True)
class Saving:
    """What somebody saves: a name of their own for it, the text, its parameters and the line that is searched for."""

    name: str
    rego: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A saved requirement with how many products fit it, how far it has followed the feed, and perhaps which fit."""

    requirement: SavedRequirement
    counts: Mapping[str, int]
    followed: Followed | None
    standings: Sequence[FitStanding] = ()


def save(wish: Saving, *, principal: Principal, house: House) -> Shown:
    """The saved requirement; how products stand is found out in the background, and changes of that are told.

    Raises Forbidden, RequirementInvalid, SearchInvalid, PolicyEngineUnavailable, CatalogUnavailable.
    """
    require(principal, Action.SUBSCRIBE)
    _refuse_words(wish)
    need = read(house.fitness.workers, wish.rego, wish.parameters)
    if len(house.requirements.listed(principal.id)) >= MOST_SAVED:
        raise RequirementInvalid(f"`{principal.id}` has {MOST_SAVED} requirements already; delete one of them first.")
    made = SavedRequirement(
        id=uuid.uuid4().hex,
        name=wish.name,
        principal=principal.id,
        roles=tuple(sorted(principal.roles)),
        principal_domains=tuple(sorted(principal.domains)),
        rego=wish.rego,
        parameters=dict(wish.parameters),
        query=wish.query,
        package=need.policy.id,
        digest=need.digest,
        at=house.clock(),
    )
    try:
        with house.database.work(principal, at=made.at) as work:
            RequirementBook(work).save(made)
            work.commit()
    except IntegrityError:
        raise RequirementInvalid(f"`{principal.id}` has a requirement `{wish.name}` already.", name=wish.name) from None
    return _shown([made], house)[0]


def listed(*, principal: Principal, house: House, at: int | None = None) -> tuple[Shown, ...]:
    """The principal's own requirements; an operator sees all. Raises Forbidden."""
    require(principal, Action.READ)
    found = house.requirements.listed(None if may(principal, Action.OPERATE) else principal.id, at=at)
    return _shown(found, house, at=at)


def shown(named: str, *, principal: Principal, house: House, at: int | None = None) -> Shown:
    """One of them, by id or name, with the products that were asked. Raises Forbidden, NotFound."""
    found = _own(named, principal, house, at=at)
    standings = house.requirements.standings(found.id, principal=principal, at=at)
    return replace(_shown([found], house, at=at)[0], standings=standings)


def delete(named: str, *, principal: Principal, house: House) -> None:
    """Ask it no more, and tell nothing more of it. Raises Forbidden, NotFound."""
    require(principal, Action.SUBSCRIBE)
    found = _own(named, principal, house)
    with house.database.work(found.owner, at=house.clock()) as work:
        RequirementBook(work).delete(found)
        work.commit()


@dataclass(frozen=True, slots=True)
class Brought:
    """A requirement that is asked now: its text and parameters, and the line of a saved one."""

    rego: str
    parameters: Mapping[str, Json]
    query: str = ""

    def asking(self, query: str | None, candidates: int = MOST) -> Wish:
        """The wish to ask it of what this line finds; of what its own finds, where none is given."""
        return Wish(self.rego, self.parameters, self.query if query is None else query, candidates=candidates)


def wish_of(
    rego: str | None, saved: str | None, parameters: Mapping[str, Json], *, principal: Principal, house: House
) -> Brought:
    """The requirement of this text, or the saved one with this id or name; parameters given now come before saved ones.

    Raises RequirementInvalid where both or neither are given, Forbidden, NotFound.
    """
    if (rego is None) == (saved is None):
        raise RequirementInvalid("Give the text of a requirement, or the id or name of a saved one.")
    if rego is not None:
        return Brought(rego, parameters)
    found = _own(str(saved), principal, house)
    return Brought(found.rego, {**found.parameters, **parameters}, found.query)


def _shown(found: Sequence[SavedRequirement], house: House, *, at: int | None = None) -> tuple[Shown, ...]:
    ids = [one.id for one in found]
    counts, followed = house.requirements.counted(ids, at=at), house.requirements.followed(ids)
    return tuple(Shown(one, counts[one.id], followed.get(one.id)) for one in found)


def _own(named: str, principal: Principal, house: House, *, at: int | None = None) -> SavedRequirement:
    require(principal, Action.READ)
    found = None if "\0" in named else house.requirements.one(named, principal.id, at=at)
    if found is None:
        raise NotFound(f"There is no requirement `{named}`.", requirement=named)
    if found.principal != principal.id and not may(principal, Action.OPERATE):
        raise Forbidden("This is a requirement of somebody else.", principal=principal.id, action="read")
    return found


def _refuse_words(wish: Saving) -> None:
    if not wish.name.strip() or len(wish.name) > LONGEST_NAME or not wish.name.isprintable():
        raise RequirementInvalid(f"The name of a requirement has 1 to {LONGEST_NAME} printable characters.")
    if len(wish.query) > LONGEST_QUERY:
        raise RequirementInvalid(f"The line that is searched for is longer than {LONGEST_QUERY} characters.")
    analysed(wish.query)
    if "\0" in wish.rego or "\0" in wish.query:
        raise RequirementInvalid("A requirement holds no NUL.")
