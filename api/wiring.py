"""Which parts does this installation run with? The only place that picks concrete classes.

Every part is built when it is first asked for, and imported only then: `meshgate check` asks for neither the catalog
nor the durable engine, and so never loads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from api import settings as configuration
from api.part import part
from api.settings import Settings
from engine.errors import SettingsInvalid

if TYPE_CHECKING:
    from api.auth.tokens import Tokens
    from api.flows.bundles import Released
    from api.policy_sources import PolicySources
    from catalog.changes import Changes
    from catalog.containers import Containers
    from catalog.database import Database
    from catalog.decisions import Decisions
    from catalog.lineage import Lineage
    from catalog.products import Products
    from catalog.search import Search
    from catalog.together import Together
    from engine.model import Bundle
    from engine.policy.embedded import EmbeddedEngine
    from engine.policy.environments import Environment
    from engine.policy.governance import Governance
    from engine.policy.port import PolicyEngine
    from engine.provision.durable import Durable
    from engine.provision.registry import Registry


def moment() -> datetime:
    return datetime.now(UTC)


class House:
    """The parts of one running meshgate. Close it, or use it as a context manager."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], datetime] = moment,
        sources: PolicySources | None = None,
    ) -> None:
        self.settings = settings or configuration.read()
        self.clock = clock
        self.building = RLock()
        self._closing = ExitStack()
        self._sources = sources

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every part that was built: policy workers, connections."""
        self._closing.close()

    def prepare(self) -> None:
        """Build now what every request needs, so that a wrong configuration stops the start and not a request."""
        _ = (self.tokens, self.bundle, self.governance, self.environments, self.engine, self.database)

    # --- deciding -----------------------------------------------------------------------------------------------

    @part
    def policy_sources(self) -> PolicySources:
        """Where the policies come from. Raises SettingsInvalid or BundleInvalid for what is not there or not good."""
        from api.policy_sources import gathered

        if self.settings.verify_key is not None:
            raise SettingsInvalid("`verify_key`: this version cannot verify signatures; leave it unset to go without.")
        return self._sources or gathered(self.settings, now=self.clock())

    @part
    def bundle(self) -> Bundle:
        from engine.policy import bundle

        workers = None if self.settings.opa_url else self._embedded.workers
        made = bundle.of(self.policy_sources.modules(), workers=workers)
        self.policy_sources.confirm(made)
        return made

    @part
    def governance(self) -> Governance:
        """The governance folder, else what a bundle carries, else nothing but the environment `dev`."""
        from engine.policy import governance

        carried = self.policy_sources.governance(self.bundle) if self.settings.governance is None else None
        return carried or governance.load(self.settings.governance, self.bundle)

    @part
    def released(self) -> Released:
        """The bundle that others can pull, with the waivers as they were when they were read here."""
        from api.flows.bundles import Released

        held = replace(self.governance, environments=dict(self.environments))
        return Released.of(self.bundle, held, taken=self.clock())

    @part
    def environments(self) -> Mapping[str, Environment]:
        """Environments by name: configured ones, else those of the governance folder (which knows `dev` by itself)."""
        configured = self.settings.environments
        return self.governance.environments if configured is None else _environments(configured)

    @part
    def engine(self) -> PolicyEngine:
        if not self.settings.opa_url:
            return self._embedded
        engine = _opa(self.settings)
        self._closing.callback(engine.close)
        return engine

    @part
    def _embedded(self) -> EmbeddedEngine:
        """The engine in this installation; its workers read the bundle too, so that they hold it when they are asked.

        The first of them starts up while whoever asked for it goes on.
        """
        from engine.policy.embedded import EmbeddedEngine

        engine = EmbeddedEngine(workers=self.settings.workers)
        self._closing.callback(engine.close)
        engine.start()
        return engine

    # --- who asks -----------------------------------------------------------------------------------------------

    @part
    def tokens(self) -> Tokens | None:
        """The tokens that a server accepts; None when no file is configured."""
        from api.auth import tokens

        return tokens.load(self.settings.tokens) if self.settings.tokens else None

    # --- the catalog --------------------------------------------------------------------------------------------

    @part
    def database(self) -> Database:
        """The catalog's database. SQLite is brought to the newest schema here; PostgreSQL waits for its operator."""
        from catalog.database import Database

        if self.settings.on_sqlite:
            self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(self.settings.database)
        self._closing.callback(database.close)
        if self.settings.on_sqlite:
            database.upgrade()
        return database

    @part
    def products(self) -> Products:
        from catalog.products import Products

        return Products(self.database)

    @part
    def decisions(self) -> Decisions:
        from catalog.decisions import Decisions

        return Decisions(self.database)

    @part
    def search(self) -> Search:
        from catalog.search import Search

        return Search(self.database)

    @part
    def lineage(self) -> Lineage:
        from catalog.lineage import Lineage

        return Lineage(self.database)

    @part
    def changes(self) -> Changes:
        from catalog.changes import Changes

        return Changes(self.database)

    @part
    def together(self) -> Together:
        """Reads of many things by their ids, for answers that hold many."""
        from catalog.together import Together

        return Together(self.database)

    @contextmanager
    def owning_the_data(self, *, address: str = "") -> Iterator[None]:
        """Hold the data directory while writing to SQLite; PostgreSQL needs no such thing. Raises DataDirectoryBusy."""
        from api.data_directory import owned

        if not self.settings.on_sqlite:
            yield
            return
        with owned(self.settings.data_dir, address=address):
            yield

    # --- deploying ----------------------------------------------------------------------------------------------

    @part
    def durable(self) -> Durable:
        """The durable engine with its tables made; on SQLite only to be asked for while owning the data.

        It is stopped with the house at the latest, started or not: even to enqueue it holds connections of its own.
        """
        from functools import partial

        from api.flows.carry_out import carry_out
        from api.flows.deploying.site import Site
        from api.worker.dbos import DbosWorker

        site = Site(self.database, self.registry, self.environments)
        durable = DbosWorker(
            url=self.settings.database, script=partial(carry_out, site=site), sole=self.settings.on_sqlite
        )
        with ExitStack() as unless_ready:
            unless_ready.callback(durable.stop)
            durable.prepare()
            self._closing.push(unless_ready.pop_all())
        return durable

    @part
    def registry(self) -> Registry:
        """The adapters that are built in or installed; `local-fs` makes containers below the data directory."""
        from engine.provision.registry import Registry

        return Registry.installed(defaults={"local-fs": {"directory": str(self.containers_dir)}})

    @part
    def containers(self) -> Containers:
        from catalog.containers import Containers

        return Containers(self.database)

    @property
    def containers_dir(self) -> Path:
        """Where the `local-fs` adapter makes containers."""
        return self.settings.data_dir / "containers"


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
