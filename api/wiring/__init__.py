"""Which parts does this installation run with? The only place that picks concrete classes.

Every part is built when it is first asked for, and imported only then: `meshgate check` asks for neither the catalog
nor the durable engine, and so never loads them. Each file beside this one wires one storey.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.deploying import Deploying
from api.wiring.fitting import Fitting
from api.wiring.rescanning import Rescanning
from api.wiring.sampling import Sampling
from engine.errors import CatalogUnavailable

if TYPE_CHECKING:
    from api.worker.follower import Follower
    from api.worker.janitor import Janitor
    from api.worker.observer import Observer
    from api.worker.rescanner import Rescanner
    from api.worker.scorer import Scorer
    from api.worker.watcher import Watcher


class House(Deploying, Rescanning, Fitting, Sampling):
    """The parts of one running meshgate. Close it, or use it as a context manager."""

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self) -> None:
        """Build now what every request needs, so that a wrong configuration stops the start and not a request.

        A catalog that cannot be asked stops nothing: `/readyz` says so, and until it can nothing is decided.
        """
        _ = (self.tokens, self.mask, self.engine, self.database, self.remote())
        self.refuse_a_bad_sampling_policy()
        with suppress(CatalogUnavailable):
            _ = (self.rules, self.environments)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everything that works beside requests, in threads of this process, until the end of the block."""
        threads = (self.observer, self.rescanner, self.scorer, self.watcher, self.follower)
        with ExitStack() as works:
            for one in (self.durable, *threads, self.sender, self.granter, self.janitor):
                one.start()
                works.callback(one.stop)
            yield

    @part
    def rescanner(self) -> Rescanner:
        """The thread that decides the catalog again; not started. On SQLite only to be started owning the data."""
        from api.worker.rescanner import Rescanner

        made = Rescanner(self, sole=self.settings.on_sqlite)
        self._closing.callback(made.stop)
        return made

    @part
    def watcher(self) -> Watcher:
        """The thread that asks saved requirements again; not started. On SQLite only to be started owning the data."""
        from api.worker.watcher import Watcher

        made = Watcher(self, sole=self.settings.on_sqlite)
        self._closing.callback(made.stop)
        return made

    @part
    def follower(self) -> Follower:
        """The thread that deploys what is accepted, where an environment wants that; not started."""
        from api.worker.follower import Follower

        made = Follower(self)
        self._closing.callback(made.stop)
        return made

    @part
    def janitor(self) -> Janitor:
        """The thread that looks for what nobody knows; not started."""
        from api.worker.janitor import Janitor

        made = Janitor(self)
        self._closing.callback(made.stop)
        return made

    @part
    def observer(self) -> Observer:
        """The thread that looks at containers; not started. On SQLite only to be started owning the data."""
        from api.worker.observer import Observer

        made = Observer(self, sole=self.settings.on_sqlite)
        self._closing.callback(made.stop)
        return made

    @part
    def scorer(self) -> Scorer:
        """The thread that keeps trust scores up to date; not started."""
        from api.worker.scorer import Scorer

        made = Scorer(self)
        self._closing.callback(made.stop)
        return made
