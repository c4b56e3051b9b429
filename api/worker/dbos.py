"""How are deployments carried out so that no crash loses one? With DBOS; this is the only file that imports it.

Its traps and our answers are in docs/decisions (durable engine): an engine of its own, a fresh executor id per start,
a pinned application version, JSON instead of pickle, and our own take-over of dead workers.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable

from dbos import DBOS, DBOSClient, DBOSConfig
from dbos import DBOSPortableJSONSerializer as PortableJson
from sqlalchemy.engine import Connection, Engine

from api.worker.busy import Busy
from api.worker.lease import Lease, Leases
from api.worker.lost import Turns, backlog, named, sorted_out
from api.worker.quiet import warnings_only
from api.worker.store import address_of, engine_of
from catalog.faults import translated
from engine.errors import CatalogUnavailable, GovernanceError
from engine.model import Json
from engine.provision.durable import Action, Backlog, Durable, Script

NAME = "meshgate"
QUEUE = "deployments"
WORKFLOW = "carry_out"
SCHEMA = "dbos"

APPLICATION_VERSION = "deploy-3"
"""Raised when steps change so that a turn in flight could not be replayed: it is then followed by a new turn."""

WAKE_SECONDS = 0.25
"""How often it is looked for turns that are due."""

Wake = Callable[[Durable], object]
"""Hands over the turns that are due."""

Anew = Callable[[str, int], object]
"""Lets a deployment have its next turn, where this one is under way and nobody carries it out to its end."""

FAILED = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

JOIN_SECONDS = 10.0
"""How long `stop` waits for one thread that has nothing left to do."""

log = logging.getLogger("meshgate.worker")


class Interrupted(BaseException):
    """The worker stops at a step border; no Exception, so the engine records no failure and another worker goes on."""


class DbosWorker:
    """The durable engine (`engine.provision.durable.Durable`) on the catalog's database.

    `script` carries out one turn of a deployment, `wake` hands over the turns that are due, `anew` makes one due.
    `sole` says that this process owns the data directory: then every other executor is dead, and its work is taken over
    at once. `stop_seconds` is how long `stop` waits for a running step. One worker at a time may be started in a
    process.
    """

    def __init__(
        self,
        *,
        url: str,
        script: Script,
        wake: Wake,
        anew: Anew,
        sole: bool = False,
        concurrency: int = 4,
        lease_seconds: float = 15.0,
        poll_seconds: float = 0.25,
        stop_seconds: float = 60.0,
    ) -> None:
        self._url = address_of(url)
        self._script = script
        self._wake = wake
        self._anew = anew
        self._sole = sole
        self._concurrency = concurrency
        self._poll_seconds = poll_seconds
        self._stop_seconds = stop_seconds
        self._busy = Busy()
        self._engine: Engine = engine_of(self._url)
        self._leases = Leases(self._engine, seconds=lease_seconds)
        self._client = DBOSClient(
            system_database_engine=self._engine,
            dbos_system_schema=SCHEMA,
            serializer=PortableJson(),
            application_name=NAME,
            retry_connection_errors=False,  # else who asks waits for as long as the database is down
            lazy=True,
        )
        self._stopping = threading.Event()
        self._rescuer: threading.Thread | None = None
        self._rescuing = threading.Lock()
        self._executor_id = ""
        self._before: set[int | None] = set()
        self._renewed = 0.0

    # --- the port ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make or migrate DBOS's tables and queue; not inside a unit of work (SQLite has one writer).

        Raises CatalogUnavailable.
        """
        warnings_only()
        with translated():
            DBOS.migrate(self._url, schema=SCHEMA)
            self._client.register_queue(
                QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=self._poll_seconds
            )

    def enqueue(self, connection: object, deployment_id: str, *, turn: int = 1) -> None:
        """Hand over a turn of a deployment inside the caller's transaction; both together name the workflow."""
        assert isinstance(connection, Connection)
        self._client.enqueue_in_transaction(
            connection,
            {
                "queue_name": QUEUE,
                "workflow_name": WORKFLOW,
                "workflow_id": f"{deployment_id}:{turn}",
                "app_version": APPLICATION_VERSION,
            },
            deployment_id,
        )

    def start(self) -> None:
        """Launch under a new executor id, take over what dead workers left, and begin to work."""
        self.prepare()
        self._before = {thread.ident for thread in threading.enumerate()}
        self._stopping.clear()
        self._executor_id = f"{NAME}-{uuid.uuid4()}"
        self._renew()
        DBOS(config=self._config())

        @DBOS.workflow(name=WORKFLOW)
        def carry_out(deployment_id: str) -> None:
            with self._busy:
                self._script(deployment_id, self._step)

        DBOS.listen_queues([QUEUE])
        DBOS.launch()
        self._rescuer = threading.Thread(target=self._keep_watch, name="meshgate-rescuer", daemon=True)
        self._rescuer.start()

    def stop(self) -> None:
        """Stop at the next step border, leave no thread and no connection; a worker that never started may stop too.

        What is unfinished waits for the next worker.
        """
        if self._rescuer is not None:
            self._stopping.set()
            self._rescuer.join()
            self._rescuer = None
            if not self._busy.wait_until_idle(self._stop_seconds):
                log.warning("a step did not end in time; the next worker repeats it")
            DBOS.destroy(destroy_registry=True)
            self._wait_for_threads()
            self._leases.release(self._executor_id)
        self._engine.dispose()

    def rescue(self) -> int:
        """Take over what dead workers left (`api.worker.lost`); one rescuer at a time in the whole mesh."""
        with self._rescuing, self._leases.exclusive() as mine:
            if not mine:
                return 0
            lost = self._turns(self._living())
            again, anew = ([one.workflow_id for one in some] for some in (lost.again, lost.anew))
            if again:
                self._client.resume_workflows(again, queue_name=QUEUE)
            for one in anew:  # first, so that a crash before the next line leaves work for the next rescuer
                self._anew(*named(one))
            if anew:
                self._client.cancel_workflows(anew)
            if again or anew:
                log.warning("took over %d deployments of dead workers, %d of them anew", len(again + anew), len(anew))
            return len(again) + len(anew)

    def backlog(self) -> Backlog:
        """What was handed over and has not ended, and who is there to do it. Raises CatalogUnavailable."""
        with translated():
            leases = self._living()
            return backlog(self._turns(leases), leases, self._leases.clock())

    def oldest_waiting(self) -> float | None:
        """Seconds for which the oldest unclaimed or orphaned turn has been waiting; None when none waits.

        Raises CatalogUnavailable.
        """
        seen = self.backlog()
        return max((*seen.unclaimed, *seen.orphaned), default=None)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _config(self) -> DBOSConfig:
        return {
            "name": NAME,
            "system_database_url": self._url,
            "system_database_engine": self._engine,
            "dbos_system_schema": SCHEMA,
            "application_version": APPLICATION_VERSION,
            "executor_id": self._executor_id,
            "serializer": PortableJson(),
            "log_level": "WARNING",
            "use_listen_notify": False,
            "enable_otlp": False,
            "max_executor_threads": self._concurrency + 4,
        }

    def _step(self, name: str, action: Action) -> Json:
        if self._stopping.is_set():
            raise Interrupted(name)

        def fenced() -> Json:
            self._refuse_when_lost(name)
            return action()

        return DBOS.run_step(
            {
                "name": name,
                "retries_allowed": True,
                "max_attempts": 10,
                "interval_seconds": 0.5,
                "backoff_rate": 2.0,
                "should_retry": _may_pass,
            },
            fenced,
        )

    def _refuse_when_lost(self, name: str) -> None:
        """Let a worker that slept beyond its lease see whether its work is still its own before it touches anything."""
        if self._sole or time.monotonic() - self._renewed < self._leases.seconds:
            return
        self._renew()
        found = self._client.list_workflows(workflow_ids=[str(DBOS.workflow_id)], load_input=False, load_output=False)
        if not found or (found[0].status, found[0].executor_id) != ("PENDING", self._executor_id):
            raise Interrupted(name)

    def _renew(self) -> None:
        self._leases.renew(self._executor_id, APPLICATION_VERSION)
        self._renewed = time.monotonic()

    def _living(self) -> list[Lease]:
        """What the workers said last; who owns the data knows that all others are dead, however lately they did."""
        leases = self._leases.all()
        if not self._sole:
            return leases
        return [one if one.executor_id == self._executor_id else one._replace(alive=False) for one in leases]

    def _turns(self, leases: list[Lease]) -> Turns:
        found = self._client.list_workflows(
            name=WORKFLOW, status=["PENDING", "ENQUEUED"], load_input=False, load_output=False
        )
        return sorted_out(found, leases, version=APPLICATION_VERSION)

    def _keep_watch(self) -> None:
        """Renew our lease, rescue and wake, for ever: one failed round must never end the watch (provisioning §3.2)."""
        rescued, tried = 0.0, False
        while True:
            try:
                tried = tried or self._tried_again()
                if time.monotonic() - rescued >= self._leases.seconds / 3:
                    self._renew()
                    rescued = time.monotonic()
                    self.rescue()
                self._wake(self)
            except Exception:
                log.exception("a round of the rescuer failed; the next one follows")
            if self._stopping.wait(max(self._poll_seconds, WAKE_SECONDS)):
                return

    def _tried_again(self) -> bool:
        """Let deployments whose turn failed for a fault of ours have another one: who starts may know how by now."""
        for one in self._client.list_workflows(name=WORKFLOW, status=FAILED, load_input=False, load_output=False):
            self._anew(*named(one.workflow_id))
        return True

    def _wait_for_threads(self) -> None:
        """Wait for the threads that DBOS started: its own shutdown does not."""
        for thread in threading.enumerate():
            mine = thread.ident not in self._before and thread is not threading.current_thread()
            if mine and thread.name.startswith(("dbos-", "queue-worker-")):
                thread.join(JOIN_SECONDS)


def _may_pass(error: BaseException) -> bool:
    """Whether a failed step is worth another try: our own errors say what is wrong, a database may come back."""
    return isinstance(error, CatalogUnavailable) or not isinstance(error, GovernanceError)
