"""Do owners hear of changes from `meshgate serve` and `worker` as they subscribed on the command line?"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from commands import MESH, Terminal
from receiver import Receiver, receiver
from standardwebhooks import Webhook


def heard(told: Receiver, count: int) -> None:
    with told.taken:
        assert told.taken.wait_for(lambda: len(told.came) >= count, timeout=120)


def once(told: Receiver, count: int) -> None:
    """The first changes came in order and none came twice; a slow machine's rescan may have added some by the end."""
    assert told.ids == list(range(1, len(told.ids) + 1))
    assert len(told.ids) >= count


def test_a_server_tells_what_was_submitted_since(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    with receiver() as told, terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        terminal.environment["MESHGATE_SERVER"] = address
        made = terminal.run("subscription", "add", told.url, "--kind", "version.*", "--json").json
        assert terminal.run("submit", "--quiet", MESH / "sales").code == 0
        heard(told, 3)
        assert [event["type"] for event in told.events] == ["meshgate.version.accepted.v1"] * 3
        for headers, body in told.came:
            Webhook(made["secret"]).verify(body, headers)
        listed = terminal.run("subscription", "list").out.splitlines()
        assert listed[0].startswith(f"{made['id']}  active, told up to ")
        assert listed[1:] == [f"  {told.url}", "  kinds version.*"]
        assert terminal.run("subscription", "remove", made["id"]).code == 0
        assert terminal.run("subscription", "list").out == "no subscriptions\n"


def test_what_happened_while_no_server_ran_is_told_when_one_does(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    with receiver() as told:
        shown = terminal.run("subscription", "add", told.url)
        assert (shown.code, len(shown.out.splitlines())) == (0, 2)
        assert "it is not told again" in shown.err
        assert terminal.run("submit", "--quiet", MESH / "sales").code == 0
        assert told.came == []
        with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving "):
            heard(told, 6)
        once(told, 6)


def test_an_address_that_may_not_be_told_and_one_that_is_not_there_end_with_2(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    told = terminal.run("subscription", "add", "http://hooks.example.org/")
    assert (told.code, "[subscription-invalid]" in told.err) == (2, True)
    for verb in ("remove", "resume"):
        told = terminal.run("subscription", verb, "nothing")
        assert (told.code, "[not-found]" in told.err) == (2, True)


@pytest.fixture
def postgresql(tmp_path: Path, postgresql_url: str) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.write("subscription.key", "a key of subscriptions that all processes share")
    terminal.environment |= {
        "MESHGATE_DATABASE_URL": postgresql_url,
        "MESHGATE_SUBSCRIPTION_RECEIVERS": "127.0.0.0/8, hooks.inside",
    }
    assert terminal.run("db", "upgrade").code == 0
    return terminal


def test_on_postgresql_workers_tell_each_change_once(postgresql: Terminal) -> None:
    with receiver() as told:
        refused = postgresql.run("subscription", "add", told.url)
        assert (refused.code, "`subscription_key`" in refused.err) == (2, True)
        postgresql.environment["MESHGATE_SUBSCRIPTION_KEY"] = "subscription.key"
        secret = postgresql.run("subscription", "add", told.url, "--json").json["secret"]
        workers = [
            subprocess.Popen(postgresql.command("worker"), cwd=postgresql.folder, env=postgresql.environment)
            for _ in range(2)
        ]
        try:
            assert postgresql.run("submit", "--quiet", MESH / "sales").code == 0
            heard(told, 6)
        finally:
            for worker in workers:
                worker.send_signal(signal.SIGTERM)
            assert [worker.wait(90) for worker in workers] == [0, 0]
        once(told, 6)
        for headers, body in told.came:
            Webhook(secret).verify(body, headers)
