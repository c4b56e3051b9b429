"""How is a catalog, here or on a server, decided under two sets of rules?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.descriptor.content import of_content
from engine.impact import Case, Comparison
from engine.model import Event, Facts, Identity
from engine.report.impact import Tally

if TYPE_CHECKING:
    from api.cli.talk import Talk
    from engine.policy.rules import Rules

PAGE = 200
Told = Mapping[str, Any]


class Catalog:
    """The subjects of a catalog, page by page; `talk` reaches it."""

    def __init__(self, talk: Talk, *, event: Event, environment: str | None, now: datetime) -> None:
        self._talk, self._event, self._environment, self._now = talk, event, environment, now

    def compared(self, comparison: Comparison) -> Tally:
        """Every product; the facts of the catalog are asked for only where something may differ by them."""
        tally, with_facts = Tally(), comparison.asks_the_catalog
        for told in self._pages(with_facts):
            case = self._case(told)
            if not comparison.may_differ(case):
                tally.add(None)
                continue
            tally.add(comparison.difference(case if with_facts else self._whole(case)))
        return tally

    def past(self, comparison: Comparison, *, count: int, since: datetime | None) -> Tally:
        """The last `count` decisions made since that moment, each judged as of its own moment."""
        tally = Tally()
        for told in self._decisions(count, since):
            case = _past(told)
            tally.add(comparison.difference(case) if comparison.may_differ(case) else None)
        return tally

    def beside(self, rules: Rules) -> Rules:
        """The rules with the waivers and suspensions that the catalog granted, as they hold beside any rules."""
        from engine.policy.governance import joined
        from engine.policy.rules import Rules
        from engine.policy.suspensions import Suspension
        from engine.policy.waivers import Waiver

        told = self._talk.told("GET", "/v1/subjects/granted").body
        waivers = [Waiver(**{**one, **_span(one)}) for one in told["waivers"]]
        suspensions = [Suspension(**{**one, **_span(one)}) for one in told["suspensions"]]
        return Rules(rules.bundle, joined(rules.governance, rules.bundle, waivers=waivers, suspensions=suspensions))

    def _pages(self, with_facts: bool) -> Iterator[Told]:
        after: str | None = ""
        while after is not None:
            asked = {"after": after, "limit": PAGE, "facts": str(with_facts).lower()}
            page = self._talk.told("GET", "/v1/subjects", params=asked).body
            yield from page["subjects"]
            after = page["next"]

    def _whole(self, case: Case) -> Case:
        """The case with its facts, as the catalog has it now."""
        assert case.descriptor.identity is not None
        asked = {"product": case.descriptor.identity.fqn}
        found = self._talk.told("GET", "/v1/subjects", params=asked).body["subjects"]
        return self._case(found[0]) if found else case

    def _case(self, told: Told) -> Case:
        known = told["facts"]
        facts = Facts(
            event=self._event,
            now=self._now,
            environment=self._environment,
            previous=known.get("previous"),
            mesh=known.get("mesh"),
            catalog_revision=known.get("catalog_revision"),
            accepted_at=datetime.fromisoformat(known["accepted_at"]),
            authoritative=True,
        )
        identity = Identity(**told["product"])
        return Case(of_content(told["file"], told["effective"], identity, told["digest"]), facts, told["owner"])

    def _decisions(self, count: int, since: datetime | None) -> Iterator[Told]:
        asked: dict[str, Any] = {"since": since.isoformat()} if since is not None else {}
        while count > 0:
            page = self._talk.told("GET", "/v1/subjects/decided", params={**asked, "limit": min(count, PAGE)}).body
            yield from page["decisions"]
            count -= len(page["decisions"])
            if page["next"] is None:
                return
            asked["after"] = page["next"]


def _span(told: Told) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(told[name]) for name in ("begins", "ends")}


def _past(told: Told) -> Case:
    """What was seen then is what is judged now; since when its line exists is not part of it, so no grace is known."""
    seen = dict(told["input"])
    context = seen.pop("_context")
    facts = Facts(
        event=Event(context["event"]),
        now=datetime.fromisoformat(told["moment"]),
        environment=context["environment"],
        previous=context["previous"],
        mesh=context["mesh"],
        plan=context.get("plan"),
        authoritative=context["mesh"] is not None,
    )
    identity = _identity(told["product"])
    info = seen.get("info")
    owner = info.get("owner") if isinstance(info, dict) else None
    who = str(owner.get("id", "")) if isinstance(owner, dict) else ""
    return Case(of_content("", seen, identity, None), facts, who, decision=told["id"])


def _identity(told: Told | None) -> Identity | None:
    from engine.descriptor.identity import odm_id

    if told is None:
        return None
    names = ("fqn", "id", "namespace", "name", "version", "domain")
    major = int(told["fqn"].rpartition(":")[2])
    return Identity(major=major, odm_id=odm_id(told["fqn"]), **{name: told[name] for name in names})
