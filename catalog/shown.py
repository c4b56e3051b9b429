"""Which values do reads of the catalog give? (Named tuples: cheap to make in large pages, never changed.)"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from catalog import cursor
from engine.model import Json


class Product(NamedTuple):
    """One version of a line as lists show it; `id` is the line's, `version_id` the version's."""

    id: str
    fqn: str
    version_id: str
    namespace: str
    name: str
    major: int
    version: str
    status: str
    domain: str
    display_name: str
    description: str
    owner: str
    tags: tuple[str, ...]
    digest: str
    decision_id: str
    accepted_at: datetime


class StoredPort(NamedTuple):
    """One port of a stored version; `kind` as in the descriptor (`outputport`, …)."""

    version_id: str
    kind: str
    name: str
    fqn: str
    version: str
    display_name: str
    description: str
    platform: str
    services_type: str
    api_specification: str
    tags: tuple[str, ...]


class StoredVersion(NamedTuple):
    """One version of a line with its standing."""

    id: str
    version: str
    status: str
    digest: str
    decision_id: str
    submitted_by: str
    accepted_at: datetime
    reason: str
    sunset: datetime | None
    successor: str


class StoredDecision(NamedTuple):
    """One logged decision; `record` is its entry of the report (DESIGN §5), None when it was erased."""

    id: str
    outcome: str
    event: str
    environment: str | None
    fqn: str
    version: str
    moment: datetime
    bundle_revision: str | None
    principal: str
    record: Mapping[str, Json] | None


class LoggedDecision(NamedTuple):
    """One decision with everything that was kept of it; `cursor` is where a reader goes on after it.

    `input` is what the policies saw: None where nothing was read, or where it was erased (then `input_erased_at` says
    when). `line_since` is when its line had first been accepted, None where there was none yet.
    """

    cursor: str
    revision: int
    decision: StoredDecision
    engine: str | None
    assignments_digest: str | None
    waivers_digest: str | None
    input_digest: str | None
    input: Mapping[str, Json] | None
    input_erased_at: datetime | None
    line_since: datetime | None


class Change(NamedTuple):
    """One entry of the feed; `revision` is the one that it belongs to, at which the catalog can be read again."""

    cursor: int
    kind: str
    subject: str
    domain: str
    payload: Mapping[str, Json]
    principal: str
    at: datetime
    revision: int


Item = TypeVar("Item")


class Subscription(NamedTuple):
    """Who is told of which changes at which address; `cursor` is the last change that was told or passed over.

    Told is what the principal could read when it subscribed, with the roles and domains of then. `reason` is why the
    last delivery failed, or why it is paused.
    """

    id: str
    principal: str
    roles: tuple[str, ...]
    principal_domains: tuple[str, ...]
    url: str
    kinds: tuple[str, ...]
    domains: tuple[str, ...]
    products: tuple[str, ...]
    key_id: str
    state: str
    reason: str
    cursor: int
    created_at: datetime
    failures: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; `keys` gives the sort keys of an item, `scope` names list and query."""

    items: tuple[Item, ...]
    has_next_page: bool
    scope: str
    keys: Callable[[Item], Sequence[str | int | float]]

    def cursor(self, item: Item) -> str:
        """Where a page that follows this item starts."""
        return cursor.written(self.keys(item), scope=self.scope)

    @property
    def end_cursor(self) -> str | None:
        return self.cursor(self.items[-1]) if self.items else None
