"""Which durable engine and which adapters make containers here?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.part import part
from api.wiring.governing import Governing
from engine.errors import SettingsInvalid

if TYPE_CHECKING:
    from api.flows.deploying.bench import Bench
    from api.flows.deploying.calling_back import CallingBack
    from api.flows.deploying.site import Site
    from api.worker.granter import Granter
    from catalog.access_sets import AccessSets
    from catalog.builds import Builds
    from catalog.callbacks import Callbacks
    from catalog.followers import Followers
    from engine.model import Json
    from engine.policy.environments import Environment
    from engine.provision.durable import Durable
    from engine.provision.registry import Registry


class Deploying(Governing):
    """The parts that carry out deployments of what was cleared."""

    @part
    def durable(self) -> Durable:
        """The durable engine with its tables made; on SQLite only to be asked for while owning the data.

        It is stopped with the house at the latest, started or not: even to enqueue it holds connections of its own.
        """
        from api.flows.carry_out import carry_out
        from api.flows.deploying.waking import again, wake
        from api.worker.dbos import DbosWorker

        durable = DbosWorker(
            url=self.settings.database,
            script=partial(carry_out, site=self.site),
            wake=partial(wake, self.database),
            anew=partial(again, database=self.database),
            sole=self.settings.on_sqlite,
        )
        with ExitStack() as unless_ready:
            unless_ready.callback(durable.stop)
            durable.prepare()
            self._closing.push(unless_ready.pop_all())
        return durable

    @part
    def site(self) -> Site:
        """What every step of a deployment and everything else that asks adapters works with."""
        from api.flows.deploying.site import Site

        back = self._calling_back()
        return Site(self.database, self.registry, self.own_environments, self._bench, calling_back=back)

    @part
    def granter(self) -> Granter:
        """The thread that gives ports the grants that hold for them; not started."""
        from api.worker.granter import Granter

        made = Granter(self.site, self.clock)
        self._closing.callback(made.stop)
        return made

    @part
    def access_sets(self) -> AccessSets:
        from catalog.access_sets import AccessSets

        return AccessSets(self.database)

    @property
    def places(self) -> Mapping[str, Environment]:
        """The environments that there are, each as this installation reaches it."""
        own = self.own_environments
        return {name: own.get(name, one) for name, one in self.environments.items()}

    def _bench(self) -> Bench:
        """By which rules and with which engine a deployment is judged again before it changes the world."""
        from api.flows.deploying.bench import Bench

        return Bench(self.rules_on, self.engine, self.clock)

    @part
    def registry(self) -> Registry:
        """The adapters that are built in or installed; `local-fs` makes containers below the data directory."""
        from api.destinations import Destinations
        from api.secret_references import resolved
        from api.worker.asking import HttpAsk
        from engine.provision.registry import Registry, asking_over

        allowed = Destinations.of(self.settings.adapter_hosts, key="adapter_hosts")
        directory = {"local-fs": {"directory": str(self.containers_dir)}}
        told = partial(_told, self)
        return Registry.installed(defaults=directory, built_in=asking_over(HttpAsk(allowed), told), secrets=resolved)

    @part
    def callbacks(self) -> Callbacks:
        """The addresses that were given out to be called back."""
        from catalog.callbacks import Callbacks

        return Callbacks(self.database)

    @part
    def followers(self) -> Followers:
        """How far the environments are that deploy what is accepted."""
        from catalog.followers import Followers

        return Followers(self.database)

    @part
    def builds(self) -> Builds:
        """What was built of versions."""
        from catalog.builds import Builds

        return Builds(self.database)

    def _calling_back(self) -> CallingBack | None:
        """Where platforms may call back; None where the server has no public address. Raises SettingsInvalid."""
        from api.flows.deploying.calling_back import CallingBack

        url = self.settings.public_url
        if url is None:
            return None
        parts = urlsplit(url)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or "@" in parts.netloc
            or parts.query
            or parts.fragment
        ):
            told = "`public_url`: this is no address such as https://meshgate.example.org."
            raise SettingsInvalid(told, key="public_url")
        return CallingBack(url.rstrip("/"), self.callbacks)

    @property
    def containers_dir(self) -> Path:
        """Where the `local-fs` adapter makes containers."""
        return self.settings.data_dir / "containers"


def _told(house: Deploying, resource_id: str, generation: int) -> Json:
    """What called back; the catalog is opened only where somebody wants to know."""
    return house.callbacks.told(resource_id, generation)
