"""Does the embedded engine survive what policies can do to the process that evaluates them?"""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rego

from engine.errors import PolicyEngineUnavailable
from engine.model import Answer, Bundle, PolicyFailure
from engine.policy import bundle as bundles
from engine.policy import query, turns, worker
from engine.policy.embedded import EmbeddedEngine

CALM = "trial.calm"
LOOP = "trial.loop"
MEMORY = "trial.memory"
PANIC = "trial.panic"
ODM = "trial.odm"
MISSING = "trial.missing"

POLICIES = {
    CALM: rego.violation("input.bad"),
    LOOP: rego.violation("input.loop; many := numbers.range(1, 100000); count([1 | some a in many; a in many]) < 0"),
    MEMORY: rego.violation('input.memory; some n in numbers.range(1, 400); count(sprintf("%099999999d", [n])) == n'),
    PANIC: rego.violation('strings.count(input.text, "") > 100'),
    ODM: "allow := input.allowed",
}
PROBE = """
import json, os, sys
print(json.dumps([dict(os.environ), sys.flags.isolated, sorted(os.listdir("/proc/self/fd"))]))
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundles.load([rego.write(tmp_path_factory.mktemp("policies"), POLICIES)])


@pytest.fixture
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(deadline=2.0, memory_mib=256)
    yield made
    made.close()


def ask(engine: EmbeddedEngine, bundle: Bundle, *policies: str, **content: object) -> dict[str, Answer]:
    return engine.evaluate(bundle, policies, {**content, "_context": {"policies": list(policies)}})


def gone(pid: int) -> bool:
    """Whether the process ends before the patience does (one that nobody has buried yet has ended)."""
    return _until(lambda: not Path(f"/proc/{pid}").exists() or _status(pid)[0] == "Z")


def _status(pid: int) -> list[str]:
    """What the system tells about the process, from its state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["Z", *["0"] * 20]


def _until(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize(
    ("policy", "content", "reason"),
    [
        (LOOP, {"loop": True}, "it did not finish within 1."),
        (MEMORY, {"memory": True}, ""),
        (PANIC, {"text": "abc"}, ""),
    ],
)
def test_a_policy_that_runs_away_fails_alone_and_the_next_question_is_answered(
    engine: EmbeddedEngine, bundle: Bundle, policy: str, content: dict[str, object], reason: str
) -> None:
    first = ask(engine, bundle, CALM)
    before = engine.workers.pids()
    told = ask(engine, bundle, CALM, policy, **content)
    assert first == {CALM: ()}
    assert told[CALM] == ()
    failure = told[policy]
    assert isinstance(failure, PolicyFailure)
    assert reason in failure.reason
    assert "Stack backtrace" not in failure.reason
    assert all(gone(pid) for pid in before)
    assert ask(engine, bundle, CALM, policy) == {CALM: (), policy: ()}


def test_memory_beyond_the_limit_ends_the_worker(bundle: Bundle) -> None:
    engine = EmbeddedEngine(deadline=20.0, memory_mib=128)
    try:
        failure = ask(engine, bundle, MEMORY, memory=True)[MEMORY]
    finally:
        engine.close()
    assert isinstance(failure, PolicyFailure)
    assert "128 MiB of memory" in failure.reason, "whoever reads it learns what was too little"
    assert "did not finish" not in failure.reason


def test_many_runaway_policies_together_do_not_multiply_the_time(tmp_path: Path) -> None:
    loops = {f"trial.loop{n}": POLICIES[LOOP] for n in range(12)}
    found = bundles.load([rego.write(tmp_path, {**loops, CALM: POLICIES[CALM]})])
    engine = EmbeddedEngine(deadline=0.5)
    try:
        told = ask(engine, found, *loops, loop=True)
    finally:
        engine.close()
    reasons = [failure.reason for failure in told.values() if isinstance(failure, PolicyFailure)]
    assert len(reasons) == 12
    assert turns.NOT_ASKED in reasons  # truly: so many leave no time for the last


def test_a_healthy_policy_answers_however_many_before_it_run_away(tmp_path: Path) -> None:
    loops = {f"trial.loop{n}": POLICIES[LOOP] for n in range(6)}
    healthy = "trial.zebra"
    found = bundles.load([rego.write(tmp_path, {**loops, healthy: POLICIES[CALM]})])
    engine = EmbeddedEngine(deadline=5.0)
    try:
        told = ask(engine, found, *loops, healthy, loop=True)
    finally:
        engine.close()
    assert told.pop(healthy) == ()
    failures = [failure.reason for failure in told.values() if isinstance(failure, PolicyFailure)]
    assert len(failures) == 6
    assert all("it did not finish" in reason for reason in failures)


def test_a_rule_of_another_type_is_no_answer_and_no_pass(engine: EmbeddedEngine, bundle: Bundle) -> None:
    assert ask(engine, bundle, ODM, allowed=True) == {ODM: ()}
    failure = ask(engine, bundle, ODM, allowed="yes")[ODM]
    assert isinstance(failure, PolicyFailure)
    assert "no set of findings" in failure.reason


def test_a_missing_builtin_fails_its_policy(engine: EmbeddedEngine, bundle: Bundle) -> None:
    """Lint refuses it at load; this is the second lock on the same door."""
    path = "trial/calm/calm.rego"
    text = rego.policy(CALM, rego.violation("crypto.sha256(input.bad) != input.bad"))
    written = query.write("sha256:altered", {CALM: ["violation"]})
    altered = Bundle("sha256:altered", bundle.policies, {path: text, query.PATH: written})
    failure = ask(engine, altered, CALM, bad="x")[CALM]
    assert isinstance(failure, PolicyFailure)
    assert "crypto.sha256" in failure.reason


def test_modules_that_regorus_does_not_read_are_an_engine_error(engine: EmbeddedEngine, bundle: Bundle) -> None:
    broken = Bundle("sha256:broken", bundle.policies, {"a.rego": "package a\n\nx if {"})
    with pytest.raises(PolicyEngineUnavailable, match=r"does not load bundle sha256:broken: a\.rego:3:7: expecting"):
        ask(engine, broken, CALM)


def test_a_conflict_is_told_in_one_line_with_its_place(engine: EmbeddedEngine, tmp_path: Path) -> None:
    rules = rego.violation("twofold > 0") + "\n\ntwofold := 1 if input.bad\n\ntwofold := 2 if input.bad"
    found = bundles.load([rego.write(tmp_path, {CALM: rules})])
    told = ask(engine, found, CALM, bad=True)
    line = 1 + rego.policy(CALM, rules).splitlines().index("twofold := 2 if input.bad")
    file = "trial/calm/calm.rego"
    reason = f"{file}:{line}:1: rule conflicts with rule at {file}:{line - 2}:1"
    assert told == {CALM: PolicyFailure(CALM, reason)}


def test_the_worker_is_isolated_and_sees_no_environment_and_no_open_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MESHGATE_SECRET", "hunter2")
    program = tmp_path / "probe.py"
    program.write_text(PROBE)
    monkeypatch.setattr(worker, "PROGRAM", program)
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        probe = worker.Worker(memory_mib=64)
        told = b""
        while not told.endswith(b"\n"):
            told += probe._read(1, time.monotonic() + 10, 10)
        probe.stop()
    environment, isolated, files = json.loads(told)
    assert [name for name in environment if name != "LC_CTYPE"] == []
    assert isolated == 1
    assert files == ["0", "1", "2", "3"]  # 3 is the listing itself


def test_the_worker_program_imports_only_the_standard_library_and_regorus() -> None:
    imported = set()
    for node in ast.walk(ast.parse(worker.PROGRAM.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    assert imported - set(sys.stdlib_module_names) == {"regorus"}


def test_the_system_itself_ends_a_worker_that_runs_on_after_its_deadline(bundle: Bundle) -> None:
    engine = EmbeddedEngine(deadline=5.0)
    try:
        ask(engine, bundle, CALM)
        (pid,) = engine.workers.pids()
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    finally:
        engine.close()
    (seconds,) = [int(line.split()[3]) for line in limits if line.startswith("Max cpu time")]
    assert 5 < seconds < 15


def test_without_the_wheel_the_error_points_to_opa(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: Bundle
) -> None:
    program = tmp_path / "embedded_worker.py"
    program.write_text(worker.PROGRAM.read_text().replace("import regorus\n", "import regorus_absent as regorus\n"))
    monkeypatch.setattr(worker, "PROGRAM", program)
    engine = EmbeddedEngine()
    try:
        with pytest.raises(PolicyEngineUnavailable) as caught:
            ask(engine, bundle, CALM)
    finally:
        engine.close()
    assert "the package regorus cannot be imported" in caught.value.detail
    assert "run an OPA server and set opa_url" in caught.value.detail


def test_a_worker_killed_from_outside_is_replaced_and_no_policy_is_blamed(
    engine: EmbeddedEngine, bundle: Bundle
) -> None:
    ask(engine, bundle, CALM)
    (pid,) = engine.workers.pids()
    os.kill(pid, signal.SIGKILL)
    assert _until(lambda: _status(pid)[0] == "Z")
    assert ask(engine, bundle, CALM) == {CALM: ()}
    assert engine.workers.pids() != [pid]


def test_closing_leaves_no_process_even_with_a_question_under_way(bundle: Bundle) -> None:
    engine = EmbeddedEngine(workers=2, deadline=60)
    ask(engine, bundle, CALM)
    raised: list[Exception] = []

    def loop() -> None:
        try:
            ask(engine, bundle, LOOP, loop=True)
        except PolicyEngineUnavailable as error:
            raised.append(error)

    (idle,) = engine.workers.pids()
    caller = threading.Thread(target=loop)
    caller.start()
    _until(lambda: _busy(idle))
    pids = engine.workers.pids()
    engine.close()
    caller.join(10)
    assert [str(error) for error in raised] == ["the embedded engine is closed"]
    assert all(gone(pid) for pid in pids)
    assert engine.workers.pids() == []


def _busy(pid: int) -> bool:
    """Whether the process has used half a second of processor time."""
    fields = _status(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 0.5


def test_a_worker_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, signal; from engine.policy.workers import Workers; workers = Workers(1, memory_mib=256)\n"
        "with workers.one(patience=10) as worker: print(worker.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(worker.PROGRAM).parents[2]
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=False)
    assert gone(int(told.stdout))


def test_several_bundles_are_held_side_by_side(engine: EmbeddedEngine, tmp_path: Path) -> None:
    found = [
        bundles.load(
            [rego.write(tmp_path / str(n), {CALM: rego.violation(f"input.bad == {n}")})], workers=engine.workers
        )
        for n in range(6)
    ]
    for _ in range(2):
        told = [ask(engine, one, CALM, bad=3)[CALM] for one in found]
        assert [len(answer) for answer in told if isinstance(answer, tuple)] == [0, 0, 0, 1, 0, 0]


def test_the_version_is_that_of_the_wheel() -> None:
    engine = EmbeddedEngine()
    assert (engine.name, engine.version) == ("embedded", "0.13.0")
    engine.close()
