"""Is anything ever accepted that was not truly checked, whatever happens to engines and policies?

Every submission is drawn at random: a good or a bad product, under a fault of the server or of a policy. What is
accepted must be good and must have been judged for real; everything else must be told as what it is.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import faulty_opa
import pytest
import rego
from doors import a_client, a_house, product, submit
from faulty_opa import FaultyOpa
from starlette.testclient import TestClient

from api.wiring import House
from engine.policy.breaker import CircuitBreaker
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer

SEED = 20261126
DEADLINE = 0.4
PATIENCE = 60.0
"""Far more than two deadlines: what waits for ever is found, and a busy machine is not."""

FEW, MANY = 300, 10_000


@contextmanager
def before(engine: Any, house: House) -> Iterator[TestClient]:
    house.__dict__["engine"] = engine
    with closing(engine):
        yield a_client(house)


def accepted(house: House) -> set[str]:
    """The names of the products that the catalog holds, each with a decision under which every policy ran."""
    from sqlalchemy import text

    found = "SELECT d.fqn, d.outcome FROM version v JOIN decision d ON d.id = v.decision_id"
    with house.database.reading() as connection:
        rows = connection.execute(text(found)).all()
    assert {row.outcome for row in rows} <= {"accepted"}
    return {row.fqn.split(":")[-2] for row in rows}


def remaining(before: set[threading.Thread]) -> list[str]:
    """The names of the threads begun since then that do not end: one that is about to is waited for."""
    begun = set(threading.enumerate()) - before
    for thread in begun:
        thread.join(PATIENCE)
    return [thread.name for thread in begun if thread.is_alive()]


class Campaign:
    """Submissions one after the other, each with what it met and how it ended."""

    def __init__(self, client: TestClient, seed: int = SEED) -> None:
        self._client, self.chance = client, random.Random(seed)
        self.ended: Counter[tuple[str, bool, int]] = Counter()
        self.stored: set[str] = set()
        self._count = 0

    def submit(self, fault: str, content: Callable[[str, bool], bytes]) -> None:
        good = self.chance.random() < 0.7
        self._count += 1
        name = f"{'good' if good else 'bad'}-{self._count}"
        begun = time.monotonic()
        status = submit(self._client, content(name, good)).status_code
        assert time.monotonic() - begun < PATIENCE, fault
        self.ended[fault, good, status] += 1
        if status == 201:
            self.stored.add(name)

    def statuses(self, *faults: str) -> set[int]:
        return {status for fault, _, status in self.ended if fault in faults}


def plain(name: str, good: bool) -> bytes:
    """A product; a bad one has an owner in form only, so that nothing but a policy can tell."""
    return product(name, owner="jo@example.org" if good else '" "')


def under_faults_of_the_server(house: House, opa_url: str, count: int) -> None:
    with closing(OpaServer(opa_url, push=True)) as direct:
        policies = sorted(house.bundle.policies)
        direct.evaluate(house.bundle, policies, {"_context": {"policies": policies}})
    threads = set(threading.enumerate())
    with closing(FaultyOpa(opa_url)) as opa:
        breaker = CircuitBreaker(limit=5, pause=0.001)
        engine = OpaServer(opa.url, push=False, deadline=DEADLINE, cap=1 << 18, breaker=breaker)
        with before(engine, house) as client:
            run = Campaign(client)
            for _ in range(count):
                # most modes are quick; those that take the whole deadline are drawn less often
                weights = [1 if mode in ("hang", "drip") else 8 for mode in faulty_opa.MODES]
                opa.mode = run.chance.choices(faulty_opa.MODES, weights)[0]
                run.submit(opa.mode, plain)
            opa.mode = faulty_opa.WELL
            assert submit(client, plain("after-all", good=True)).status_code == 201
    run.stored.add("after-all")
    assert accepted(house) == run.stored
    assert run.stored <= opa.truly
    assert not any(name.startswith("bad") for name in run.stored)
    lying = [mode for mode in faulty_opa.MODES if mode not in faulty_opa.HONEST]
    assert {mode for mode, _, _ in run.ended} == set(faulty_opa.MODES), "every fault has to be met"
    assert run.statuses(*lying) <= {500, 503}
    assert run.statuses(faulty_opa.WELL) <= {201, 422, 503}, "503 while the breaker gives the server a rest"
    assert run.ended[faulty_opa.WELL, True, 201] > count // 100
    assert not remaining(threads), "a fault leaves no thread behind"


def woken(fault: str, rest: str = "") -> str:
    """The condition under which a faulty policy does what it should not: its name in `x-fault`."""
    return f'input["x-fault"] == "{fault}"{"; " * bool(rest)}{rest}'


POLICY_FAULTS = {
    "conflict": rego.violation("twofold > 0")
    + f"\n\ntwofold := 1 if {woken('conflict')}\n\ntwofold := 2 if {woken('conflict')}",
    "builtin": rego.violation(woken("builtin", 'to_number("zz") > 1')),
    "malformed": f'violation contains {{"code": "wrong", "msg": "no path"}} if {woken("malformed")}',
    "no boolean": f"allow := true if not {woken('no boolean')}\n\nallow := input.info.name if {woken('no boolean')}",
    "loop": rego.violation(
        woken("loop", "many := numbers.range(1, 100000); count([1 | some a in many; a in many]) < 0")
    ),
    "memory": rego.violation(
        woken("memory", 'some n in numbers.range(1, 400); count(sprintf("%099999999d", [n])) == n')
    ),
    "panic": rego.violation(woken("panic", 'strings.count(input.info.name, "") > 100')),
}
ONLY_EMBEDDED = {"memory", "panic"}
"""Nothing of ours bounds the memory of somebody's OPA server, and OPA does not panic where regorus does."""
OWNER = rego.violation('trim_space(input.info.owner.id) == ""')


def broken(fault: str) -> Callable[[str, bool], bytes]:
    """A product that wakes the fault; none where the fault is `well`."""
    line = f'\nx-fault: "{fault}"\n'.encode() if fault != faulty_opa.WELL else b""
    return lambda name, good: plain(name, good) + line


def under_faults_of_policies(house: House, engine: Any, faults: list[str], count: int) -> None:
    with before(engine, house) as client:
        run = Campaign(client)
        for _ in range(count):
            weights = [1 if fault in ("loop", "memory") else 5 for fault in faults]
            fault = run.chance.choices(faults, weights)[0]
            run.submit(fault, broken(fault))
        assert submit(client, plain("after-all", good=True)).status_code == 201, "the workers are well afterwards"
    assert accepted(house) == run.stored | {"after-all"}
    assert run.statuses(*(fault for fault in faults if fault != faulty_opa.WELL)) <= {500, 503}
    assert {fault for fault, _, _ in run.ended} == set(faults), "every fault has to be met"
    assert run.ended[faulty_opa.WELL, True, 201] == len(run.stored) > 0
    # on a busy machine even a good policy may not answer within so short a deadline: then nothing is decided
    assert {201, 422} <= run.statuses(faulty_opa.WELL) <= {201, 422, 500, 503}
    assert run.ended[faulty_opa.WELL, True, 422] == 0


@pytest.fixture
def faulty_house(tmp_path: Path) -> Iterator[House]:
    policies = {"mesh.trial.owner": OWNER}
    policies |= {f"mesh.trial.{fault.replace(' ', '_')}": rules for fault, rules in POLICY_FAULTS.items()}
    folder = rego.write(tmp_path / "policies", policies)
    with a_house(tmp_path / "data", policies=[str(folder)]) as house:
        yield house


def test_faults_of_the_server_let_nothing_pass(house: House, opa_url: str) -> None:
    under_faults_of_the_server(house, opa_url, FEW)


def test_faults_of_policies_let_nothing_pass_on_the_embedded_engine(faulty_house: House) -> None:
    engine = EmbeddedEngine(deadline=DEADLINE, memory_mib=256)
    under_faults_of_policies(faulty_house, engine, [faulty_opa.WELL, *POLICY_FAULTS], FEW // 3)


def test_faults_of_policies_let_nothing_pass_on_an_opa_server(faulty_house: House, opa_url: str) -> None:
    engine = OpaServer(opa_url, push=True, deadline=DEADLINE)
    faults = [faulty_opa.WELL, *(fault for fault in POLICY_FAULTS if fault not in ONLY_EMBEDDED)]
    under_faults_of_policies(faulty_house, engine, faults, FEW // 3)


@pytest.mark.long
def test_ten_thousand_submissions_let_nothing_pass(house: House, faulty_house: House, opa_url: str) -> None:
    under_faults_of_the_server(house, opa_url, MANY * 8 // 10)
    engine = EmbeddedEngine(deadline=DEADLINE, memory_mib=256)
    under_faults_of_policies(faulty_house, engine, [faulty_opa.WELL, *POLICY_FAULTS], MANY * 2 // 10)


def test_a_server_that_is_down_or_refuses_lets_nothing_pass(house: House) -> None:
    """A port where nobody listens, and one that takes the connection and lets it go."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        refusing = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=_let_go, args=(listener,), daemon=True).start()
        for url in ("http://127.0.0.1:9", refusing):
            with before(OpaServer(url, push=False, deadline=DEADLINE), house) as client:
                assert {submit(client, plain(f"p{n}", good=True)).status_code for n in range(8)} == {503}
    assert accepted(house) == set()


def _let_go(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            listener.accept()[0].close()
