"""What does a server tell Prometheus of deployments that are under way, and of those who carry them out?"""

from __future__ import annotations

import math

from prometheus_client import CollectorRegistry, Gauge

from api.flows.backlog import KINDS, Work


class Deploying:
    """Gauges of the whole mesh; not numbers when nobody knows, and then there are no labels but those of kinds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"meshgate_{name}", says, labels, registry=registry)

        self._oldest = gauge(
            "deployments_oldest_waiting_seconds",
            "Age of the oldest deployment that waits for somebody; 0 if none waits, NaN if nobody knows",
        )
        self._ages = gauge(
            "deployments_waiting_seconds", "The same by what it waits for: unclaimed, orphaned, overdue, …", "kind"
        )
        self._counts = gauge("deployments_waiting", "Deployments that wait for somebody to go on with them", "kind")
        self._states = gauge("deployments_running", "Deployments that have not ended, by their state", "state")
        self._parked = gauge(
            "deployments_parked", "Deployments that hold no worker, by what they wait for", "waits_for"
        )
        self._carried = gauge("deployments_carried", "Deployments in the hands of a living worker")
        self._workers = gauge("workers", "Living workers, by the application version they carry out", "version")
        self._silent = gauge("worker_silent_seconds", "Seconds since a living worker last renewed its lease", "worker")

    def set(self, work: Work | None) -> None:
        for one in (self._states, self._parked, self._workers, self._silent):
            one.clear()
        for kind in KINDS:
            self._ages.labels(kind).set(math.nan if work is None else work.oldest(kind))
            self._counts.labels(kind).set(math.nan if work is None else len(work.ages[kind]))
        self._oldest.set(math.nan if work is None else max(map(work.oldest, KINDS)))
        self._carried.set(math.nan if work is None else work.carried)
        if work is not None:
            self._labelled(work)

    def _labelled(self, work: Work) -> None:
        for state, count in work.states.items():
            self._states.labels(state).set(count)
        for waits_for, count in work.parked.items():
            self._parked.labels(waits_for).set(count)
        for one in work.workers:
            self._workers.labels(one.version or "unknown").inc()
            self._silent.labels(one.id).set(one.silent_seconds)
