"""Worker processes, one of which kills itself at the Nth moment of a deployment: `python nursery.py URL FOLDER LOG`.

A moment is whatever happens on the way: a step is about to begin, is done, or is remembered; a transaction is about to
commit, or has; an adapter is called, or has changed the world. Nobody lists them: they are what really comes. The file
FOLDER.deadly holds `PRODUCT N`: who carries out this product dies at its Nth moment, once. On standard input `fork`
makes a worker and answers with its process id, `wait PID` answers with how it ended, or with `0` while it lives.
Forking spares each worker the time to import everything.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from deploy_stage import DEPLOYER, Stage
from dying_worker import Diary, die
from sqlalchemy import select

from api.flows.cancel import cancel
from catalog.deployments import DEPLOYMENT
from engine.errors import DeploymentEnding
from engine.model import Json
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.durable import Action, Script, Step


class Moments:
    """Tells the moments of each product to the log, counts those since it is doomed, and dies at the deadly one."""

    def __init__(self, folder: Path, log: Diary) -> None:
        self.log, self.deadly = log, Path(f"{folder}.deadly")
        self.count: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.here = threading.local()
        self.last = ""

    def moment(self, what: str, product: str = "") -> None:
        """One moment of the product that this thread is about."""
        product = product or self.here.product
        with self.lock:
            self.log.note(f"moment {product} {os.getpid()} {what}")
            doomed, _, number = self.deadly.read_text().partition(" ") if self.deadly.exists() else ("", "", "")
            self.count[product] += doomed == product
            if doomed == product and self.count[product] == int(number):
                self.deadly.unlink()
                die()

    def script(self, script: Script, product_of: Callable[[str], str]) -> Script:
        def run(deployment_id: str, step: Step) -> None:
            self.here.step = ""
            self.here.product = self.last = product_of(deployment_id)
            self.here.step = "the start"
            script(deployment_id, lambda name, action: self.stepped(step, name, action))
            self.here.step = "the end"

        return run

    def stepped(self, step: Step, name: str, action: Action) -> Json:
        self.here.step = name

        def acted() -> Json:
            self.moment(f"before {name}")
            answer = action()
            self.moment(f"done {name}")
            return answer

        answer = step(name, acted)
        self.moment(f"remembered {name}")
        return answer

    def commits(self, dialect: Any, *, waking: bool) -> None:
        """Let each commit of a script, and of who wakes the last one, be two moments."""
        commit = dialect.do_commit

        def do_commit(connection: Any) -> None:
            where, product = getattr(self.here, "step", ""), getattr(self.here, "product", "")
            if waking and self.last and threading.current_thread().name == "meshgate-rescuer":
                where, product = "wake", self.last
            if where:
                self.moment(f"before a commit in {where}", product)
            commit(connection)
            if where:
                self.moment(f"after a commit in {where}", product)

        dialect.do_commit = do_commit


class Chaos(LocalFs):
    """local-fs that fails as the product's name says, and tells the log, outside of any database, what it changed."""

    moments: Moments
    stop: Callable[[str], object]

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        product, name = product_of(request), request["component"]["name"]
        self.moments.moment(f"called to apply {name}", product)
        if name == "fill" and self._fails(product, request["container"]["version"]):
            return failed("INVALID")
        if name == "fill" and product.startswith("wobbles") and not self._tried(product):
            return failed("TRANSIENT")
        if name == "fill" and product.startswith("stops"):
            self.stop(product)
        return self._told("apply", request, super().apply(request))

    def destroy(self, ref: dict[str, Any], policy: str) -> dict[str, Any]:
        product, name = product_of(ref), ref["component"]["name"]
        self.moments.moment(f"called to destroy {name}", product)
        if product.startswith("sticks") and name == "store":
            return failed("TRANSIENT")
        return self._told("destroy", ref, super().destroy(ref, policy))

    def _fails(self, product: str, version: str) -> bool:
        return product.startswith(("fails", "sticks")) or (product.startswith("slips") and version != "1.0.0")

    def _tried(self, product: str) -> bool:
        """Whether this is not the first try, also for the next process."""
        sign = Path(f"{self.directory}.{product}")
        if sign.exists():
            return True
        sign.touch()
        return False

    def _told(self, verb: str, request: dict[str, Any], outcome: dict[str, Any]) -> dict[str, Any]:
        component = request["component"]
        if outcome.get("changed"):
            self.moments.log.note(f"effect {verb} {component['fqn']} {request['generation']}")
        self.moments.moment(f"changed the world by {verb} {component['name']}", product_of(request))
        return outcome


def product_of(ref: dict[str, Any]) -> str:
    return str(ref["component"]["fqn"]).split(":")[4]


def failed(error_class: str) -> dict[str, Any]:
    return {"state": "failed", "error": {"class": error_class, "message": "a bad day"}}


def staged(url: str, folder: Path, script: Callable[[Script], Script], adapter: Chaos) -> Stage:
    return Stage(
        url,
        folder,
        adapters={"chaos": lambda config: adapter},
        bindings=(Binding("chaos"),),
        script=script,
        lease_seconds=2.0,
        poll_seconds=0.2,
    )


def about(stage: Stage, deployment_id: str) -> str:
    """The product of a deployment."""
    with stage.database.reading() as connection:
        found = select(DEPLOYMENT.c.fqn).where(DEPLOYMENT.c.id == deployment_id).limit(1)
        return str(connection.execute(found).scalar_one()).split(":")[-2]


def stopped(stage: Stage, product: str) -> None:
    """Cancel the deployment of this product, as somebody does who does not like what is being made."""
    with stage.database.reading() as connection:
        found = select(DEPLOYMENT.c.id).where(DEPLOYMENT.c.fqn.like(f"%:{product}:%")).limit(1)
        asked = str(connection.execute(found).scalar_one())
    with suppress(DeploymentEnding):
        cancel(asked, reason="", principal=DEPLOYER, database=stage.database)


def work(url: str, folder: Path, log: Diary) -> None:
    """Be a worker until somebody kills it."""
    moments = Moments(folder, log)
    adapter = Chaos({"directory": str(folder)})
    adapter.moments = moments
    stage = staged(url, folder, lambda script: moments.script(script, lambda one: about(stage, one)), adapter)
    adapter.stop = partial(stopped, stage)
    moments.commits(stage.database.bind.dialect, waking=True)
    moments.commits(stage.worker._engine.dialect, waking=False)
    stage.worker.start()
    signal.pause()


def main(url: str, folder: str, log: str) -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        word, *number = line.split()
        if word == "wait":
            pid, status = os.waitpid(int(number[0]), os.WNOHANG)
            print(os.waitstatus_to_exitcode(status) if pid else 0, flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            work(url, Path(folder), Diary(Path(log)))
        print(pid, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
