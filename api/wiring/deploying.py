"""Which durable engine and which adapters make containers here?"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.governing import Governing

if TYPE_CHECKING:
    from api.flows.deploying.site import Site
    from engine.provision.durable import Durable
    from engine.provision.registry import Registry


class Deploying(Governing):
    """The parts that carry out deployments of what was cleared."""

    @part
    def durable(self) -> Durable:
        """The durable engine with its tables made; on SQLite only to be asked for while owning the data.

        It is stopped with the house at the latest, started or not: even to enqueue it holds connections of its own.
        """
        from functools import partial

        from api.flows.carry_out import carry_out
        from api.flows.deploying.waking import wake
        from api.worker.dbos import DbosWorker

        durable = DbosWorker(
            url=self.settings.database,
            script=partial(carry_out, site=self.site),
            wake=partial(wake, self.database),
            sole=self.settings.on_sqlite,
        )
        with ExitStack() as unless_ready:
            unless_ready.callback(durable.stop)
            durable.prepare()
            self._closing.push(unless_ready.pop_all())
        return durable

    @part
    def site(self) -> Site:
        """What the steps of deployments work with, and who looks at what they made."""
        from api.flows.deploying.site import Site

        return Site(self.database, self.registry, self.own_environments)

    @part
    def registry(self) -> Registry:
        """The adapters that are built in or installed; `local-fs` makes containers below the data directory."""
        from api.flows.telling.receivers import Receivers
        from api.worker.asking import HttpAsk
        from engine.provision.registry import Registry, asking_over

        allowed = Receivers.of(self.settings.adapter_hosts, key="adapter_hosts")
        directory = {"local-fs": {"directory": str(self.containers_dir)}}
        return Registry.installed(defaults=directory, built_in=asking_over(HttpAsk(allowed)))

    @property
    def containers_dir(self) -> Path:
        """Where the `local-fs` adapter makes containers."""
        return self.settings.data_dir / "containers"
