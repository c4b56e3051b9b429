"""Where is what happened kept, and who may ask for it?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.floor import Floor

if TYPE_CHECKING:
    from api.auth.tokens import Tokens
    from catalog.acceptances import Acceptances
    from catalog.access import AccessRequests
    from catalog.changes import Changes
    from catalog.containers import Containers
    from catalog.coverage import Coverage
    from catalog.database import Database
    from catalog.decisions import Decisions
    from catalog.domains import Domains
    from catalog.evolution import Evolution
    from catalog.happenings import Happenings
    from catalog.instants import Instants
    from catalog.lineage import Lineage
    from catalog.lineage.impact import Impacts
    from catalog.lineage.topology import Topologies
    from catalog.lineage.walk import Walks
    from catalog.looks import Looks
    from catalog.opas import Opas
    from catalog.orphans import Orphans
    from catalog.products import Products
    from catalog.published import Published
    from catalog.releases import Releases
    from catalog.search import Search
    from catalog.search.completion import Completions
    from catalog.together import Together
    from catalog.waivers import Waivers


class Remembering(Floor):
    """The catalog with its readers, and the tokens of those who ask."""

    @part
    def tokens(self) -> Tokens | None:
        """The tokens that a server accepts; None when no file is configured."""
        from api.auth import tokens

        return tokens.load(self.settings.tokens) if self.settings.tokens else None

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
    def releases(self) -> Releases:
        from catalog.releases import Releases

        return Releases(self.database)

    @part
    def opas(self) -> Opas:
        from catalog.opas import Opas

        return Opas(self.database)

    @part
    def search(self) -> Search:
        from catalog.search import Search

        return Search(self.database)

    @part
    def completions(self) -> Completions:
        from catalog.search.completion import Completions

        return Completions(self.database)

    @part
    def lineage(self) -> Lineage:
        from catalog.lineage import Lineage

        return Lineage(self.database)

    @part
    def instants(self) -> Instants:
        from catalog.instants import Instants

        return Instants(self.database)

    @part
    def domains(self) -> Domains:
        from catalog.domains import Domains

        return Domains(self.database)

    @part
    def walks(self) -> Walks:
        """Lineage to any depth."""
        from catalog.lineage.walk import Walks

        return Walks(self.database)

    @part
    def evolution(self) -> Evolution:
        """How versions differ, and which brought what."""
        from catalog.evolution import Evolution

        return Evolution(self.database)

    @part
    def impacts(self) -> Impacts:
        """Whom changes of products reach."""
        from catalog.lineage.impact import Impacts

        return Impacts(self.database)

    @part
    def topologies(self) -> Topologies:
        """The shape of the mesh."""
        from catalog.lineage.topology import Topologies

        return Topologies(self.database)

    @part
    def changes(self) -> Changes:
        from catalog.changes import Changes

        return Changes(self.database)

    @part
    def together(self) -> Together:
        """Reads of many things by their ids, for answers that hold many."""
        from catalog.together import Together

        return Together(self.database)

    @part
    def acceptances(self) -> Acceptances:
        from catalog.acceptances import Acceptances

        return Acceptances(self.database)

    @part
    def published(self) -> Published:
        from catalog.published import Published

        return Published(self.database)

    @part
    def waivers(self) -> Waivers:
        from catalog.waivers import Waivers

        return Waivers(self.database)

    @part
    def coverage(self) -> Coverage:
        from catalog.coverage import Coverage

        return Coverage(self.database)

    @contextmanager
    def owning_the_data(self, *, address: str = "") -> Iterator[None]:
        """Hold the data directory while writing to SQLite; PostgreSQL needs no such thing. Raises DataDirectoryBusy."""
        from api.data_directory import owned

        if not self.settings.on_sqlite:
            yield
            return
        with owned(self.settings.data_dir, address=address):
            yield

    @part
    def access_requests(self) -> AccessRequests:
        from catalog.access import AccessRequests

        return AccessRequests(self.database)

    @part
    def orphans(self) -> Orphans:
        """What was found in environments that nobody knows."""
        from catalog.orphans import Orphans

        return Orphans(self.database)

    @part
    def looks(self) -> Looks:
        from catalog.looks import Looks

        return Looks(self.database)

    @part
    def happenings(self) -> Happenings:
        from catalog.happenings import Happenings

        return Happenings(self.database)

    @part
    def containers(self) -> Containers:
        from catalog.containers import Containers

        return Containers(self.database)
