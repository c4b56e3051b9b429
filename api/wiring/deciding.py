"""Which policies, which governance and which engine decide here?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.part import part
from api.settings import Settings
from api.wiring.floor import Floor, moment
from engine.errors import SettingsInvalid

if TYPE_CHECKING:
    from api.policy_sources import PolicySources
    from engine.descriptor import Remote
    from engine.model import Bundle
    from engine.policy.embedded import EmbeddedEngine
    from engine.policy.environments import Environment
    from engine.policy.governance import Governance
    from engine.policy.modules import Source
    from engine.policy.port import PolicyEngine
    from engine.policy.rules import Rules
    from engine.policy.workers import Workers

LENT = 1
"""Worker processes for what others have evaluated here (the Open Data Mesh validator); started when first asked."""


class Deciding(Floor):
    """The parts that make a decision; none of them needs a catalog."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], datetime] = moment,
        sources: PolicySources | None = None,
    ) -> None:
        super().__init__(settings, clock=clock)
        self._sources = sources

    @property
    def rules(self) -> Rules:
        """The bundle and the governance that were read here; a flow takes them once, so that both are of one moment.

        What a catalog grants beside them is not in it (`Governing.rules_on`).
        """
        from engine.policy.rules import Rules

        return Rules(self.bundle, self.governance)

    @part
    def policy_sources(self) -> PolicySources:
        """Where the policies come from. Raises SettingsInvalid or BundleInvalid for what is not there or not good."""
        from api.policy_sources import gathered

        return self._sources or gathered(self.settings, now=self.clock())

    @part
    def bundle(self) -> Bundle:
        from api.known_bundles import known

        found = self.policy_sources.modules()
        workers = None if self.settings.opa_url else self.embedded.workers
        made = known(self.settings.cache_dir, found, lambda: _loaded(found, workers))
        self.policy_sources.confirm(made)
        return made

    @part
    def governance(self) -> Governance:
        """The governance folder, else what a bundle carries, else nothing but the environment `dev`."""
        from engine.policy import governance

        carried = self.policy_sources.governance(self.bundle) if self.settings.governance is None else None
        return carried or governance.load(self.settings.governance, self.bundle)

    @part
    def environments(self) -> Mapping[str, Environment]:
        """Environments by name: configured ones, else those of the governance folder (which knows `dev` by itself)."""
        configured = self.settings.environments
        return self.governance.environments if configured is None else _environments(configured)

    def remote(self) -> Remote | None:
        """What fetches for the references of one submission, where the settings list hosts. Raises SettingsInvalid."""
        if not self.settings.reference_hosts:
            return None
        from api.fetching import Fetching
        from api.reference_hosts import ReferenceHosts

        return Fetching(ReferenceHosts.of(self.settings.reference_hosts))

    @part
    def engine(self) -> PolicyEngine:
        if not self.settings.opa_url:
            return self.embedded
        engine = _opa(self.settings)
        self._closing.callback(engine.close)
        return engine

    @contextmanager
    def apart(self) -> Iterator[PolicyEngine]:
        """An engine in this installation for rules that do not hold yet, so that trying them disturbs no decision."""
        from engine.policy.embedded import EmbeddedEngine

        engine = EmbeddedEngine()
        try:
            yield engine
        finally:
            engine.close()

    @part
    def embedded(self) -> EmbeddedEngine:
        """The engine in this installation; its workers read the bundle too, so that they hold it when they are asked.

        The first of them starts up while whoever asked for it goes on.
        """
        from engine.policy.embedded import EmbeddedEngine

        engine = EmbeddedEngine(workers=self.settings.workers)
        self._closing.callback(engine.close)
        engine.start()
        return engine

    @part
    def lent(self) -> Workers:
        """The workers for policies that others hand over with each question: none of them waits for a place of ours."""
        from engine.policy.workers import Workers

        workers = Workers(LENT, memory_mib=512)
        self._closing.callback(workers.close)
        return workers


def _loaded(found: Mapping[str, Source], workers: Workers | None) -> Bundle:
    """Who reads policies is imported only where a bundle is not known yet: it is a tenth of a short command."""
    from engine.policy import bundle

    return bundle.of(found, workers=workers)


def _environments(path: Path) -> Mapping[str, Environment]:
    """The environments of a file of their own. Raises SettingsInvalid or GovernanceInvalid naming file and line."""
    from engine.policy import entries
    from engine.policy.sheets import refused, sheet

    if not path.is_file():
        raise SettingsInvalid(f"`environments`: {path} does not exist.", key="environments")
    read, unreadable = sheet(path, path.parent, kind="environments")
    found, wrong = entries.environments([read] if read else [])
    if breaches := [*unreadable, *wrong]:
        raise refused(breaches)
    return found


def _opa(settings: Settings) -> PolicyEngine:
    """An OPA server; policies are pushed by default only to one on this machine (DESIGN §4, Engines)."""
    from urllib.parse import urlsplit

    from api.auth.loopback import is_loopback
    from engine.policy.opa import OpaServer

    url = settings.opa_url or ""
    way = settings.opa_policies or ("push" if is_loopback(urlsplit(url).hostname or "") else "bundle")
    return OpaServer(url, push=way == "push", token=settings.opa_token)
