"""What does somebody see who follows a deployment or has a container looked at, and how does that end?"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable

import pytest
from commands import Ended, Terminal
from doors import product

Run = Callable[..., Ended]


@pytest.fixture
def accepted(terminal: Terminal, run: Run) -> Terminal:
    terminal.write("parcels.yaml", product())
    assert run("submit", "-q", "parcels.yaml").code == 0
    return terminal


def test_who_follows_is_told_each_step_in_a_line_and_ends_with_success(accepted: Terminal, run: Run) -> None:
    ended = run("deploy", "parcels", "--follow")
    assert (ended.code, [line.partition("Z  ")[2] for line in ended.out.splitlines()]) == (
        0,
        [
            "deploy of 1.0.0 to dev is asked for",
            "planning",
            "to be done: create outputports:moved",
            "applying",
            "outputports:moved: create by local-fs",
            "outputports:moved: ready",
            "verifying",
            "succeeded",
        ],
    )
    (one,) = run("deployments", "--json").json["deployments"]
    assert run("deployments").out == (
        f"succeeded        urn:dpds:org.example:dataproducts:parcels:1 1.0.0 in dev  {one['id']}\n"
    )
    assert run("deployments", "list", "--state", "applying").out == "no deployments\n"
    again = run("deployments", "follow", one["id"], "--after", "6")
    assert [line.partition("Z  ")[2] for line in again.out.splitlines()] == ["verifying", "succeeded"]
    assert run("deployments", "follow", one["id"], "--after", "8").code == 0


def test_a_program_is_told_one_event_a_line(accepted: Terminal, run: Run) -> None:
    ended = run("deploy", "parcels", "--follow", "--json")
    events = [json.loads(line) for line in ended.out.splitlines()]
    assert {one["schema"] for one in events} == {"meshgate/deployment-event/1"}
    assert [one["sequence"] for one in events] == list(range(1, 9))
    assert (events[-1]["kind"], events[-1]["state"]) == ("state", "succeeded")


def test_what_fails_ends_with_one_and_says_why(accepted: Terminal, run: Run) -> None:
    accepted.write("environments.yaml", "- name: dev\n  adapters: [{adapter: nowhere}]\n")
    accepted.write("meshgate.yaml", "environments: environments.yaml\n")
    ended = run("deploy", "parcels", "--follow")
    assert (ended.code, "failing: plan-invalid no adapter is called nowhere" in ended.out) == (1, True)
    listed = run("deployments").out.splitlines()
    assert listed[0].startswith("failed_clean     urn:dpds:org.example:dataproducts:parcels:1 1.0.0 in dev")
    assert listed[1].startswith("  plan-invalid no adapter is called nowhere")


def test_what_cannot_be_followed_ends_with_two(accepted: Terminal, run: Run) -> None:
    ended = run("deployments", "follow", "none")
    assert (ended.code, ended.out, "[not-found]" in ended.err) == (2, "", True)


def test_a_server_that_restarts_is_waited_for(accepted: Terminal, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    with accepted.running("serve", "--listen", address, until="serving "):
        assert run("deploy", "parcels", "--server", f"http://{address}").code == 0
        (one,) = run("deployments", "--json", "--server", f"http://{address}").json["deployments"]
    command = accepted.command("deployments", "follow", one["id"], "--server", f"http://{address}")
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=accepted.folder, env=accepted.environment, **told) as follower:  # type: ignore[call-overload]
        assert "It is asked again for what comes after event 0." in follower.stderr.readline()
        with accepted.running("serve", "--listen", address, until="serving "):
            out, _ = follower.communicate(timeout=60)
    assert (follower.returncode, out.splitlines()[-1].partition("Z  ")[2]) == (0, "succeeded")


def test_a_look_ends_with_zero_only_where_all_is_as_it_was_made(accepted: Terminal, run: Run) -> None:
    assert run("deploy", "parcels").code == 0
    (one,) = run("containers", "--json").json["containers"]
    sound = run("containers", "observe", one["id"])
    assert (sound.code, "usable, in sync" in sound.out, "observed 20" in sound.out) == (0, True, True)
    (place,) = (accepted.data_dir / "containers").rglob("parcels_v1")
    shutil.rmtree(place)
    drifted = run("containers", "observe", one["id"], "--json")
    assert (drifted.code, drifted.json["status"], drifted.json["resources"][0]["state"]) == (1, "degraded", "drifted")
    assert "not usable, out of sync" in run("containers").out
    assert run("containers", "observe", "none").code == 2
    assert run("deploy", "parcels").code == 0
    assert run("containers", "observe", one["id"]).code == 0
