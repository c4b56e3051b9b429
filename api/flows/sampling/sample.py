"""What does the data of an output port look like to who asks? Every answer is recorded before it is given."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.auth.permissions import Action, may, require
from api.flows.sampling.site import NotThere, Site, site
from catalog.samples import RecordedSample, SampleBook
from engine.errors import NotFound, SamplingPolicyInvalid
from engine.model import Json, Principal
from engine.policy.dates import utc_day
from engine.sampling import sample as told
from engine.sampling.asking import Reading, SourceColumn, reading
from engine.sampling.contract import Caps, Failure, SourceFailed
from engine.sampling.masking import Masking
from engine.sampling.rules import Ruling, Treatment
from engine.sampling.sample import AccessDenied, Limit, LimitExceeded, Outcome, Sample, SourceUnavailable

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import Product

ROWS = 10
LONGEST_PURPOSE = 500
MESSAGES: Mapping[Failure, str] = {
    Failure.ABSENT: "There is no data there.",
    Failure.REFUSED: "Reading is refused there.",
    Failure.UNREACHABLE: "The source does not answer.",
    Failure.NOT_INSTALLED: "The connector, or what it needs, is not installed: meshgate[duckdb] reads Parquet and CSV.",
    Failure.MISCONFIGURED: "The binding of the port cannot be used as it is.",
    Failure.FAILED: "The source could not be read.",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see, and what for."""

    port: str
    rows: int = ROWS
    columns: tuple[str, ...] | None = None
    environment: str | None = None
    dataset: str | None = None
    purpose: str = ""


def sample(reference: str, wish: Wish, *, principal: Principal, house: House, seconds: float | None = None) -> Outcome:
    """The first rows of the port as this principal may see them, or why there are none.

    Raises NotFound, Forbidden (who may not even read the catalog), CatalogUnavailable (then nothing is shown either).
    """
    require(principal, Action.READ)
    product = house.products.find(reference, principal=principal)
    if product is None:
        raise NotFound(f"There is no product `{reference}`.", product=reference)
    caps = house.sampling_caps
    caps = caps if seconds is None else replace(caps, seconds=max(0.1, min(caps.seconds, seconds)))
    attempt = Attempt(wish, product, principal, house, caps)
    outcome = attempt.outcome()
    with house.database.work(principal, at=house.clock()) as work:
        SampleBook(work).add(attempt.record(outcome))
        work.commit()
    return outcome


class Attempt:
    """One request, and what is known of it so far."""

    def __init__(self, wish: Wish, product: Product, principal: Principal, house: House, caps: Caps) -> None:
        self._wish, self._product, self._principal = wish, product, principal
        self._house, self._caps = house, caps
        self._site: Site | None = None
        self._policy = self._detail = ""

    def outcome(self) -> Outcome:
        """What is answered."""
        wish = self._wish
        if not may(self._principal, Action.SAMPLE):
            return AccessDenied("role", f"`{self._principal.id}` may not {Action.SAMPLE}.")
        if not 1 <= wish.rows <= self._caps.rows:
            return LimitExceeded(Limit.ROWS, f"Ask for 1 to {self._caps.rows} rows.", self._caps.rows)
        try:
            where = {"environment": wish.environment, "dataset": wish.dataset}
            self._site = site(self._product, wish.port, **where, principal=self._principal, house=self._house)
            return self._at_once(self._site)
        except NotThere as reason:
            return SourceUnavailable(reason.reason, reason.message)
        except SamplingPolicyInvalid as reason:
            self._detail = reason.detail
            return AccessDenied(reason.code, reason.title)
        except SourceFailed as reason:
            self._detail = reason.told
            return _failed(reason, self._caps)

    def _at_once(self, here: Site) -> Outcome:
        """The sample, where there are not too many under way already."""
        if not self._house.sampling.acquire(blocking=False):
            most = self._house.sampling_at_once
            return LimitExceeded(Limit.AT_ONCE, f"{most} samples are taken already; try again.", most)
        try:
            with reading(here.place(self._house), self._caps) as source:
                return self._judged(here, source)
        finally:
            self._house.sampling.release()

    def _judged(self, here: Site, source: Reading) -> Outcome:
        columns = source.columns()
        ruling = self._ruling(here, columns)
        if ruling.denied:
            told_why = "; ".join(ruling.denied)
            return AccessDenied("policy", f"The sampling policy denies it: {told_why}.", ruling.denied)
        tags = {one.name: here.declared.tags_of(one.name) for one in columns}
        visible = told.columns_of(columns, ruling.treatments, tags)
        wanted = None if self._wish.columns is None else {one.casefold() for one in self._wish.columns}
        shown = tuple(one for one in visible if wanted is None or one.name.casefold() in wanted)
        if not shown:
            return AccessDenied("nothing-shown", "None of these columns may be shown.")
        masking = Masking({one.name: one.treatment for one in shown})
        rows = source.rows(masking.read, rows=self._wish.rows + 1, cell=self._caps.cell) if masking.read else ()
        table = told.table(rows, masking, rows=self._wish.rows, caps=self._caps)
        names = {one.name.casefold() for one in shown}
        missing = tuple(one for one in self._wish.columns or () if one.casefold() not in names)
        hidden = len(columns) - len(visible)
        return Sample(here.product.version, here.environment, here.dataset, shown, table, hidden, missing)

    def _ruling(self, here: Site, columns: tuple[SourceColumn, ...]) -> Ruling:
        policy = self._house.sampling_policy
        self._policy = policy.revision
        return policy.ruling(self._question(here, columns))

    def _question(self, here: Site, columns: tuple[SourceColumn, ...]) -> dict[str, Json]:
        """What the sampling policy sees as `input`: everything but the data."""
        product, port, asker = here.product, here.port, self._principal
        listed = ("fqn", "version", "status", "domain", "owner", "tags")
        return {
            "principal": {"id": asker.id, "roles": sorted(asker.roles), "domains": sorted(asker.domains)},
            "product": {name: getattr(product, name) for name in listed},
            "port": {
                "name": here.name,
                "platform": port.platform,
                "services_type": port.services_type,
                "tags": port.tags,
            },
            "environment": here.environment,
            "dataset": here.dataset,
            "purpose": self._wish.purpose,
            "columns": [here.declared.shown_to_the_policy(one.name) for one in columns],
            "now": utc_day(self._house.clock()),
        }

    def record(self, outcome: Outcome) -> RecordedSample:
        """What is kept of it: who, what, how, and what came of it, but no data."""
        here, asker, wish = self._site, self._principal, self._wish
        shown = outcome.columns if isinstance(outcome, Sample) else ()
        return RecordedSample(
            id=uuid.uuid4().hex,
            at=self._house.clock(),
            principal=asker.id,
            roles=tuple(sorted(asker.roles)),
            purpose=wish.purpose[:LONGEST_PURPOSE],
            fqn=self._product.fqn,
            version=here.product.version if here else self._product.version,
            domain=self._product.domain,
            port=wish.port[:200],
            dataset=here.dataset if here else (wish.dataset or "")[:200],
            environment=here.environment if here else (wish.environment or "")[:200],
            connector=here.binding.connector if here else "",
            columns=tuple(one.name for one in shown if one.treatment is Treatment.SHOW),
            masked={one.name: str(one.treatment) for one in shown if one.treatment is not Treatment.SHOW},
            rows=len(outcome.table.rows) if isinstance(outcome, Sample) else 0,
            bytes=outcome.table.bytes if isinstance(outcome, Sample) else 0,
            policy=self._policy,
            outcome=_WORDS[type(outcome)],
            reason="" if isinstance(outcome, Sample) else _reason(outcome),
            detail=self._detail,
        )


_WORDS = {Sample: "shown", AccessDenied: "denied", SourceUnavailable: "unavailable", LimitExceeded: "exceeded"}


def _reason(outcome: AccessDenied | SourceUnavailable | LimitExceeded) -> str:
    if isinstance(outcome, LimitExceeded):
        return str(outcome.limit)
    return ": ".join([outcome.reason, *(outcome.reasons if isinstance(outcome, AccessDenied) else ())])


def _failed(reason: SourceFailed, caps: Caps) -> Outcome:
    if reason.failure is Failure.SECONDS:
        return LimitExceeded(Limit.SECONDS, f"The source took more than {caps.seconds:g} seconds.", caps.seconds)
    if reason.failure is Failure.MEMORY:
        return LimitExceeded(Limit.MEMORY, f"Reading took more than {caps.memory_mib} MiB.", caps.memory_mib)
    return SourceUnavailable(str(reason.failure), MESSAGES[reason.failure])
