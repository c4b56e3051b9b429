"""How does `meshgate cancel` end, and what does it say, however the deployment stands that it is asked to stop?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bad_days import BadDays, served


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadDays]:
    with served(tmp_path_factory.mktemp("served")) as days:
        yield days


def place(name: str, environment: str = "dev") -> str:
    return f"urn:dpds:org.example:dataproducts:{name}:1 1.0.0 in {environment}"


def test_one_that_runs_turns_back_and_what_it_made_is_gone(days: BadDays) -> None:
    days.accept("runs")
    days.is_in("slow", "runs")
    deployment = days.begun("runs", "applying")
    stopped = days.run("cancel", deployment, "--reason", "changed my mind")
    assert (stopped.code, stopped.out) == (0, f"cancelled_clean: {place('runs')}: changed my mind\n")
    assert f"{place('runs')}: cancelled_clean\n" in stopped.err
    line = "urn:dpds:org.example:dataproducts:runs:1"
    assert days.run("containers", "--product", line).out == "no containers\n"


def test_who_does_not_wait_is_told_that_it_turns_back_and_may_ask_again(days: BadDays) -> None:
    days.accept("hasty")
    days.is_in("slow", "hasty")
    deployment = days.begun("hasty", "applying")
    first = days.run("cancel", deployment, "--no-wait")
    assert (first.code, first.err) == (0, "")
    assert first.out.partition(": ")[0] in ("cancelling", "cancelled_clean")
    assert first.out.endswith(f"{place('hasty')}: cancelled by local\n")
    followed = days.run("deployments", "follow", deployment)
    assert (followed.code, "cancelled_clean" in followed.out.splitlines()[-1]) == (1, True)


def test_what_cannot_be_undone_ends_with_one(days: BadDays) -> None:
    days.accept("sticks")
    days.is_in("slow", "sticks")
    days.is_in("stuck", "sticks")
    deployment = days.begun("sticks", "applying")
    stopped = days.run("cancel", deployment, "--reason", "too slow")
    assert (stopped.code, stopped.out.partition(": ")[0]) == (1, "cancelled_dirty")
    assert stopped.out.startswith(f"cancelled_dirty: {place('sticks')}: ")
    assert days.container("sticks")["status"] == "needs_cleanup"


def test_one_that_waits_for_an_approval_ends_without_it(days: BadDays) -> None:
    days.accept("waits")
    asked = days.run("deploy", "waits", "-e", "prod", "--json")
    assert (asked.code, asked.json["state"]) == (2, "awaiting_approval")
    stopped = days.run("cancel", asked.json["id"], "--reason", "not today")
    assert (stopped.code, stopped.out) == (0, f"cancelled_clean: {place('waits', 'prod')}: not today\n")
    late = days.run("approve", asked.json["id"], "--plan", asked.json["plan"]["digest"])
    assert (late.code, "[not-awaiting-approval]" in late.err) == (2, True)


def test_one_that_has_ended_cannot_be_stopped_and_stays_as_it_is(days: BadDays) -> None:
    days.accept("over", job=False)
    done = days.run("deploy", "over", "--json").json
    late = days.run("cancel", done["id"], "--reason", "too late")
    assert (late.code, late.out) == (2, "")
    assert late.err.startswith(f"meshgate: The deployment {done['id']} is succeeded. [deployment-ending]\n")
    (one,) = days.run("deployments", "--limit", "1", "--json").json["deployments"]
    assert (one["id"], one["state"], one["reason"]) == (done["id"], "succeeded", "")


def test_one_that_was_cancelled_cannot_be_cancelled_again(days: BadDays) -> None:
    days.accept("twice")
    days.is_in("slow", "twice")
    deployment = days.begun("twice", "applying")
    assert days.run("cancel", deployment).code == 0
    again = days.run("cancel", deployment)
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith(f"meshgate: The deployment {deployment} is cancelled_clean. [deployment-ending]\n")


@pytest.mark.parametrize(
    "unknown", ["none", "00000000-0000-4000-8000-000000000000", "../containers", "..", "a/b?c=d#e"]
)
def test_one_that_there_is_not_is_named(days: BadDays, unknown: str) -> None:
    ended = days.run("cancel", unknown)
    assert (ended.code, ended.out) == (2, "")
    assert "[not-found]" in ended.err


def test_what_is_typed_for_an_id_never_leads_to_another_place(days: BadDays) -> None:
    held = days.run("deploy", days.accept("typed", job=False), "--json").json["container_id"]
    for words in (
        ("approve", f"../containers/{held}"),
        ("reject", "..", "--reason", "no"),
        ("deployments", "follow", "../changes?x="),
        ("retire", f"{held}/../{held}"),
        ("containers", "observe", f"./{held}"),
        ("adopt", held, "../..", "legacy"),
    ):
        ended = days.run(*words)
        assert (ended.code, ended.out, "[not-found]" in ended.err) == (2, "", True), (words, ended.err)
    assert days.container("typed")["status"] == "active"
